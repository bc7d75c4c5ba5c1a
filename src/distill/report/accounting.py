"""Row accounting: what became of every row of every stage, and what each version consists of."""

import json
from collections.abc import Iterable, Mapping

from distill import paths, records
from distill.errors import InputError
from distill.params.shared import Stage
from distill.records import Row
from distill.stats.tables import EMPTY, Table

TITLE = "Row accounting"
NOTE = (
    "Every row that enters a stage leaves it as ok, as left over (usable, but not needed) or as"
    " quarantined with a reason. SHA-256 is that of a version's shards, one after the other."
)


def rows(stages: Iterable[Stage]) -> list[Row]:
    """Return the stages' ledgers."""
    return [read(stage.name, stage.key) for stage in stages]


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


def version_table(parents: Mapping[str, str]) -> Table:
    """Return a line for each dataset version; `parents` maps them to their parents or ""."""
    return Table(
        "Dataset versions",
        ["Version", "Parent", "Rows", "SHA-256"],
        [
            [
                name,
                parent or EMPTY,
                str(records.count(paths.dataset(name))),
                records.digest(paths.dataset(name)),
            ]
            for name, parent in parents.items()
        ],
    )
