"""The lines of a text on which a rule is tried."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from distill.privacy.find.rules.rule import Rule

_DIGIT = re.compile(r"\d")


def lowered(text: str) -> str:
    """The text in lower case with the same offsets: "İ" alone has two code points there."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return small


class Lines:
    """A text with an index of its lines."""

    def __init__(self, text: str) -> None:
        self.text, self.small = text, lowered(text)
        self._starts = [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]
        self._ends = [*(start - 1 for start in self._starts[1:]), len(text)]

    @cached_property
    def _with_digits(self) -> frozenset[int]:
        return frozenset(self._line(match.start()) for match in _DIGIT.finditer(self.text))

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def _with(self, cue: str) -> Iterator[int]:
        """Yield the numbers of the lines that hold a cue."""
        at = self.small.find(cue)
        while at >= 0:
            line = self._line(at)
            yield line
            at = self.small.find(cue, self._ends[line])

    def for_rule(self, rule: Rule, cues: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Yield start and end of the parts of the text in which a rule may find something."""
        if rule.across or not (cues or rule.digit):
            if not cues or any(cue in self.small for cue in cues):
                yield 0, len(self.text)
            return
        lines = {line for cue in cues for line in self._with(cue)} if cues else self._with_digits
        for line in sorted(lines & self._with_digits if rule.digit else lines):
            yield self._starts[line], self._ends[line]
