"""Whether a line of an interaction is English prose, in which capitals are evidence of a name."""

import re
from functools import lru_cache

from distill.privacy.find.lexicon import foreign_words
from distill.privacy.find.words import is_any_name, is_english, is_foreign

_WORD = re.compile(r"[^\W\d_]+")
_PROSE = re.compile(r"(?<![\w@./])[^\W\d_]+(?![\w@/]|\.\w)")
_FEW = 4  # words from which a line is judged by itself
_SHOUTED = 0.6  # share of words in capitals above which capitals prove nothing
_FOREIGN = 0.5  # share of non-English words from which a line is of another language


def line_around(text: str, at: int) -> tuple[int, int]:
    """Start and end of the line at an offset, without its line break."""
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, end if end >= 0 else len(text)


def is_english_at(text: str, at: int) -> bool:
    """Whether the line at an offset is English and not mostly in capitals.

    A line of fewer than four words in small letters is judged by the whole text.
    """
    return _is_english_line(text, *line_around(text, at))


@lru_cache(maxsize=1)  # a long line with many names is judged once
def _is_english_line(text: str, start: int, end: int) -> bool:
    words = _WORD.findall(text, start, end)
    if sum(word.isupper() and len(word) > 1 for word in words) > _SHOUTED * max(len(words), _FEW):
        return False
    evidence = _small_words(words)
    return _mostly_english(evidence) if len(evidence) >= _FEW else _is_english_text(text)


@lru_cache(maxsize=1)
def _is_english_text(text: str) -> bool:
    return _mostly_english(_small_words(_PROSE.findall(text)))


def _mostly_english(words: list[str]) -> bool:
    """Whether more than half of the words are English; fewer than four prove nothing."""
    strange = sum(is_foreign(word) or not is_english(word) for word in words)
    return len(words) < _FEW or strange < _FOREIGN * len(words)


def _small_words(words: list[str]) -> list[str]:
    """The words in small letters that are no names."""
    small = (word for word in words if word.islower() and len(word) > 1)
    return [
        word
        for word in small
        if is_english(word) or word in foreign_words() or not is_any_name(word)
    ]
