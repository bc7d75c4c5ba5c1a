"""The students' accuracy on the test questions, with intervals and paired differences.

effects.json    [{"measure": "accuracy", "system": "smollm2-fair", "against": "smollm2",
                  "delta": 0.12, "low": 0.05, "high": 0.19, "p": 0.001, "n": 120, "seeds": 1}, ...]
accuracy/smollm2-fair.json   {"accuracy": 0.31}
"""

from collections.abc import Iterable, Iterator, Sequence

from distill import paths, records
from distill.params.fair import Fair
from distill.records import Row
from distill.report import scores
from distill.report.scores import Score, Scores
from distill.stats import significance, tables
from distill.stats.intervals import Estimate
from distill.stats.tables import Table

MEASURE, ALL = "accuracy", "all"
TITLE = "Accuracy"
NOTE = (
    "The share of test questions with the right answer. Intervals and differences are over the"
    " questions that every system answered; with several trainings of a system, over trainings,"
    " too. p is adjusted for the number of comparisons of this table by Holm's method. A version's"
    " gate, teachers and weights stand in params.yaml."
)


def load(params: Fair) -> Scores:
    """Return the scores of all systems, by family of questions and of all together."""
    tests = list(records.read(paths.split("test")))
    families = sorted({row["channel"] for row in tests})
    by = {name: _by_family(name, families) for name in params.systems}
    counts = {ALL: len(tests)}
    counts |= {name: sum(row["channel"] == name for row in tests) for name in families}
    settings = scores.Settings(counts, (0.0, 1.0), params.report.bootstrap, params.seed)
    groups = scores.trainings(params.runs).values()
    scored = [[name for name in names if name in params.systems] for names in groups]
    seeds = {names[0]: names for names in scored if len(names) > 1}
    return Scores({MEASURE: by}, seeds, settings)


def _by_family(system: str, families: Iterable[str]) -> scores.ByRow:
    rated = list(records.read(paths.ratings(system)))
    found = {ALL: {row["id"]: Score(row["rating"]) for row in rated}}
    for name in families:
        found[name] = {row["id"]: Score(row["rating"]) for row in rated if row["channel"] == name}
    return found


def differences(found: Scores, against: Sequence[str]) -> Iterator[tuple[str, str, Estimate]]:
    """Yield the difference of each system and each of `against` on all questions.

    Of two that both stand in `against`, the later one is compared with the earlier one.
    """
    for system in found.systems(MEASURE):
        for other in against:
            if system not in against or against.index(other) < against.index(system):
                yield system, other, found.difference(MEASURE, system, other, ALL)


def effect(measure: str, system: str, against: str, found: Estimate) -> Row:
    """Return a row of effects.json."""
    known = found.rounded()
    named = {"measure": measure, "system": system, "against": against, "delta": known["value"]}
    return {**named, **{name: known[name] for name in ("low", "high", "p", "n", "seeds")}}


def means(found: Scores) -> dict[str, float | None]:
    """Return each system's accuracy on all questions."""
    known = {name: found.mean(MEASURE, name, ALL).value for name in found.systems(MEASURE)}
    return {name: None if value is None else round(value, 4) for name, value in known.items()}


def report(found: Scores, against: Sequence[str]) -> list[Table]:
    """Return the accuracy by system, the differences, and the accuracy by family."""
    systems = found.systems(MEASURE)
    compared = list(differences(found, against))
    adjusted = significance.holm([estimate.p for *_, estimate in compared])
    return [
        Table(
            "All questions",
            ["System", "Accuracy"],
            [[name, tables.mean_cell(found.mean(MEASURE, name, ALL))] for name in systems],
        ),
        Table(
            "Differences",
            ["Systems", "Difference", "p adjusted"],
            [
                [f"{system} less {other}", tables.delta_cell(estimate), tables.p_cell(p)]
                for (system, other, estimate), p in zip(compared, adjusted, strict=True)
            ],
        ),
        Table(
            "By family",
            ["Family", *systems],
            [
                [family, *(tables.mean_cell(found.mean(MEASURE, name, family)) for name in systems)]
                for family in found.channels
                if family != ALL
            ],
        ),
    ]
