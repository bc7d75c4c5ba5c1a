"""Ratings of the test summaries, from 1 to 5, by the judge and, on the sample, the hidden truth."""

from collections import Counter
from collections.abc import Iterable, Mapping

from distill.offline import truth
from distill.params.arf import Params
from distill.records import Row
from distill.report.arf import comparisons
from distill.report.scores import ByRow, Score, Scores, Settings

JUDGE, TRUTH = "judge", "truth"
SCALE = (1.0, 5.0)
TITLES = {JUDGE: "By the judge", TRUTH: "By the hidden truth"}


class Truth:
    """The hidden truth of the sample's interactions; it scores any summary of one of them."""

    def __init__(self, rows: Mapping[str, Row]):
        self._rows = rows
        self._known: dict[tuple[str, str], Score] = {}

    def score(self, row_id: str, text: str, summary: str) -> Score:
        """Return the score of a summary of the interaction `text`."""
        key = (row_id, summary)
        if key not in self._known:
            rating, codes = truth.rate(self._rows[row_id], text, summary)
            self._known[key] = Score(rating, tuple(codes))
        return self._known[key]


def load_truth(params: Params) -> Truth | None:
    """Return the sample's truth; None of real interactions, whose truth nobody knows."""
    return Truth(truth.load()) if params.on_sample else None


def score(
    params: Params,
    tests: Mapping[str, Row],
    outputs: Mapping[str, Iterable[Row]],
    judged: Mapping[str, Iterable[Row]],
    known: Truth | None,
) -> Scores:
    """Return all scores, from the judge's ratings and the outputs by system, tests by id."""
    by = {JUDGE: {system: _judged(params, rows) for system, rows in judged.items()}}
    if known:
        by[TRUTH] = {system: _true(params, tests, rows, known) for system, rows in outputs.items()}
    rows = Counter(row["channel"] for row in tests.values())
    sizes = {channel: rows[channel] for channel in params.channels}
    settings = Settings(sizes, SCALE, params.report.bootstrap, params.seed)
    return Scores(by, comparisons.seeds(params), settings)


def codes(rating: Row) -> tuple[str, ...]:
    """Return the codes of the errors in a row of data/ratings, each once."""
    return tuple(dict.fromkeys(error["code"] for error in rating["errors"]))


def _judged(params: Params, rows: Iterable[Row]) -> ByRow:
    found: ByRow = {channel: {} for channel in params.channels}
    for row in rows:
        found[row["channel"]][row["id"]] = Score(row["rating"], codes(row))
    return found


def _true(params: Params, tests: Mapping[str, Row], rows: Iterable[Row], known: Truth) -> ByRow:
    found: ByRow = {channel: {} for channel in params.channels}
    for row in rows:
        text = tests[row["id"]]["input"]
        found[row["channel"]][row["id"]] = known.score(row["id"], text, row["output"])
    return found
