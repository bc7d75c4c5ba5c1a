"""Relative error reduction: how many of the teacher's errors the other systems avoid."""

from collections.abc import Mapping

from distill.records import Row
from distill.report.arf.scoring import TITLES
from distill.report.scores import Score, Scores
from distill.stats.intervals import Estimate
from distill.stats.tables import Table, reduction_cell
from distill.tasks.summarize import taxonomy

ALL = "all errors"
FIELDS = ["reduction", "reduction_low", "reduction_high", "undefined"]
NOTE = (
    "Relative error reduction: 1 - errors of the system / errors of the teacher, in the same test"
    " rows, with its 95% bootstrap interval; below 0 the system makes more of them. All errors:"
    " each code once a summary. Resamples in which the teacher makes no such error have no value;"
    " they are left out and counted."
)

Key = tuple[str, str, str]  # measure, channel, code or ALL
Reductions = Mapping[Key, Mapping[str, Estimate]]  # by system


def find(scores: Scores, teacher: str) -> Reductions:
    """Return the reductions of all systems, for each code of which the teacher has an error."""
    return {
        (measure, channel, code): {
            system: scores.reduction(
                measure, system, teacher, channel, None if code == ALL else code
            )
            for system in scores.systems(measure)
            if system != teacher
        }
        for measure in scores.by
        for channel in scores.channels
        for code in _codes(scores, measure, teacher, channel)
    }


def _codes(scores: Scores, measure: str, teacher: str, channel: str) -> list[str]:
    by_id = scores.by[measure][teacher][channel]
    found = {code for row in scores.shared(measure, channel) for code in _of(by_id, row)}
    return [*(code for code in taxonomy.load() if code in found), *([ALL] if found else [])]


def _of(by_id: Mapping[str, Score], row_id: str) -> tuple[str, ...]:
    return by_id[row_id].codes if row_id in by_id else ()


def rows(reductions: Reductions) -> list[Row]:
    """Return one row per measure, system, channel and code, with FIELDS."""
    found = []
    for (measure, channel, code), by_system in reductions.items():
        for system, estimate in by_system.items():
            rounded = estimate.rounded()
            values = (rounded[name] for name in ("value", "low", "high", "undefined"))
            head = {"measure": measure, "of": system, "channel": channel, "code": code}
            found.append(head | dict(zip(FIELDS, values, strict=True)))
    return found


def tables(reductions: Reductions) -> list[Table]:
    """Return a table per measure and channel: a row a code, a column a system."""
    found: dict[tuple[str, str], dict[str, Mapping[str, Estimate]]] = {}
    for (measure, channel, code), by_system in reductions.items():
        found.setdefault((measure, channel), {})[code] = by_system
    return [
        Table(
            f"Relative error reduction, {_lower(TITLES[measure])}: {channel}",
            ["Error", *next(iter(by_code.values()))],
            [
                [code, *(reduction_cell(estimate) for estimate in by_system.values())]
                for code, by_system in by_code.items()
            ],
        )
        for (measure, channel), by_code in found.items()
    ]


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]
