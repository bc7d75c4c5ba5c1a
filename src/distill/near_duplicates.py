"""Near duplicates of a set of texts: Jaccard similarity of word 3-grams.

>>> known = Known(["where is my blue kettle today"], 0.6)
>>> known.has("Where is my blue kettle?")
True
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable

SHINGLE = 3  # words
_WORD = re.compile(r"[^\W_]+")
_UNSEEN = ("Mn", "Me", "Cf")  # accents, enclosing marks, zero-width and soft hyphens


class Known:
    """Texts to which others may not be near.

    Two texts are near if the similarity of their words as they stand, or in small letters without
    marks, is at least `least`. A text of fewer than three words is one 3-gram. Accents, wide forms
    of letters and characters that nobody sees are marks, too.
    """

    def __init__(self, texts: Iterable[str], least: float):
        self.least = least
        self._sizes: list[int] = []
        self._holding: dict[str, list[int]] = defaultdict(list)  # 3-gram -> places of texts
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Add a text."""
        for shingles in _forms(text):
            for shingle in shingles:
                self._holding[shingle].append(len(self._sizes))
            self._sizes.append(len(shingles))

    def has(self, text: str) -> bool:
        """Return whether one of the texts is near."""
        return any(self._similarity(shingles) >= self.least for shingles in _forms(text))

    def _similarity(self, shingles: set[str]) -> float:
        shared = Counter(place for one in shingles for place in self._holding.get(one, ()))
        whole = len(shingles)
        return max(
            (both / (whole + self._sizes[place] - both) for place, both in shared.items()),
            default=0.0,
        )


def _forms(text: str) -> list[set[str]]:
    """Return the 3-grams of the words as they stand, and in small letters without marks.

    Those of the second form begin with a tab, so that forms are compared with their own kind.
    """
    plain = _WORD.findall(_bare(text))
    return [_shingles(text.split()), {f"\t{one}" for one in _shingles(plain)}]


def _bare(text: str) -> str:
    """Return the text in small letters, without accents and invisible characters."""
    if text.isascii():
        return text.casefold()
    signs = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in signs if unicodedata.category(sign) not in _UNSEEN)


def _shingles(words: list[str]) -> set[str]:
    last = max(1, len(words) - SHINGLE + 1)
    return {" ".join(words[i : i + SHINGLE]) for i in range(last)}
