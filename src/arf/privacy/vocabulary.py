"""Mode strict: whatever is outside an ordinary vocabulary counts as personal."""

from collections import Counter
from collections.abc import Iterable, Iterator

import regex  # type: ignore[import-untyped]

from arf.privacy import names
from arf.privacy.detect import Span

_WORD = regex.compile(r"[\p{L}\p{M}\d]+(?:['’][\p{L}\p{M}\d]+)*")
_LABEL = regex.compile(r"^(\p{L}[^:\n]{0,19}):", regex.MULTILINE)
_BEGINS = regex.compile(r"(?:^|[\n.!?:\"“(*-])\s*$")
_SHORT_NUMBER = 3  # digits; longer ones must be a price or a date to stay


class Ordinary:
    """The words that stay: English, and those that occur in enough interactions.

    `others` are the labels of turns that are not the customer's own words.
    """

    def __init__(self, words: Iterable[str] = (), others: Iterable[str] = ()):
        self.words, self.others = frozenset(words), frozenset(others)

    def strange(self, text: str, known: Iterable[Span]) -> Iterator[Span]:
        """The words of the customer that are not ordinary, outside the known spans."""
        taken = {i for span in known for i in range(span.start, span.end)}
        for start, end in self._own(text):
            for word in _WORD.finditer(text, start, end):
                if word.start() not in taken and not self._stays(text, word[0], word.start()):
                    yield Span(word.start(), word.end(), "UNKNOWN")

    def _own(self, text: str) -> Iterator[tuple[int, int]]:
        at = 0
        for line in text.splitlines(keepends=True):
            label = _LABEL.match(line)
            if not (label and label[1] in self.others):
                yield at, at + len(line)
            at += len(line)

    def _stays(self, text: str, word: str, start: int) -> bool:
        if word.isdecimal():
            return len(word) <= _SHORT_NUMBER
        if word.casefold() in self.words:
            return True
        if word[0].isupper() and names.is_listed(word) and not _BEGINS.search(text[:start][-8:]):
            return False  # "Mark" within a sentence
        return (word.isalpha() and names.is_ordinary(word)) or names.is_contraction(word)


class Counted:
    """In how many interactions each word occurs, outside what is personal."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, text: str, spans: Iterable[Span]) -> None:
        """Count the words of one interaction once each."""
        taken = {i for span in spans for i in range(span.start, span.end)}
        words = (word for word in _WORD.finditer(text) if word.start() not in taken)
        self._counts.update({word[0].casefold() for word in words})

    def in_at_least(self, documents: int) -> list[str]:
        """The words that occur in so many interactions and are no names, sorted."""
        return sorted(
            word
            for word, n in self._counts.items()
            if n >= documents and (names.is_plain(word) or not names.is_listed(word))
        )
