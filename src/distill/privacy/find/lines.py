"""The lines of a text on which a rule is tried."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from distill.privacy.find.rules.rule import Rule

_ACROSS = 5  # lines that a match may go on behind the line of its cue or first digit
_DIGIT = re.compile(r"\d")


def lowered(text: str) -> str:
    """The text in lower case with the same offsets: "İ" alone has two code points there."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return small


def with_digits(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each line that has a digit."""
    start = 0
    while digit := _DIGIT.search(text, start):
        first, end = text.rfind("\n", 0, digit.start()) + 1, text.find("\n", digit.start())
        yield first, end if end >= 0 else len(text)
        start = end + 1 if end >= 0 else len(text)


class Lines:
    """A text with an index of its lines."""

    def __init__(self, text: str) -> None:
        self.text, self.small = text, lowered(text)
        self._holding: dict[str, tuple[int, ...]] = {}  # cue -> the numbers of its lines
        self._holding_any: dict[tuple[str, ...], frozenset[int]] = {}
        self._starts = [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]
        self._ends = [*(start - 1 for start in self._starts[1:]), len(text)]

    @cached_property
    def _with_digits(self) -> frozenset[int]:
        return frozenset(self._line(match.start()) for match in _DIGIT.finditer(self.text))

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def _with(self, cue: str) -> tuple[int, ...]:
        """The numbers of the lines that hold a cue, or with "^" a word that begins with it."""
        if cue not in self._holding:
            plain = cue[1:] if len(cue) > 1 and cue[0] == "^" else cue
            found, at = [], self.small.find(plain)
            while at >= 0:
                if plain != cue and at and self.small[at - 1].isalnum():
                    at = self.small.find(plain, at + 1)
                    continue
                found.append(self._line(at))
                at = self.small.find(plain, self._ends[found[-1]])
            self._holding[cue] = tuple(found)
        return self._holding[cue]

    def _with_any(self, cues: tuple[str, ...]) -> frozenset[int]:
        """The numbers of the lines that hold one of the cues, which several rules share."""
        if cues not in self._holding_any:
            self._holding_any[cues] = frozenset().union(*map(self._with, cues))
        return self._holding_any[cues]

    def for_rule(self, rule: Rule, cues: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Yield start and end of the parts of the text in which a rule may find something."""
        if not (cues or rule.digit):
            yield 0, len(self.text)
            return
        lines = self._with_any(cues) if cues else self._with_digits
        if rule.across:
            yield from self._from(lines)
            return
        for line in sorted(lines & self._with_digits if rule.digit else lines):
            yield self._starts[line], self._ends[line]

    def _from(self, lines: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the parts of the text that begin one line before these lines and go on for five."""
        start = end = -1
        for line in sorted(lines):
            if line - 1 > end >= 0:
                yield self._starts[start], self._ends[end]
                start = -1
            start = start if start >= 0 else max(line - 1, 0)
            end = min(line + _ACROSS, len(self._ends) - 1)
        if end >= 0:
            yield self._starts[start], self._ends[end]
