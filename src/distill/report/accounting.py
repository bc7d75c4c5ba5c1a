"""Every row of every stage: in = ok + quarantined, by reason."""

import json

from distill import paths
from distill.errors import InputError
from distill.params.arf import Params
from distill.params.stages import stages
from distill.records import Row
from distill.stats.tables import EMPTY, Table

TITLE = "Where every row went"


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


def table(ledgers: list[Row]) -> Table:
    """Return one line a stage and key."""
    return Table(
        "Rows of every stage",
        ["Stage", "Key", "In", "Ok", "Quarantined"],
        [
            [
                counts["stage"],
                counts["key"],
                str(counts["in"]),
                str(counts["ok"]),
                ", ".join(f"{reason} {n}" for reason, n in counts["quarantined"].items()) or EMPTY,
            ]
            for counts in ledgers
        ],
    )
