"""Scores of the test outputs of all systems by each measure, their means and differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from distill.stats import intervals
from distill.stats.intervals import Estimate


class Score(NamedTuple):
    """The rating of one output, and the codes of its errors where the measure names any."""

    rating: float
    codes: tuple[str, ...] = ()


ByRow = dict[str, dict[str, Score]]  # channel -> id -> score


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
