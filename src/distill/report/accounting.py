"""Every row of every stage: in = ok + quarantined, by reason."""

import json

from distill import paths
from distill.errors import InputError
from distill.params import Params
from distill.records import Row
from distill.stats.tables import EMPTY, Table

TITLE = "Where every row went"


def rows(params: Params) -> list[Row]:
    """Return the ledgers of the stages that params.yaml asks for, in the pipeline's order."""
    return [read(stage, key) for stage, key in _stages(params)]


def _stages(params: Params) -> list[tuple[str, str]]:
    return [
        *(("anonymize", channel) for channel in params.channels),
        ("split", "all"),
        ("label", paths.ORG),
        ("label", paths.TEACHER),
        *(("analyze", version) for version in params.versions),
        *(("revise", version) for version in params.revisions),
        *(("finetune", run) for run in params.runs),
        *(("predict", system) for system in [*params.students, *params.runs]),
        *(("judge", system) for system in params.systems),
    ]


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
