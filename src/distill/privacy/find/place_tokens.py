# ruff: noqa: E501 - a pattern is easier to read on one line
"""A line as runs of tokens that an address may hold: words, numbers and postal codes."""

from collections.abc import Iterator
from typing import NamedTuple

import regex  # type: ignore[import-untyped]

from distill.privacy.find.place_words import word_kind

# Postal codes whose form alone is telling: UK, Canada, Brazil, Japan with its sign, Netherlands,
# Ireland, Singapore with its cue, the states of Australia.
_STRONG = (
    r"(?i:[a-pr-uwyz][a-hk-y]?\d[a-hjkps-uw\d]? \d(?!(?:st|nd|rd|th|gb|tb|hr|ft|lb|in|am|pm)\b)[abd-hjlnp-uw-z]{2})"
    r"|(?:[A-PR-UWYZ][A-HK-Y]?\d[A-HJKPS-UW\d]?\d[ABD-HJLNP-UW-Z]{2})"
    r"|(?i:[abceghj-nprstvxy]\d[abceghj-nprstv-z][ -]?\d[abceghj-nprstv-z]\d)|\d{5}-\d{3}|〒 ?\d{3}-?\d{4}"
    r"|\d{4} [A-Z]{2}|(?i:singapore|s) ?\(?\d{6}\)?|[AC-FHKNPRTV-Y]\d[\dW] ?[\dAC-FHKNPRTV-Y]{4}"
    r"|(?i:nsw|vic|qld|tas|act)(?:,? |,)\d{4}"
)
# Those that need a town beside them.
_WEAK = (
    r"\d{6}|\d{3}[ -]\d{3}|\d{5}(?:-\d{4})?|\d{2}-\d{3}|\d{3} \d{2}|\d{3}-\d{4}|\d{4}-\d{3}|\d{4}"
)
_NUMBER = r"(?:#[A-Z]?)?\d{1,5}(?:[-/]\d{1,4}){0,3}(?:[-/]?[A-Za-z])?(?:[-/]\d{1,4})?"
_TOKEN = regex.compile(
    rf"(?<![\w@.$€£₹/]|\d-)(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK})|(?P<number>{_NUMBER}))(?![\w@%]|[.,:]\d|[-/]\w)"
    r"|(?P<ordinal>\d{1,3}(?i:st|nd|rd|th|º|ª|°))(?!\w)"
    r"|(?P<word>(?i:h\.? ?no\b\.?|d\.? ?no\b\.?|p\.? ?o\.? box|c/(?=\s?\p{L})|n[°º]|no\.?:|\p{L}[\p{L}\p{M}]*+(?:['’.-]\p{L}[\p{L}\p{M}]*+)*+\.?))"
)
_GAP = regex.compile(r"[ ]{0,2}[,/|#(]? {0,2}|,? ?\(|\)?,? {1,2}| ?- ?|[:.] ?|")


class Token(NamedTuple):
    """A word or number at text[start:end]; `comma` is whether a comma stands before it."""

    start: int
    end: int
    kind: str
    comma: bool


def runs(line: str) -> Iterator[list[Token]]:
    """Yield the longest rows of tokens without a word that ends an address."""
    run: list[Token] = []
    past = 0
    for match in _TOKEN.finditer(line):
        kind = _kind(match)
        gap = line[past : match.start()]
        if run and not _joins(gap, line, past, run[-1].kind, kind):
            yield run
            run = []
        if kind == "stop":
            if run:
                yield run
            run = []
        else:
            run.append(Token(match.start(), match.end(), kind, "," in gap))
        past = match.end()
    if run:
        yield run


def _joins(gap: str, line: str, past: int, before: str, kind: str) -> bool:
    """Whether the signs between two tokens may stand within an address.

    A full stop does behind an abbreviation such as "Rd." and before one ("1445. Sok.").
    """
    if not _GAP.fullmatch(gap):
        return False
    if not (gap.startswith(".") or (line[past - 1] == "." and gap.startswith(" "))):
        return True
    return before in ("street", "premise", "before", "within") or kind in ("street", "premise")


def _kind(match: regex.Match[str]) -> str:
    if match.lastgroup != "word":
        return str(match.lastgroup)
    return word_kind(match[0])
