"""Where a system stands against another one: above, below, level, or not shown to differ."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from distill.report.arf.scoring import TITLES
from distill.report.ratings import LEVEL, Effect
from distill.stats.tables import delta_cell

ABOVE, BELOW, LEVEL_WITH = "above", "below", "level"
NOT_WORSE, UNKNOWN = "not worse", "unknown"
_WORDS = {
    ABOVE: "above {}",
    BELOW: "below {}",
    LEVEL_WITH: "level with {}",
    NOT_WORSE: "at least level with {}",
    UNKNOWN: "not shown to differ from {}",
}


class Compared(NamedTuple):
    """A system's differences to another one in a channel, by measure, the judge's first."""

    channel: str
    system: str
    against: str
    by: Mapping[str, Effect]

    @property
    def first(self) -> Effect:
        """Return the difference by the first measure."""
        return next(iter(self.by.values()))

    def stands(self, where: str) -> bool:
        """Return whether the system stands there by every measure."""
        return {standing(effect) for effect in self.by.values()} == {where}

    def words(self, against: str) -> str:
        """Return "below it", or where measures differ "below it by the judge, level with ..."."""
        named = [_WORDS[standing(effect)].format(against) for effect in self.by.values()]
        if len(set(named)) == 1:
            return named[0]
        by = [f"{name} {_by(measure)}" for name, measure in zip(named, self.by, strict=True)]
        return ", ".join(by)

    def line(self, against: str) -> str:
        """Return "botchat: tiny-r1 is above its teacher (+0.74 [+0.53, +0.94], n=150 by ...)"."""
        figures = [f"{figure(effect)} {_by(measure)}" for measure, effect in self.by.items()]
        return f"{self.channel}: {self.system} is {self.words(against)} ({'; '.join(figures)})"


def standing(effect: Effect) -> str:
    """Return where a system stands: ABOVE or BELOW only where interval and Holm's p agree.

    LEVEL_WITH and NOT_WORSE follow from the tests against the margin.
    """
    found, tests = effect.estimate, effect.equivalence
    certain = effect.holm is not None and effect.holm < LEVEL
    if certain and found.low is not None and found.low > 0:
        return ABOVE
    if certain and found.high is not None and found.high < 0:
        return BELOW
    if tests.equivalent is not None and tests.equivalent < LEVEL:
        return LEVEL_WITH
    if tests.noninferior is not None and tests.noninferior < LEVEL:
        return NOT_WORSE
    return UNKNOWN


def best(compared: Sequence[Compared]) -> list[Compared]:
    """Return the system with the largest difference in each channel, by the first measure."""
    known = [(one, value) for one in compared if (value := one.first.estimate.value) is not None]
    channels = dict.fromkeys(one.channel for one, _ in known)
    return [
        max((pair for pair in known if pair[0].channel == channel), key=lambda pair: pair[1])[0]
        for channel in channels
    ]


def figure(effect: Effect) -> str:
    """Return "+0.74 [+0.53, +0.94], n=150"."""
    seeds = effect.estimate.seeds
    trainings = f", {seeds} trainings" if seeds > 1 else ""
    return f"{delta_cell(replace(effect.estimate, p=None))}, n={effect.estimate.n}{trainings}"


def _by(measure: str) -> str:
    return TITLES[measure].lower()
