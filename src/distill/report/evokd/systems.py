"""Dataset versions as systems: an arm after a number of rounds, once for each seed."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from distill import paths, records, tasks
from distill.errors import InputError
from distill.params.evokd import Augmented, EvoKD, Round, Shots
from distill.records import Row
from distill.stats import classes, macro, spans
from distill.stats.classes import Counts
from distill.tasks import entities

SHOTS, FULL = "shots", "full"


@dataclass(frozen=True)
class Trained:
    """The student of one version: what the version took, and its counts on the test rows."""

    version: str
    channel: str
    system: str
    round: int
    seed: int
    texts: int
    tokens: int
    counts: macro.Table


Key = tuple[str, str, int]  # channel, system, round


def named(params: EvoKD, version: str) -> Key:
    """Return a version's channel, its system, and its round.

    The system is the arm of a round, `by` of a baseline, and shots or full for labelled rows.
    """
    entry = params.versions[version]
    if isinstance(entry, Shots):
        return entry.channel, FULL if entry.number is None else SHOTS, 0
    if isinstance(entry, Augmented):
        return entry.channel, entry.by, 0
    number = sum(isinstance(params.versions[name], Round) for name in params.chain(version))
    return entry.channel, entry.arm, number


def load(params: EvoKD) -> list[Trained]:
    """Return the students of all versions; raises InputError for answers of other rows."""
    tests = {
        channel: list(records.read(params.rows(channel, "test"))) for channel in params.channels
    }
    found = []
    for version in params.versions:
        channel, system, number = named(params, version)
        spent = json.loads(paths.spent(version).read_text(encoding="utf-8"))
        labels = params.channels[channel].labels
        found.append(
            Trained(
                version,
                channel,
                system,
                number,
                params.seed_of(version),
                spent["texts"],
                spent["tokens"],
                macro.table(answers(version, tests[channel], labels), labels),
            )
        )
    return found


def answers(version: str, tests: list[Row], labels: list[str]) -> list[Mapping[str, Counts]]:
    """Return the counts of each test row; a row without a usable answer is answered wrong."""
    said = {row["id"]: row["output"] for row in records.read(paths.predictions(version))}
    if unknown := said.keys() - {row["id"] for row in tests}:
        raise InputError(
            f"{paths.predictions(version)}: {min(unknown)} is no test row; run `dvc repro` again"
        )
    return [counted(row, said.get(row["id"]), labels) for row in tests]


def counted(row: Row, output: str | None, labels: Iterable[str]) -> Mapping[str, Counts]:
    """Return the counts of one row."""
    try:
        answer = None if output is None else tasks.parser(row)(output)
    except ValueError:
        answer = None
    if row["task"] == "entities":
        return spans.counts(row["gold"], entities.spans(answer) if answer else [])
    return classes.counts([row["gold"]], [answer], labels)


def grouped(trained: Iterable[Trained]) -> dict[Key, dict[int, Trained]]:
    """Return the students by system and seed; raises InputError for two of one name and seed."""
    found: dict[Key, dict[int, Trained]] = defaultdict(dict)
    for one in trained:
        key = (one.channel, one.system, one.round)
        if one.seed in found[key]:
            other = found[key][one.seed].version
            raise InputError(
                f"params.yaml: {one.version} and {other} are both {one.system} after"
                f" {one.round} rounds with seed {one.seed}; give one of them another seed or arm"
            )
        found[key][one.seed] = one
    return dict(found)
