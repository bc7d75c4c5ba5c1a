"""The conclusions of a project: gathers its figures and asks each sentence of the verdict."""

from collections.abc import Iterator, Mapping

from distill import paths
from distill.records import Row
from distill.report.arf import comparisons, verdict, words
from distill.report.arf.cascade import Cascade
from distill.report.arf.rated import Rated
from distill.report.arf.scoring import JUDGE, TRUTH
from distill.report.arf.standings import Compared, best
from distill.report.arf.table3 import Tallies
from distill.report.costs import Costs
from distill.report.page import Conclusion
from distill.report.scores import Scores

ALIKE = 20  # summaries of a system whose equal ratings are suspicious


def draw(
    rated: Rated, calibration: Mapping[str, Row], tallies: Tallies, costs: Costs, next_: Cascade
) -> list[Conclusion]:
    """Return all conclusions; `calibration` is calibration_details.json."""
    params = rated.params
    runs = list(_compared(rated, paths.TEACHER, list(params.runs)))
    others = _compared(rated, paths.TEACHER, comparisons.baselines(params))
    top = best(runs)
    student = top[0].system if top else None
    made = verdict.fixes(tallies)
    judged = verdict.judge(calibration, "test summaries", list(_alike(rated.scores)))
    ratings = [
        verdict.students(runs, list(others)),
        verdict.repairs(list(_compared(rated, paths.ORG, list(params.runs)))),
    ]
    if TRUTH not in rated.scores.by:
        ratings = [verdict.doubted(one, judged) for one in ratings]
    found = [
        *ratings,
        judged,
        verdict.cost(costs, paths.TEACHER, student),
        verdict.harm(made),
    ]
    by_name = {one.name: one for one in found}
    harmful = [one for one in made if one.harmful]
    step = verdict.next_step(by_name, harmful, suggestion(next_), not params.on_sample)
    return [*found, step]


def _compared(rated: Rated, reference: str, systems: list[str]) -> Iterator[Compared]:
    """The differences of the systems that have such a reference."""
    compared = comparisons.references(rated.params)
    for system in systems:
        other = compared.get(system, {}).get(reference)
        if other is None:
            continue
        for channel in rated.scores.channels:
            by = {
                measure: rated.effects[measure, channel, system, other]
                for measure in rated.scores.by
            }
            yield Compared(channel, system, other, by)


def _alike(scores: Scores) -> Iterator[str]:
    """Name the systems all of whose summaries in a channel have one rating by the judge."""
    for system in scores.systems(JUDGE):
        for channel in scores.channels:
            ratings = scores.ratings(JUDGE, system, channel)
            if ratings.size >= ALIKE and ratings.min() == ratings.max():
                yield f"{system} on {channel} ({ratings.max():g}, n={ratings.size})"


def suggestion(next_: Cascade) -> str:
    """Return "after r1, on botchat “reports a transfer”", "" where nothing is suggested."""
    parts = [
        f"on {channel} {' and '.join(f'“{words.of(one.code)}”' for one in some)}"
        for channel, some in next_.next.items()
    ]
    return f"after {next_.version}, {'; '.join(parts)}" if parts else ""
