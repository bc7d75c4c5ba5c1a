"""Mode strict: every word outside an ordinary vocabulary counts as personal.

So does an ordinary word next to a name or an address: "Olga Young", "garden house, 12 Oak St".
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from itertools import chain, pairwise

import regex  # type: ignore[import-untyped]

from distill.privacy.find.detect import Span
from distill.privacy.find.identifiers import AMOUNT
from distill.privacy.find.words import (
    is_any_name,
    is_contraction,
    is_english,
    is_everyday,
    is_first_name_in_small,
    is_misspelled_english,
    is_top,
    is_top_500,
    is_top_1500,
)

Place = tuple[int, int]

_WORD = regex.compile(r"[\p{L}\p{M}\d]+(?:['’][\p{L}\p{M}\d]+)*")
_LABEL = regex.compile(r"^(\p{L}[^:\n]{0,19}):", regex.MULTILINE)
_BEGINS = regex.compile(r"(?:^|[\n.!?:\"“(*-])\s*$")
# Between two words of one name or address; a full stop only behind an abbreviation.
_GAP = regex.compile(r"[ ,'’-]{1,2}|(?<=\b\p{L}{1,3})\. ?")
_SPREADS = frozenset({"PERSON", "ADDRESS", "UNKNOWN"})
_FREQUENT = 8_000  # of the English words
_FEWEST = 5  # letters of a misspelled word
_AMOUNT = regex.compile(rf"(?!\d{{7}})(?:{AMOUNT})", regex.IGNORECASE)
_SHORT_NUMBER = 3  # digits; a longer number stays only as a price or a date


class Ordinary:
    """The words that stay: English, and `words`, which occur in enough interactions.

    `others` are the labels of turns in which the customer does not speak.
    """

    def __init__(self, words: Container[str] = (), others: Iterable[str] = ()):
        self.words, self.others = words, frozenset(others)

    def unusual(self, text: str, known: Iterable[Span]) -> Iterator[Span]:
        """Yield the customer's unusual words, and anybody's next to a name or an address."""
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
        """Yield start and end of each line, and whether the customer speaks."""
        at = 0
        for line in text.splitlines(keepends=True):
            label = _LABEL.match(line)
            yield at, at + len(line), not (label and label[1] in self.others)
            at += len(line)

    def _stays(self, text: str, word: str, start: int) -> bool:
        if word[0].isdecimal() and _AMOUNT.match(text, start):
            return True
        if word.isdecimal():
            return len(word) <= _SHORT_NUMBER
        if word.casefold() in self.words:
            return True
        if (
            word[0].isupper()
            and is_any_name(word)
            and not _BEGINS.search(text[max(0, start - 8) : start])
        ):
            return False  # "Mark" within a sentence
        return _is_plain(word) or is_contraction(word)


def _spreads(text: str, one: Place, other: Place, kind: str | None) -> bool:
    """Whether a word is personal because its neighbour, of this kind, is."""
    first, second = sorted((one, other))
    if kind not in _SPREADS or not _GAP.fullmatch(text, first[1], second[0]):
        return False
    word = text[other[0] : other[1]]
    if kind == "ADDRESS" and not is_top_500(word):
        return True
    if not text[one[0]].isupper() or not word[0].isupper():
        return False
    return len(word) > 1 and not _BEGINS.search(text[max(0, other[0] - 8) : other[0]])


def _is_plain(word: str) -> bool:
    """Whether the word is English, also in small letters with one fault: "tomorow", "couldnt".

    "joke" and "boss" stay in small letters, though some language has them as names.
    """
    if is_everyday(word) or (word.isalpha() and is_english(word)):
        return True
    if not (word.isalpha() and word.islower()):
        return False
    if is_any_name(word):
        return is_top(word, _FREQUENT) and not is_first_name_in_small(word)
    joined = word.endswith("nt") and is_top_1500(word[:-2])
    return joined or (len(word) >= _FEWEST and is_misspelled_english(word, 1))


class DocumentFrequency:
    """Number of interactions in which each word occurs, personal values aside."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self.documents = 0

    def add(self, text: str, spans: Iterable[Span]) -> None:
        """Count each word of one interaction once."""
        taken = {i for span in spans for i in range(span.start, span.end)}
        words = (word for word in _WORD.finditer(text) if word.start() not in taken)
        self._counts.update({word[0].casefold() for word in words})
        self.documents += 1

    def eligible(self) -> Iterator[tuple[str, int]]:
        """Yield the words that stay if they are frequent, and their numbers.

        A name and a word with a digit are none, however often they occur: one customer with many
        interactions would else keep a password.
        """
        return (
            (word, n)
            for word, n in self._counts.items()
            if not any(c.isdigit() for c in word) and (is_top_1500(word) or not is_any_name(word))
        )

    def frequent(self, share: float, documents: int) -> list[str]:
        """The words in at least this share and number of interactions, sorted."""
        least = self.least(share, documents, self.documents)
        return sorted(word for word, n in self.eligible() if n >= least)

    @staticmethod
    def least(share: float, documents: int, of: int) -> float:
        """Return the fewest interactions of a frequent word; as a share, it grows with `of`."""
        return max(documents, share * of)
