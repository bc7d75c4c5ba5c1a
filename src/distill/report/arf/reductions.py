"""Relative error reduction: how many of the teacher's errors the other systems avoid."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from distill.records import Row
from distill.report.arf.scoring import TITLES
from distill.report.scores import Scores
from distill.stats.intervals import Estimate
from distill.stats.tables import Table, reduction_cell
from distill.tasks.summarize import taxonomy

ALL = "all errors"
LEAST = 5  # errors of the teacher that a code of the tables has
FIELDS = ["reduction", "reduction_low", "reduction_high", "undefined"]
NOTE = (
    "Relative error reduction: 1 - errors of the system / errors of the teacher, in the same test"
    " rows, with its 95% bootstrap interval; below 0 the system makes more of them. All errors:"
    " each code once a summary. Resamples in which the teacher makes no such error have no value;"
    " they are left out and counted. Codes of which the teacher has fewer than 5 errors are in"
    " errors.csv alone."
)


class Reduction(NamedTuple):
    """The reductions of a code's errors, or of ALL, by system; `errors` are the teacher's."""

    measure: str
    channel: str
    code: str
    errors: int
    by_system: Mapping[str, Estimate]


def find(scores: Scores, teacher: str) -> list[Reduction]:
    """Return the reductions of all systems, for each code of which the teacher has an error."""
    return [
        Reduction(*key, errors, _by_system(scores, teacher, *key))
        for measure in scores.by
        for channel in scores.channels
        for code, errors in _errors(scores, measure, teacher, channel)
        for key in [(measure, channel, code)]
    ]


def _by_system(
    scores: Scores, teacher: str, measure: str, channel: str, code: str
) -> dict[str, Estimate]:
    named = None if code == ALL else code
    return {
        system: scores.reduction(measure, system, teacher, channel, named)
        for system in scores.systems(measure)
        if system != teacher
    }


def _errors(scores: Scores, measure: str, teacher: str, channel: str) -> Iterator[tuple[str, int]]:
    by_id = scores.by[measure][teacher][channel]
    rows = [by_id[row_id] for row_id in scores.shared(measure, channel) if row_id in by_id]
    counts = Counter(code for score in rows for code in set(score.codes))
    yield from ((code, counts[code]) for code in taxonomy.load() if counts[code])
    if counts:
        yield ALL, counts.total()


def rows(reductions: Sequence[Reduction]) -> list[Row]:
    """Return one row per measure, system, channel and code, with FIELDS."""
    found = []
    for one in reductions:
        for system, estimate in one.by_system.items():
            rounded = estimate.rounded()
            values = (rounded[name] for name in ("value", "low", "high", "undefined"))
            head = {"measure": one.measure, "of": system, "channel": one.channel, "code": one.code}
            found.append(head | dict(zip(FIELDS, values, strict=True)))
    return found


def tables(reductions: Sequence[Reduction]) -> list[Table]:
    """Return a table per measure and channel: a row a frequent code, a column a system."""
    shown = [one for one in reductions if one.errors >= LEAST or one.code == ALL]
    return [
        _table(f"Relative error reduction, {TITLES[measure].lower()}: {channel}", list(some))
        for (measure, channel), some in groupby(shown, lambda one: (one.measure, one.channel))
    ]


def _table(title: str, some: Sequence[Reduction]) -> Table:
    lines = [
        [one.code, str(one.errors), *map(reduction_cell, one.by_system.values())] for one in some
    ]
    return Table(title, ["Error", "Of the teacher", *some[0].by_system], lines)
