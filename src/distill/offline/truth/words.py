"""Sentences as sets of words, and their similarity."""

import re
import unicodedata
from functools import lru_cache

_TOKEN = re.compile(r"[$£€]?\w+(?:[-./@'_+]\w+)*")
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTH_DAY = re.compile(rf"\b((?:{_MONTH})[a-z]*) (\d{{1,2}})\b")
_DATE = re.compile(rf"(?:{_MONTH})[a-z]*_\d{{1,2}}|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}")
_ENDINGS = re.compile(r"(?<=\w{3})(?:ing|ied|ies|ed|es|s|d|e|y)$")

Words = frozenset[str]


def word_set(text: str) -> Words:
    """Return the words of a text, separated by blanks."""
    return frozenset(text.split())


STOP = word_set("""
    a an and are as at be been but by can could did do does for from had has have he her hers
    him his i i'd i'll i'm i've if in is it it's its just me my of on or our please she so
    that the their them there they this to too us was we were will with would you your
""")
# Words of summaries in general, which need no basis in an interaction's text.
FRAME = word_set("""
    about account ask asked asking asks buyer case complaint contacted customer customer's
    date form given gives id identifier issue item language listed mentioned mentions message
    name named need needs note number order price problem reference regarding report reported
    reports request requested requesting requests return role said say says seeking seller speaks
    state stated states summary tells title topic transaction type user username want wanted
    wants wish wishes write writes writing written
""")


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """Return the words in order, normalized (NFKC, case) and without outer punctuation.

    A month and its day are one token: "March 3" gives "march_3".
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return tuple(_TOKEN.findall(_MONTH_DAY.sub(r"\1_\2", folded)))


def is_date(token: str) -> bool:
    """Return whether a token is a month with its day, or a date in figures."""
    return _DATE.fullmatch(token) is not None


@lru_cache(maxsize=65536)
def content(text: str) -> Words:
    """Return the words without function words; where there are no others, all words."""
    every = frozenset(tokens(text))
    return every - STOP or every


def is_identifier(token: str) -> bool:
    """Return whether a token is a number, price, date, username or the like."""
    return any(sign.isdigit() for sign in token) or any(sign in token for sign in "_@")


def plain(words: Words) -> Words:
    """Return the words without identifiers."""
    return frozenset(word for word in words if not is_identifier(word))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the word without a common English ending."""
    return _ENDINGS.sub("", word)


def coverage(point: Words, item: Words) -> float:
    """Return the share of a point's words in an item, 0 to 1."""
    return len(point & item) / len(point) if point else 0.0


def likeness(one: Words, other: Words) -> float:
    """Return Dice's coefficient of two sets of words, 0 to 1."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0
