"""Whether a request says anything personal that none of its cleared interactions says.

A summary changed by hand, an example in a prompt and a stage that puts raw text back reach a model
beside the interaction whose seal is checked, so the whole rendered request is searched, line by
line and, for values that a line break cuts, in pairs of lines. Codes and short numbers are left
out, since a taxonomy and its examples have them.
"""

import re
from collections.abc import Iterable, Set
from functools import lru_cache
from itertools import pairwise

from distill.privacy.find.detect import Span
from distill.privacy.find.words import is_english, is_first_name_in_small
from distill.privacy.kinds import IDENTIFIERS, DetectionError
from distill.privacy.replace import is_traced_to, second_look, words_of_all
from distill.privacy.settings import Added

_LIKE_CODES = IDENTIFIERS | {"USERNAME"}
# "unn_content_redundant", "E12", "2211"; no "40218395", and no name among the words.
_CODE = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z\d]+)*|(?:[A-Za-z]{1,4}[_-]?)?\d{1,5}")
_LETTERS = re.compile(r"[A-Za-z]+")
_NAMING = ("@", "#", "/")  # what stands before somebody's handle


def is_traced(messages: Iterable[str], cleared: Iterable[str], added: Added) -> bool:
    """Whether whatever is personal in the messages consists of words of the cleared texts.

    False as well where a text cannot be searched.
    """
    texts = list(cleared)
    known = {line.strip() for text in texts for line in text.splitlines()}
    words = words_of_all(texts)
    try:
        return all(_says_no_more(text.splitlines(), known, words, added) for text in messages)
    except DetectionError:
        return False


def _says_no_more(lines: list[str], known: Set[str], words: Set[str], added: Added) -> bool:
    new = [line for line in lines if line.strip() not in known]
    alone = all(
        is_traced_to(line[span.start : span.end], words)
        for line in new
        for span in _personal(line, added)
    )
    return alone and all(
        is_traced_to(value, words) or all(map(_is_plain, value.split()))
        for first, second in pairwise(lines)
        if not {first.strip(), second.strip()} <= known
        for value in _cut(first, second, added)
    )


def _is_plain(word: str) -> bool:
    return word.isalpha() and is_english(word)


@lru_cache(maxsize=4096)  # the lines of a prompt stand in every request
def _personal(line: str, added: Added) -> tuple[Span, ...]:
    return tuple(span for span in second_look(line, (), added) if not _is_code(line, span))


@lru_cache(maxsize=4096)
def _cut(first: str, second: str, added: Added) -> tuple[str, ...]:
    """The values that only two lines together show: "password:\\nhunter2"."""
    both = f"{first}\n{second}"
    return tuple(both[span.start : span.end] for span in _personal(both, added))


def _is_code(text: str, span: Span) -> bool:
    value = text[span.start : span.end]
    if span.type not in _LIKE_CODES or text[: span.start].endswith(_NAMING):
        return False
    named = any(is_first_name_in_small(word.lower()) for word in _LETTERS.findall(value))
    return _CODE.fullmatch(value) is not None and not named
