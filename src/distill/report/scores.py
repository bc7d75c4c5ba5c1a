"""Scores of the test outputs of all systems by each measure, their means and differences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from distill.stats import trainings as statistics
from distill.stats.intervals import Estimate, Floats
from distill.stats.significance import Equivalence
from distill.stats.trainings import Scale
from distill.students.settings import Run


class Score(NamedTuple):
    """The rating of one output, and the codes of its errors where the measure names any."""

    rating: float
    codes: tuple[str, ...] = ()


ByRow = dict[str, dict[str, Score]]  # channel -> id -> score


class Bounds(NamedTuple):
    """The rows without a rating, and the mean if all of them had the lowest or highest one."""

    missing: int
    lowest: float
    highest: float


class Settings(NamedTuple):
    """`scale`: the lowest and highest rating. `rows`: the test rows of each channel."""

    rows: Mapping[str, int]
    scale: Scale
    resamples: int
    seed: int


def trainings(runs: Mapping[str, Run]) -> dict[str, list[str]]:
    """Return the runs that differ in their seed alone: the name of the first -> all of them."""
    groups: dict[str, list[str]] = {}
    for name, run in runs.items():
        groups.setdefault(run.model_dump_json(exclude={"seed"}), []).append(name)
    return {names[0]: names for names in groups.values() if len(names) > 1}


@dataclass(frozen=True)
class Scores:
    """The scores of all systems, with their means and paired differences.

    `by` maps measure -> system -> channel -> id -> Score. `seeds` maps the name of a system that
    was trained several times to its trainings, each a system of `by`. All estimates of a measure
    and channel are over the rows that every system has a score of, so that the difference of two
    means is the mean difference. A system without any score in a channel does not count.
    """

    by: Mapping[str, Mapping[str, ByRow]]
    seeds: Mapping[str, Sequence[str]]
    settings: Settings
    _shared: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _means: dict[tuple[str, str, str], Estimate] = field(default_factory=dict)

    @property
    def channels(self) -> list[str]:
        """Return the channels."""
        return list(self.settings.rows)

    def systems(self, measure: str) -> list[str]:
        """Return the systems of a measure; trainings of one system count as one."""
        others = {name for names in self.seeds.values() for name in names}
        return [name for name in self.by[measure] if name in self.seeds or name not in others]

    def trained(self, measure: str, system: str) -> list[ByRow]:
        """Return the scores of each training of a system."""
        names = self.seeds.get(system, [system])
        return [self.by[measure][name] for name in names]

    def shared(self, measure: str, channel: str) -> list[str]:
        """Return the ids of the rows that all systems have scores of."""
        key = (measure, channel)
        if key not in self._shared:
            scored = [by[channel] for by in self.by[measure].values() if by[channel]]
            first, *others = scored or [{}]
            self._shared[key] = [
                row_id for row_id in first if all(row_id in other for other in others)
            ]
        return self._shared[key]

    def values(
        self, measure: str, system: str, channel: str, value: Callable[[Score], float]
    ) -> Floats:
        """Return a value of each score: a row for each training, a column for each shared row."""
        scored = [by[channel] for by in self.trained(measure, system) if by[channel]]
        ids = self.shared(measure, channel) if scored else []
        found = [[value(by_id[row_id]) for row_id in ids] for by_id in scored or [{}]]
        return np.array(found, dtype=np.float64).reshape(len(found), len(ids))

    def ratings(self, measure: str, system: str, channel: str) -> Floats:
        """Return the ratings: a row for each training, a column for each shared row."""
        return self.values(measure, system, channel, lambda score: score.rating)

    def mean(self, measure: str, system: str, channel: str) -> Estimate:
        """Return the mean rating of a system's test outputs."""
        key = (measure, system, channel)
        if key not in self._means:
            ratings = self.ratings(*key)
            _, scale, resamples, seed = self.settings
            self._means[key] = statistics.mean(ratings, scale, resamples, seed)
        return self._means[key]

    def pair(
        self, measure: str, system: str, against: str, channel: str
    ) -> tuple[Floats, Floats] | None:
        """Return the ratings of two systems; None where one of them has none."""
        ours, theirs = (self.ratings(measure, one, channel) for one in (system, against))
        return (ours, theirs) if ours.size and theirs.size else None

    def difference(self, measure: str, system: str, against: str, channel: str) -> Estimate:
        """Return the paired difference of two systems."""
        pair = self.pair(measure, system, against, channel)
        if pair is None:
            return Estimate(None, None, None, 0)
        _, scale, resamples, seed = self.settings
        return statistics.difference(*pair, scale, resamples, seed)

    def equivalence(
        self, measure: str, system: str, against: str, channel: str, margin: float
    ) -> Equivalence:
        """Return the tests of two systems' difference against a margin."""
        pair = self.pair(measure, system, against, channel)
        return statistics.equivalence(*pair, margin) if pair else Equivalence(None, None)

    def reduction(
        self, measure: str, system: str, against: str, channel: str, code: str | None = None
    ) -> Estimate:
        """Return the relative reduction of a code's outputs, or without one of all errors."""

        def errors(score: Score) -> float:
            return len(set(score.codes)) if code is None else code in score.codes

        ours, theirs = (self.values(measure, one, channel, errors) for one in (system, against))
        if not ours.size or not theirs.size:
            return Estimate(None, None, None, 0)
        return statistics.reduction(ours, theirs, self.settings.resamples, self.settings.seed)

    def bounds(self, measure: str, system: str, channel: str) -> Bounds:
        """Return the worst case of the test rows that a system has no rating of."""
        every = self.trained(measure, system)
        rows = self.settings.rows[channel] * len(every)
        known = [score.rating for by in every for score in by[channel].values()]
        missing = rows - len(known)
        lowest, highest = (
            (sum(known) + missing * end) / rows if rows else end for end in self.settings.scale
        )
        return Bounds(missing, lowest, highest)
