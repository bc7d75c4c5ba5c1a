"""Mean ratings of systems and their differences to the systems that they are compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from distill.records import Row
from distill.report.scores import Scores
from distill.stats.intervals import Estimate
from distill.stats.significance import Equivalence, holm
from distill.stats.tables import EMPTY, Bold, Table, delta_cell, mean_cell, p_cell

References = Mapping[str, Mapping[str, str]]  # system -> name of a reference -> reference's system

LEVEL = 0.05
PLOT_FIELDS = ["system", "channel", "measure", "mean", "low", "high", "n", "seeds"]
_SPREAD = ("delta", "low", "high", "p", "p_holm", "n", "seeds")


class Effect(NamedTuple):
    """A paired difference, its p-value after Holm's correction, and the tests of equivalence."""

    estimate: Estimate
    holm: float | None
    equivalence: Equivalence

    def fields(self) -> Row:
        """Return delta, low, high, p, p_holm, n and seeds for JSON and CSV."""
        row = {**self.estimate.rounded(), "delta": _rounded(self.estimate.value)}
        return {name: row.get(name, _rounded(self.holm)) for name in _SPREAD}


Key = tuple[str, str, str, str]  # measure, channel, system, reference's system
Effects = Mapping[Key, Effect]


class View(NamedTuple):
    """The systems of one table and their references; `columns` are names of references."""

    systems: Sequence[str]
    references: References
    columns: Sequence[str]

    def fields(self) -> list[str]:
        """Return the fields of `rows`."""
        deltas = [f"{of}_{name}" for of in self.columns for name in _SPREAD]
        return ["measure", "system", "channel", "n", "seeds", "mean", "low", "high", *deltas]


def means(scores: Scores, measure: str) -> dict[str, dict[str, float | None]]:
    """Return system -> channel -> mean rating, for `dvc metrics`."""
    return {
        system: {
            channel: scores.mean(measure, system, channel).rounded()["value"]
            for channel in scores.channels
        }
        for system in scores.systems(measure)
    }


def effects(scores: Scores, references: References, margin: float) -> dict[Key, Effect]:
    """Return all differences to references; Holm's correction is over those of one measure."""
    found: dict[Key, Effect] = {}
    for measure in scores.by:
        estimates = {
            (measure, channel, system, other): scores.difference(measure, system, other, channel)
            for channel in scores.channels
            for system, others in references.items()
            for other in others.values()
        }
        adjusted = holm([estimate.p for estimate in estimates.values()])
        for (key, estimate), p in zip(estimates.items(), adjusted, strict=True):
            _, channel, system, other = key
            tests = scores.equivalence(measure, system, other, channel, margin)
            found[key] = Effect(estimate, p, tests)
    return found


def effect_rows(scores: Scores, references: References, known: Effects) -> list[Row]:
    """Return the effects of systems that share rows (metrics/effects.json)."""
    found = [
        {
            "channel": channel,
            "measure": measure,
            "system": system,
            "against": against,
            **(effect := known[measure, channel, system, other]).fields(),
            "against_seeds": len(scores.seeds.get(other, [other])),
            "p_noninferior": _rounded(effect.equivalence.noninferior),
            "p_equivalent": _rounded(effect.equivalence.equivalent),
        }
        for measure in scores.by
        for channel in scores.channels
        for system, others in references.items()
        for against, other in others.items()
    ]
    return [row for row in found if row["n"]]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def rows(scores: Scores, view: View, known: Effects) -> list[Row]:
    """Return one row per measure, system and channel, with the fields of the view."""
    return [
        _row(scores, (measure, system, channel), view, known)
        for measure in scores.by
        for system in view.systems
        for channel in scores.channels
    ]


def _row(scores: Scores, key: tuple[str, str, str], view: View, known: Effects) -> Row:
    measure, system, channel = key
    estimate = scores.mean(*key).rounded()
    row = {
        "measure": measure,
        "system": system,
        "channel": channel,
        "n": estimate["n"],
        "seeds": estimate["seeds"],
        "mean": estimate["value"],
        "low": estimate["low"],
        "high": estimate["high"],
    }
    for name, other in view.references.get(system, {}).items():
        delta = known[measure, channel, system, other].fields()
        row |= {f"{name}_{field}": value for field, value in delta.items()}
    return row


