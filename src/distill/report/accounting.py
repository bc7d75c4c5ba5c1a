"""Row accounting: what became of every row of every stage, and what each version consists of."""

import json

from distill import paths, records
from distill.errors import InputError
from distill.params.arf import Params
from distill.params.stages import stages
from distill.records import Row
from distill.stats.tables import EMPTY, Table

TITLE = "Row accounting"


def note(params: Params) -> str:
    """Return how to read the tables, and what the numbers of the report depend on."""
    return (
        "Every row that enters a stage leaves it as ok, as left over (usable, but not needed) or as"
        " quarantined with a reason. SHA-256 is that of a version's shards, one after the other."
        f" Seed {params.seed}, interactions from {params.source}, {params.report.bootstrap}"
        " resamples for every bootstrap interval."
    )


def rows(params: Params) -> list[Row]:
    """Return the ledgers of the stages that params.yaml asks for, in the pipeline's order."""
    return [read(stage.name, stage.key) for stage in stages(params)]


def read(stage: str, key: str) -> Row:
    """Return one ledger; raises InputError where it cannot be read."""
    path = paths.ledger(stage, key)
    try:
        counts: Row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); `dvc repro` makes it") from error
    return counts


def stage_table(ledgers: list[Row]) -> Table:
    """Return a line for each stage and key."""
    return Table(
        "Rows by stage",
        ["Stage", "Key", "In", "Ok", "Left over", "Quarantined"],
        [
            [
                counts["stage"],
                counts["key"],
                str(counts["in"]),
                str(counts["ok"]),
                str(counts.get("left_over", 0)),
                ", ".join(f"{reason} {n}" for reason, n in counts["quarantined"].items()) or EMPTY,
            ]
            for counts in ledgers
        ],
    )


def version_table(params: Params) -> Table:
    """Return a line for each dataset version."""
    parents = {name: revision.parent for name, revision in params.revisions.items()}
    return Table(
        "Dataset versions",
        ["Version", "Parent", "Rows", "SHA-256"],
        [
            [
                name,
                parents.get(name, EMPTY),
                str(records.count(paths.dataset(name))),
                records.digest(paths.dataset(name)),
            ]
            for name in params.versions
        ],
    )
