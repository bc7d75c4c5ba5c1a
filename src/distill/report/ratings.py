"""Mean ratings of systems and their differences to the systems that they are compared with."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from distill.records import Row
from distill.report.scores import Scores
from distill.stats.intervals import Estimate
from distill.stats.tables import Bold, Table, delta_cell, mean_cell

References = Mapping[str, Mapping[str, str]]  # system -> name of a reference -> reference's system

_SPREAD = ("low", "high", "p", "n")
PLOT_FIELDS = ["system", "channel", "measure", "mean", "low", "high", "n"]


def means(scores: Scores, measure: str) -> dict[str, dict[str, float | None]]:
    """Return system -> channel -> mean rating, for `dvc metrics`."""
    return {
        system: {
            channel: scores.mean(measure, system, channel).rounded()["value"]
            for channel in scores.channels
        }
        for system in scores.by[measure]
    }


def effects(scores: Scores, references: References) -> list[Row]:
    """Return the paired differences (metrics/effects.json) of systems that share rows."""
    found = [
        {
            "channel": channel,
            "measure": measure,
            "system": system,
            "against": against,
            **_delta(scores.difference(measure, system, other, channel)),
        }
        for measure in scores.by
        for channel in scores.channels
        for system, others in references.items()
        for against, other in others.items()
    ]
    return [effect for effect in found if effect["n"]]


def _delta(estimate: Estimate) -> Row:
    rounded = estimate.rounded()
    return {"delta": rounded.pop("value"), **{name: rounded[name] for name in _SPREAD}}


class View(NamedTuple):
    """The systems of one table, and their references; `columns` are names of references."""

    systems: Sequence[str]
    references: References
    columns: Sequence[str]

    def fields(self) -> list[str]:
        """Return the fields of `rows`."""
        deltas = [f"{of}_{name}" for of in self.columns for name in ("delta", *_SPREAD)]
        return ["measure", "system", "channel", "n", "mean", "low", "high", *deltas]


def rows(scores: Scores, view: View) -> list[Row]:
    """Return one row per measure, system and channel, with the fields of the view."""
    return [
        _row(scores, measure, system, channel, view.references.get(system, {}))
        for measure in scores.by
        for system in view.systems
        for channel in scores.channels
    ]


def _row(scores: Scores, measure: str, system: str, channel: str, others: Mapping[str, str]) -> Row:
    estimate = scores.mean(measure, system, channel).rounded()
    row = {
        "measure": measure,
        "system": system,
        "channel": channel,
        "n": estimate["n"],
        "mean": estimate["value"],
        "low": estimate["low"],
        "high": estimate["high"],
    }
    for name, other in others.items():
        delta = _delta(scores.difference(measure, system, other, channel))
        row |= {f"{name}_{field}": value for field, value in delta.items()}
    return row


def table(title: str, scores: Scores, measure: str, view: View) -> Table:
    """Return a row a system: for each channel the mean, and a column for each name in `columns`.

    The last name is the reference whose mean a mark says to be exceeded.
    """
    header = ["System"]
    for channel in scores.channels:
        header += [channel, *(f"Δ {name}" for name in view.columns)]
    lines = []
    for system in view.systems:
        line = [system]
        for channel in scores.channels:
            line += _cells(scores, measure, system, channel, view)
        lines.append(line)
    return Table(title, header, lines)


def _cells(scores: Scores, measure: str, system: str, channel: str, view: View) -> list[str]:
    estimate = scores.mean(measure, system, channel)
    others = view.references.get(system, {})
    deltas = [
        scores.difference(measure, system, others[name], channel) if name in others else None
        for name in view.columns
    ]
    cell = mean_cell(estimate, _mark(deltas[-1]))
    best = max(scores.mean(measure, other, channel).value or 0 for other in view.systems)
    return [Bold(cell) if estimate.value == best else cell, *map(delta_cell, deltas)]


def _mark(delta: Estimate | None) -> str:
    """Return "*" for a positive difference, "**" where its interval excludes 0."""
    if delta is None or delta.value is None or delta.value <= 0:
        return ""
    return "**" if delta.low is not None and delta.low > 0 else "*"