def table(title: str, scores: Scores, measure: str, view: View, known: Effects) -> Table:
    """Return a row a system: for each channel the mean, and a column for each name in `columns`.

    The p-values are Holm's. The last name is the reference whose mean a mark says to be exceeded.
    """
    header = ["System"]
    for channel in scores.channels:
        header += [channel, *(f"Δ {name}" for name in view.columns)]
    lines = []
    for system in view.systems:
        line = [system]
        for channel in scores.channels:
            line += _cells(scores, (measure, system, channel), view, known)
        lines.append(line)
    return Table(title, header, lines)


def _cells(scores: Scores, key: tuple[str, str, str], view: View, known: Effects) -> list[str]:
    measure, system, channel = key
    others, deltas = view.references.get(system, {}), list[Estimate | None]()
    for name in view.columns:
        effect = known[measure, channel, system, others[name]] if name in others else None
        deltas.append(replace(effect.estimate, p=effect.holm) if effect else None)
    estimate = scores.mean(measure, system, channel)
    cell = mean_cell(estimate, _mark(deltas[-1]))
    best = max(scores.mean(measure, other, channel).value or 0 for other in view.systems)
    return [Bold(cell) if estimate.value == best else cell, *map(delta_cell, deltas)]


def _mark(delta: Estimate | None) -> str:
    """Return "*" for a positive difference, "**" where its interval excludes 0."""
    if delta is None or delta.value is None or delta.value <= 0:
        return ""
    return "**" if delta.low is not None and delta.low > 0 else "*"


def equivalence_table(title: str, pairs: Sequence[tuple[str, str]], known: Effects) -> Table:
    """Return the tests against the margin of these pairs of a system and its reference."""
    lines = [
        [
            measure,
            channel,
            system,
            other,
            delta_cell(replace(effect.estimate, p=None)),
            p_cell(effect.equivalence.noninferior),
            p_cell(effect.equivalence.equivalent),
            _verdict(effect.equivalence),
        ]
        for (measure, channel, system, other), effect in known.items()
        if (system, other) in pairs and effect.estimate.n
    ]
    header = ["Measure", "Channel", "System", "Against", "Difference"]
    return Table(title, [*header, "p, not worse", "p, equivalent", "Shown"], lines)


def _verdict(tests: Equivalence) -> str:
    if tests.equivalent is not None and tests.equivalent < LEVEL:
        return "equivalent"
    if tests.noninferior is not None and tests.noninferior < LEVEL:
        return "not worse"
    return EMPTY


def bounds_table(title: str, scores: Scores, systems: Sequence[str]) -> Table | None:
    """Return the bounds of the means of systems with missing ratings; None where none has any."""
    found = {
        (measure, channel, system): scores.bounds(measure, system, channel)
        for measure in scores.by
        for channel in scores.channels
        for system in systems
    }
    lines = [
        [*key, str(bounds.missing), f"{bounds.lowest:.2f} to {bounds.highest:.2f}"]
        for key, bounds in found.items()
        if bounds.missing
    ]
    header = ["Measure", "Channel", "System", "Missing", "Mean of all rows"]
    return Table(title, header, lines) if lines else None


def trainings_table(title: str, scores: Scores, systems: Sequence[str]) -> Table | None:
    """Return the mean of each training of the systems that were trained several times."""
    lines = []
    for measure in scores.by:
        for channel in scores.channels:
            for system in systems:
                ratings = scores.ratings(measure, system, channel)
                if len(ratings) < 2 or not ratings.size:
                    continue
                each = ratings.mean(axis=1)
                shown = ", ".join(f"{mean:.2f}" for mean in each)
                lines.append([measure, channel, system, shown, f"{each.std(ddof=1):.2f}"])
    header = ["Measure", "Channel", "System", "Mean of each training", "Standard deviation"]
    return Table(title, header, lines) if lines else None
