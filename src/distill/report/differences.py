"""Rows of effects.json in words: what a system is above, by how much, and what is not shown."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from distill.records import Row
from distill.report.page import BAD, GOOD, OPEN
from distill.report.ratings import LEVEL
from distill.stats import significance

ABOVE, BELOW, UNKNOWN = "beats", "is below", "is not shown to differ from"


class Difference(NamedTuple):
    """How far `system` is from `against`, in points, with its 95% interval.

    `where`: the task, "" where there is one. `holm`: p corrected for the comparisons that are made
    together, None for a difference without one.
    """

    system: str
    against: str
    where: str
    delta: float | None
    low: float | None
    high: float | None
    holm: float | None
    n: int
    seeds: int

    @property
    def standing(self) -> str:
        """Return ABOVE or BELOW only where the interval and the corrected p agree, or UNKNOWN."""
        if self.holm is None or self.holm >= LEVEL or self.low is None or self.high is None:
            return UNKNOWN
        return ABOVE if self.low > 0 else BELOW if self.high < 0 else UNKNOWN

    @property
    def figure(self) -> str:
        """Return "+21.0 points [+10.0, +31.0], n=120"."""
        if self.delta is None:
            return "unknown"
        limits = "" if self.low is None else f" [{self.low:+.1f}, {self.high:+.1f}]"
        trainings = f", {self.seeds} trainings" if self.seeds > 1 else ""
        return f"{self.delta:+.1f} points{limits}, n={self.n}{trainings}"

    @property
    def turned(self) -> "Difference":
        """Return the difference of the other from this one."""
        delta, low, high = (
            None if value is None else -value for value in (self.delta, self.high, self.low)
        )
        named = self._replace(system=self.against, against=self.system)
        return named._replace(delta=delta, low=low, high=high)

    @property
    def other(self) -> str:
        """Return what it is compared with, and where."""
        return f"{self.against} on {self.where}" if self.where else self.against

    @property
    def line(self) -> str:
        """Return "fair is not shown to differ from single (+5.8 points [-4.2, +16.7], n=120)"."""
        return f"{self.system} {self.standing} {self.other} ({self.figure})"


def read(effects: Sequence[Row], scale: float = 1.0) -> list[Difference]:
    """Return the differences of effects.json, with p corrected by Holm for those given.

    `scale` makes points of the values.
    """
    adjusted = significance.holm([row["p"] for row in effects])
    return [_read(row, p, scale) for row, p in zip(effects, adjusted, strict=True)]


def _read(row: Row, holm: float | None, scale: float) -> Difference:
    values = (row[name] for name in ("delta", "low", "high"))
    delta, low, high = (None if value is None else value * scale for value in values)
    names = (row["system"], row["against"], row.get("task", ""))
    return Difference(*names, delta, low, high, holm, row["n"], row["seeds"])


def answer(system: str, found: Sequence[Difference]) -> str:
    """Return a sentence: what the system beats by how much, then what it does not."""
    parts = []
    if won := [one for one in found if one.standing == ABOVE]:
        parts.append(f"{ABOVE} {_joined(f'{one.other} ({one.figure})' for one in won)}")
    for standing in (BELOW, UNKNOWN):
        if rest := [one.other for one in found if one.standing == standing]:
            parts.append(f"{standing} {_joined(rest)}")
    return f"{system} {'; it '.join(parts)}."


def tone(found: Sequence[Difference]) -> str:
    """Return GOOD where the system beats all, BAD where it is below one, or else OPEN."""
    standings = {one.standing for one in found}
    return BAD if BELOW in standings else GOOD if standings == {ABOVE} else OPEN


def once(found: Iterable[Difference]) -> Iterable[str]:
    """Yield that one training each was made, and of which systems where others have several."""
    several = list(found)
    names = list(dict.fromkeys(one.system for one in several if one.seeds == 1))
    if names:
        of = f" of {_joined(names)}" if any(one.seeds > 1 for one in several) else ""
        yield f"One training each{of}: the intervals leave out how trainings differ."


def _joined(names: Iterable[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
