"""Mode strict: whatever is outside an ordinary vocabulary counts as personal.

So does what adjoins a name or an address, be it ordinary: "Olga Young", "garden house, 12 Oak St".
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

import regex  # type: ignore[import-untyped]

from distill.privacy.find import names
from distill.privacy.find.detect import Span

Place = tuple[int, int]

_WORD = regex.compile(r"[\p{L}\p{M}\d]+(?:['’][\p{L}\p{M}\d]+)*")
_LABEL = regex.compile(r"^(\p{L}[^:\n]{0,19}):", regex.MULTILINE)
_BEGINS = regex.compile(r"(?:^|[\n.!?:\"“(*-])\s*$")
# Between two words of one name or address; a full stop only behind an abbreviation.
_GAP = regex.compile(r"[ ,'’-]{1,2}|(?<=\b\p{L}{1,3})\. ?")
_SPREADS = frozenset({"PERSON", "ADDRESS", "UNKNOWN"})
_SHORT_NUMBER = 3  # digits; longer ones must be a price or a date to stay


class Ordinary:
    """The words that stay: English, and those that occur in enough interactions.

    `others` are the labels of turns that are not the customer's own words.
    """

    def __init__(self, words: Iterable[str] = (), others: Iterable[str] = ()):
        self.words, self.others = frozenset(words), frozenset(others)

    def strange(self, text: str, known: Iterable[Span]) -> Iterator[Span]:
        """The customer's words that are not ordinary, and anybody's beside a name or address."""
        kinds = {i: span.type for span in known for i in range(span.start, span.end)}
        taken = frozenset(kinds)
        for start, end, own in self._lines(text):
            words = [word.span() for word in _WORD.finditer(text, start, end)]
            for at, past in words:
                if own and at not in taken and not self._stays(text, text[at:past], at):
                    kinds[at] = "UNKNOWN"
            for one, other in chain(pairwise(words), pairwise(words[::-1])):
                if other[0] not in kinds and _spreads(text, one, other, kinds.get(one[0])):
                    kinds[other[0]] = kinds[one[0]]
            new = (word for word in words if word[0] in kinds.keys() - taken)
            yield from (Span(at, past, "UNKNOWN") for at, past in new)

    def _lines(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """Start and end of each line, and whether it is the customer's own."""
        at = 0
        for line in text.splitlines(keepends=True):
            label = _LABEL.match(line)
            yield at, at + len(line), not (label and label[1] in self.others)
            at += len(line)

    def _stays(self, text: str, word: str, start: int) -> bool:
        if word.isdecimal():
            return len(word) <= _SHORT_NUMBER
        if word.casefold() in self.words:
            return True
        if (
            word[0].isupper()
            and names.is_listed(word)
            and not _BEGINS.search(text[max(0, start - 8) : start])
        ):
            return False  # "Mark" within a sentence
        return (word.isalpha() and names.is_ordinary(word)) or names.is_contraction(word)


def _spreads(text: str, one: Place, other: Place, kind: str | None) -> bool:
    """Whether a word is personal because the one beside it, of this kind, is."""
    first, second = sorted((one, other))
    if kind not in _SPREADS or not _GAP.fullmatch(text, first[1], second[0]):
        return False
    word = text[other[0] : other[1]]
    if kind == "ADDRESS" and not names.is_too_common(word):
        return True
    if not text[one[0]].isupper() or not word[0].isupper():
        return False
    return len(word) > 1 and not _BEGINS.search(text[max(0, other[0] - 8) : other[0]])


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
