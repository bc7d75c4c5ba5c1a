"""The second look's own detector: numbers and addresses by their shape alone.

It shares no rule, word list or cue with the first look. Whatever holds six digits or more, in any
groups, is personal unless it is an amount, a date, a time or a measure; so is whatever has an "@".
"""

import re
from collections.abc import Iterator

_NUMBER = re.compile(r"(?<![\w$€£₹.,])[+(]?\d(?:[ .\-/()_*|\t]{0,2}\d){5,}(?![\w%]|[.,]\d)")
_FOURS = re.compile(r"(?<![\w.,])\d{4}([^\w\s.]{1,2}|\n)\d{4}\1\d{4}(?:\1\d{1,7})?(?![\w%]|[.,]\d)")
_MIXED = re.compile(r"(?<![\w-])(?=[\w-]*[A-Za-z])(?=(?:[\w-]*\d){6})[\w-]{7,}(?![\w@])")
_SPACED = re.compile(r"(?<!\w)(?:[\w.-] ){3,}@(?: [\w.-]){3,}(?!\w)")  # "a n a @ m a i l . e s"
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"']{2,}@[^\s@<>()\[\],;:\"']{2,}")
_CURRENCY = re.compile(
    r"(?:[$€£₹]|\b(?:rs|inr|usd|eur|gbp|cad|aud|chf|amount|price|paid|worth|cost))\.? ?$", re.I
)
_DATE = re.compile(
    r"(?:(?:19|20)\d\d[ ./-]\d{1,2}[ ./-]\d{1,2}|\d{1,2}[ ./-]\d{1,2}[ ./-](?:19|20)?\d\d"
    r"|(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d)(?: \d{1,2})?"
)
_UNIT = re.compile(
    r"\s?(?:rs|inr|usd|eur|gbp|rupees?|dollars?|euros?|pounds?|cents|points|miles?|km|steps|views|words?|mah|watts?|hours?"
    r"|hrs|days?|weeks?|months?|years?|pieces|pcs|gb|mb|kb|rpm|dpi|lumens)\b|:\d\d",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what by its shape may identify somebody."""
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        plain = not _DATE.fullmatch(match[0]) and not _UNIT.match(text, match.end())
        if plain and not _CURRENCY.search(before) and not _is_round(match[0]):
            yield match.span()
    for pattern in (_MIXED, _ADDRESS, _SPACED, _FOURS):
        yield from (match.span() for match in pattern.finditer(text))


def _is_round(number: str) -> bool:
    """Whether a number ends in four zeros, as amounts do and identifiers hardly ever."""
    return number.isdigit() and number.endswith("0000")
