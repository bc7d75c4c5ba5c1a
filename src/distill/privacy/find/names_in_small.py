"""Names of persons in small letters, and turns that are nothing but a name.

"then olga krylova said": a first name with its last name. "freddie", "sharma": names that are no
words. "Customer: brandt": a turn that is a name.
"""

import re
from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

from distill.privacy.find import lexicon
from distill.privacy.find.language import is_english_at
from distill.privacy.find.words import (
    is_any_name,
    is_english,
    is_first_name_in_small,
    is_misspelled_english,
    is_top,
    is_top_500,
    is_top_1500,
    is_two_joined,
    is_us_first_name,
    is_western_first_name,
)

_SMALL = re.compile(r"[^\W\d_]+")
_SMALL_TURN = regex.compile(
    r"^(?:\p{L}[^:\n]{0,19}: )[\s]*(\p{Ll}{3,}(?: \p{Ll}+){0,2})(?=[.!]?\s*$)", regex.MULTILINE
)
_DRAWN = re.compile(r"(.)\1\1")  # "pleeease"
_VOWEL = re.compile(r"[^\x00-\x7f]|[aeiouy]")
AFTER_SMALL = regex.compile(r" (?:[b-hj-z]\.? )?(\p{Ll}[\p{L}\p{M}'’-]+)")
# What follows the name of a company, a place or a product.
_NO_PERSON_AFTER_WORDS = """
    inc ltd llc gmbh corp co plc ag sa bv group company store shop bank airlines hotel street
    avenue road lane drive city county university school band orchestra records jeans shoes boots
    jacket shirt dress watch bag phone tv laptop headphones case cases cover set kit bottle bottles
    earbuds earphones speaker speakers charger cable shoe cream soap handwash shampoo toy pen
    wallet belt perfume mixer fan fridge oven camera mouse keyboard monitor printer router app site
    seller mall hospital school saree kurta idol sunglasses glasses smartwatch tablet console
    hotel airport station park nagar residency apartments colony
"""
NO_PERSON_AFTER = frozenset(_NO_PERSON_AFTER_WORDS.split())
# What stands before a short first name in small letters: "a call from sam".
_ADDRESSING_WORDS = """
    call calls message reply from by with to and for hey told asked ask
"""
_ADDRESSING = frozenset(_ADDRESSING_WORDS.split())
_FREQUENT = 15_000  # of the English words


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the names in small letters, and of the turns that are a name."""
    yield from _in_small_letters(text)
    for turn in _SMALL_TURN.finditer(text):
        if _is_answer(turn[1].split(" ")) and is_english_at(text, turn.start(1)):
            yield turn.span(1)


def _in_small_letters(text: str) -> Iterator[tuple[int, int]]:
    """Yield first names in small letters, with the last name that follows."""
    words = frozenset(_SMALL.findall(text)) - lexicon.foreign_words()
    firsts, lasts = words & lexicon.first_names(), words & lexicon.last_names()
    if not firsts and not lasts:
        return
    before: re.Match[str] | None = None
    for word in _SMALL.finditer(text):
        start, end = word.span()
        if word[0] in firsts and _stands_alone(text, start, end):
            yield from _first_in_small(text, start, end, before[0].lower() if before else "")
        if word[0] in lasts and _stands_alone(text, start, end):
            named = before is not None and _is_first_before(text, before, start)
            if (named or _is_last_alone(word[0])) and is_english_at(text, start):
                yield before.start() if before and named else start, end
        before = word


def _is_first_before(text: str, before: re.Match[str], start: int) -> bool:
    """Whether the word in front of a last name is its first: "crystal minh", also a plain word."""
    first = before[0]
    known = first.islower() and is_any_name(first) and not is_top_1500(first)
    return known and text[before.end() : start] == " " and not text[: before.start()][-1:].isalnum()


def _is_last_alone(word: str) -> bool:
    """Whether a word in small letters is a last name by itself: "sharma", not "lether"."""
    long = len(word) > 4 and word not in lexicon.places() and word not in NO_PERSON_AFTER
    return long and not is_top(word, _FREQUENT) and not is_misspelled_english(word)


def _is_answer(words: list[str]) -> bool:
    """Whether a turn of one to three words is a name: "brandt", "ana b kruger"."""
    if any(is_top_500(word) or word in lexicon.foreign_words() for word in words):
        return False
    first, last = words[0], words[-1]
    if len(words) == 1:
        named = first in lexicon.first_names() or first in lexicon.last_names()
        return len(first) > 3 and (named or (_is_new(first) and not is_two_joined(first)))
    if first in lexicon.first_names() and not _may_be_thing(first):
        return not all(map(is_top_1500, words))
    return last in lexicon.last_names() and not all(map(is_top_1500, words))


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _first_in_small(text: str, start: int, end: int, before: str) -> Iterator[tuple[int, int]]:
    if not is_english_at(text, start):
        return
    word, after = text[start:end], AFTER_SMALL.match(text, end)
    if after and may_be_last(after[1], word, text[after.end() : after.end() + 1]):
        yield start, after.end()
    elif is_first_name_in_small(word) or (before in _ADDRESSING and is_us_first_name(word)):
        yield start, end


def may_be_last(word: str, first: str, sign: str) -> bool:
    """Whether the word behind a first name is a last name; `sign` stands behind it."""
    named = word in lexicon.first_names() or word in lexicon.last_names()
    if named or len(word) < 4 or _may_be_thing(first):
        return named
    rare = sign in ",.;!?\n" and not is_top(word, _FREQUENT) and is_us_first_name(first)
    return rare or _is_new(word)


def _may_be_thing(first: str) -> bool:
    """Whether a first name is rare as a name and frequent as a word: "velvet keychain"."""
    return is_top(first, _FREQUENT) and not is_western_first_name(first)


def _is_new(word: str) -> bool:
    """Whether a word is neither English nor a misspelling of it: "kruegerman", not "thankss"."""
    drawn = _DRAWN.search(word) is not None or not _VOWEL.search(word)
    return not drawn and not is_english(word) and not is_misspelled_english(word)
