"""The offline tagger of entities: patterns and lists of names, and errors at declared rates.

It reads the text alone. Its patterns and lists are its own: neither the writer nor the truth uses
them.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path

import yaml

from distill.errors import ModelError
from distill.tasks.entities.offsets import Span, outermost

WORDS = Path(__file__).with_name("words.yaml")
# Probabilities for each entity that it read, decided by the text.
MISSED = 0.04  # it is left out
SHORTENED = 0.06  # an entity of several words loses the first one
MISTAKEN = 0.05  # a person, place or company gets another of these types
NAMES = ("person", "place", "company")
TYPES = ("order", "product", "date", "amount", *NAMES)

_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_PATTERNS = {
    "order": r"\b\d{2}-\d{5}-\d{5}\b|\b[a-z]{2}-?\d{5,6}\b|#\d{6,8}\b",
    "amount": r"[$€£]\d+(?:[.,]\d{2})?\b|\b\d+(?:\.\d{2})? (?:USD|dollars|euros)\b",
    "date": rf"\b{_MONTH} {_DAY}\b|\b{_DAY} (?:of )?{_MONTH}\b|\b{_WEEKDAY}\b"
    r"|\b\d{2}/\d{2}/\d{4}\b|\b\d{4}-\d{2}-\d{2}\b",
}
_PLACE_BEFORE = re.compile(r"\b(?:in|from|near|(?<!spoke )to|that)\s$", re.IGNORECASE)


@cache
def _compiled() -> dict[str, re.Pattern[str]]:
    """Return the pattern of each type."""
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    listed = {name: "|".join(map(re.escape, values)) for name, values in words.items()}
    patterns = _PATTERNS | {
        "product": rf"(?:\b(?:{listed['modifier']})\s+)*\b(?:{listed['thing']})\b",
        "company": rf"(?:\b(?:{listed['company']})(?!\w))",
        "place": rf"\b(?:{listed['place']})(?!\w)",
        "person": rf"\b(?:(?:{listed['title']})\s+(?:{listed['family']})"
        rf"|(?:{listed['given']})(?:\s+(?:{listed['family']}))?)\b",
    }
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()}


def tag(text: str, labels: Sequence[str]) -> list[Span]:
    """Return the entities that the tagger gives, with the declared errors.

    Raises ModelError for types that the made-up messages do not have.
    """
    if unknown := set(labels) - set(TYPES):
        raise ModelError(
            f"entities: the offline rules do not know the type {min(unknown)!r}; name an endpoint"
        )
    return list(_with_errors(text, read(text, labels), labels))


def read(text: str, labels: Sequence[str]) -> list[Span]:
    """Return the entities that the patterns find, the longest where they overlap."""
    found = [
        {"start": match.start(), "end": match.end(), "type": _type(name, match)}
        for name, pattern in _compiled().items()
        for match in pattern.finditer(text)
    ]
    return [span for span in outermost(found) if span["type"] in labels]


def _type(name: str, match: re.Match[str]) -> str:
    """Return the type of a match; a name of both a person and a place is decided by its left."""
    both = name in ("person", "place") and all(
        _compiled()[one].fullmatch(match[0]) for one in ("person", "place")
    )
    if not both:
        return name
    before = match.string[: match.start()]
    return "place" if _PLACE_BEFORE.search(before) else "person"


def _with_errors(text: str, found: list[Span], labels: Sequence[str]) -> Iterator[Span]:
    for span in found:
        said = text[span["start"] : span["end"]]
        purpose = f"{span['start']} {span['type']}"
        if draw(text, f"missed {purpose}") < MISSED:
            continue
        others = [name for name in NAMES if name in labels and name != span["type"]]
        if span["type"] in NAMES and others and draw(text, f"mistaken {purpose}") < MISTAKEN:
            at = int(draw(text, f"other {purpose}") * len(others))
            yield {**span, "type": others[at]}
        elif " " in said and draw(text, f"shortened {purpose}") < SHORTENED:
            yield {**span, "start": span["start"] + said.index(" ") + 1}
        else:
            yield span


def draw(text: str, purpose: str) -> float:
    """Return a number from 0 to 1 that the text determines, another one for each purpose."""
    digest = blake2b(f"{purpose}\n{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
