"""Tables 2 and 4: mean ratings of the systems, their differences, and what they do not show."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from distill import paths
from distill.params.arf import Params
from distill.records import Row
from distill.report import ratings
from distill.report.arf import comparisons
from distill.report.arf.scoring import JUDGE, TITLES
from distill.report.ratings import Effect, Key, View
from distill.report.scores import Scores
from distill.stats.tables import EMPTY, Table, delta_cell

NOTE = (
    "Mean rating from 1 to 5 with its 95% interval. Every figure of a measure and channel is over"
    " the test rows that all systems have a rating of; where rows are missing, a table gives the"
    " bounds of the mean if each of them had the lowest or the highest rating. Runs that differ in"
    " their seed alone are trainings of one system, shown under the name of the first: their"
    " intervals are over trainings and rows (two-way bootstrap, widened by Student's t), the others"
    " over rows for the one training that there is. Differences are paired by row; p is two-sided,"
    " from sign flips, with several trainings from Student's t, and corrected by Holm's method over"
    " all comparisons of the measure in effects.json. *: above the teacher; **: and the interval of"
    " the difference, which is not corrected, excludes 0. Bold: best of its channel. The teacher's"
    " malformed test summaries are excluded, as they are from its dataset; a student's are rated as"
    " generated."
)
MARGIN = (
    "A run is not worse than that of its version's parent if a one-sided t test rejects that it is"
    " lower by the margin of {margin:g} or more; it is equivalent if both tests reject (TOST)."
    " These p-values are not corrected. A dash: neither is shown."
)


class Rated(NamedTuple):
    """The scores, and the differences that the tables show."""

    params: Params
    scores: Scores
    effects: dict[Key, Effect]


def rate(params: Params, scores: Scores) -> Rated:
    """Compare all systems."""
    compared = comparisons.references(params)
    return Rated(params, scores, ratings.effects(scores, compared, params.report.margin))


def effect_rows(rated: Rated) -> list[Row]:
    """Return metrics/effects.json."""
    compared = comparisons.references(rated.params)
    return ratings.effect_rows(rated.scores, compared, rated.effects)


def view(params: Params, systems: Sequence[str]) -> View:
    """Return the systems with their references in the tables."""
    return View(systems, comparisons.in_tables(params), comparisons.COLUMNS)


def rows(rated: Rated, shown: View) -> list[Row]:
    """Return one row per measure, system and channel, with the fields of the view."""
    return ratings.rows(rated.scores, shown, rated.effects)


def tables(rated: Rated, shown: View, suffix: str = "") -> list[Table]:
    """Return a table for each measure."""
    return [
        ratings.table(f"{TITLES[measure]}{suffix}", rated.scores, measure, shown, rated.effects)
        for measure in rated.scores.by
    ]


def table2(rated: Rated) -> list[Table]:
    """Return Table 2 for each measure, the baselines apart, and the tests against the margin."""
    params, scores = rated.params, rated.scores
    systems, others = comparisons.table2_systems(params), comparisons.baselines(params)
    pairs = comparisons.with_parents(params)
    against = view(params, [paths.TEACHER, *others])
    return [
        *tables(rated, view(params, systems)),
        *(tables(rated, against, ": baselines") if others else []),
        *([_margin(rated, pairs)] if pairs else []),
        *_found(ratings.trainings_table("Trainings", scores, systems)),
        *_found(ratings.bounds_table("Missing ratings", scores, [*systems, *others])),
    ]


def table4(rated: Rated) -> list[Table]:
    """Return Table 4 for each measure."""
    systems = comparisons.table4_systems(rated.params)
    return [
        *tables(rated, view(rated.params, systems)),
        *_found(ratings.trainings_table("Trainings", rated.scores, systems)),
        *_found(ratings.bounds_table("Missing ratings", rated.scores, systems)),
    ]


def slim(rated: Rated) -> Table:
    """Return the judge's means with the differences to the teacher alone, of all systems.

    A system has a row, or with more than two channels a row for each.
    """
    params, scores = rated.params, rated.scores
    systems = [*comparisons.table2_systems(params), *comparisons.baselines(params)]
    sizes = {channel: len(scores.shared(JUDGE, channel)) for channel in scores.channels}
    n = ", ".join(f"{channel} n={size}" for channel, size in sizes.items())
    title = f"Mean rating by the judge, and the difference to the teacher ({n})"
    cells = {
        (system, channel): _slim_cells(rated, system, channel)
        for system in systems
        for channel in scores.channels
    }
    if len(scores.channels) > 2:
        rows = [[*key, *pair] for key, pair in cells.items()]
        return Table(title, ["System", "Channel", "Rating", "Δ teacher"], rows)
    header = ["System"]
    for channel in scores.channels:
        header += [channel, f"{channel}: Δ teacher"]
    rows = [
        [system, *(cell for channel in scores.channels for cell in cells[system, channel])]
        for system in systems
    ]
    return Table(title, header, rows)


def _slim_cells(rated: Rated, system: str, channel: str) -> list[str]:
    mean = rated.scores.mean(JUDGE, system, channel).value
    effect = rated.effects.get((JUDGE, channel, system, paths.TEACHER))
    delta = delta_cell(replace(effect.estimate, p=None)) if effect else EMPTY
    return [EMPTY if mean is None else f"{mean:.2f}", delta]


def _margin(rated: Rated, pairs: Sequence[tuple[str, str]]) -> Table:
    title = f"Not worse than the parent by {rated.params.report.margin:g} or more"
    return ratings.equivalence_table(title, pairs, rated.effects)


def _found(table: Table | None) -> list[Table]:
    return [table] if table else []
