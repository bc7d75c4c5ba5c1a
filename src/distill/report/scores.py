"""Scores of the test outputs by each measure: the judge and, on the sample, the hidden truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from distill.offline import truth
from distill.params.arf import Params
from distill.records import Row
from distill.stats import intervals
from distill.stats.intervals import Estimate

JUDGE, TRUTH = "judge", "truth"
TITLES = {JUDGE: "By the judge", TRUTH: "By the hidden truth"}


class Score(NamedTuple):
    """The rating of one summary, from 1 to 5, and the codes of its errors."""

    rating: float
    codes: tuple[str, ...]


ByRow = dict[str, dict[str, Score]]  # channel -> id -> score


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


@dataclass(frozen=True)
class Scores:
    """The scores of all systems, with their means and paired differences.

    `by` maps measure -> system -> channel -> id -> Score. Each estimate is computed once.
    """

    by: Mapping[str, Mapping[str, ByRow]]
    channels: Sequence[str]
    resamples: int
    seed: int
    _estimates: dict[tuple[str, ...], Estimate] = field(default_factory=dict)

    def mean(self, measure: str, system: str, channel: str) -> Estimate:
        """Return the mean rating of a system's test outputs."""
        key = (measure, system, channel)
        if key not in self._estimates:
            ratings = [score.rating for score in self.by[measure][system][channel].values()]
            self._estimates[key] = intervals.mean(ratings, self.resamples, self.seed)
        return self._estimates[key]

    def difference(self, measure: str, system: str, against: str, channel: str) -> Estimate:
        """Return the paired difference over the rows for which both systems have an output."""
        key = (measure, system, against, channel)
        if key not in self._estimates:
            ours, theirs = (self.by[measure][name][channel] for name in (system, against))
            shared = [row_id for row_id in ours if row_id in theirs]
            self._estimates[key] = intervals.difference(
                [ours[row_id].rating for row_id in shared],
                [theirs[row_id].rating for row_id in shared],
                self.resamples,
                self.seed,
            )
        return self._estimates[key]


def score(
    params: Params,
    tests: Mapping[str, Row],
    outputs: Mapping[str, Sequence[Row]],
    judged: Mapping[str, Sequence[Row]],
    known: Truth | None,
) -> Scores:
    """Return all scores, from the judge's ratings and the outputs by system, tests by id."""
    by = {JUDGE: {system: _judged(params, rows) for system, rows in judged.items()}}
    if known:
        by[TRUTH] = {system: _true(params, tests, rows, known) for system, rows in outputs.items()}
    return Scores(by, list(params.channels), params.report.bootstrap, params.seed)


def _judged(params: Params, rows: Sequence[Row]) -> ByRow:
    found: ByRow = {channel: {} for channel in params.channels}
    for row in rows:
        codes = dict.fromkeys(error["code"] for error in row["errors"])
        found[row["channel"]][row["id"]] = Score(row["rating"], tuple(codes))
    return found


def _true(params: Params, tests: Mapping[str, Row], rows: Sequence[Row], known: Truth) -> ByRow:
    found: ByRow = {channel: {} for channel in params.channels}
    for row in rows:
        text = tests[row["id"]]["input"]
        found[row["channel"]][row["id"]] = known.score(row["id"], text, row["output"])
    return found
