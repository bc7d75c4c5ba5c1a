"""The hidden truth of a message: its intent and its entities, read from the text alone.

It compares each sentence with every phrasing of the made-up world, word by word, so that it also
reads messages that were paraphrased, shortened or mistyped. Neither the writer nor a tagger uses
its code.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from distill.offline.utterances.phrasings import (
    ALTERNATIVES,
    LEARN,
    SLOT,
    TEST,
    Family,
    frames,
    intents,
    words,
)

Span = dict[str, Any]
LEAST = 0.5  # the agreement of words below which a sentence says nothing that is known
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LISTED = ("company", "product", "person", "place")
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_COMPOSED = {
    "order": r"(?:\d\d-\d{5}-\d{5}|hg\d{6}|#\d{7}|kx-\d{5})",
    "date": rf"(?:(?:{_MONTHS}) \d\d?(?:st|nd|rd|th)?|\d\d?(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})"
    r"|\d\d/\d\d/2025|2025-\d\d-\d\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day)",
    "amount": r"(?:[$£€]\d+(?:[.,]\d\d)?|\d+\.\d\d USD|\d+ dollars)",
}
_TO_PERSON = re.compile(r"\b(?:spoke|redirect .*|talk) to\s$", re.IGNORECASE)
_AT_PLACE = re.compile(r"\b(?:in|from|to|where|near)\s$", re.IGNORECASE)


class Phrasing(NamedTuple):
    """One wording of a family: its words, and the weight of all of them."""

    intent: str
    words: frozenset[str]
    weight: float


def truth(task: str, text: str) -> str | list[Span] | None:
    """Return what is right of a text: its intent for the task classify, else its entities."""
    return intent(text) if task == "classify" else spans(text)


def intent(text: str) -> str | None:
    """Return what a message wants; None where no sentence says it, or two say different things."""
    found = {_said(sentence) for sentence in _sentences(_corrected(text))} - {""}
    return found.pop() if len(found) == 1 else None


def spans(text: str) -> list[Span]:
    """Return the entities of a message, in its order."""
    found: list[Span] = []
    text = _corrected(text)
    for match in _any_value().finditer(text):
        start, end = match.span()
        found.append({"start": start, "end": end, "type": _type(text, match)})
    return found


def _said(sentence: str) -> str:
    """Return the intent of the phrasing that shares most words with a sentence, "" for none."""
    own = _content(_any_value().sub(" ", sentence))
    weights, phrasings = _world()
    usual = max(weights.values())
    typed = set(own)
    whole = sum(weights.get(word, usual) for word in typed)
    best, found = LEAST, ""
    for phrasing in phrasings:
        both = sum(weights[word] for word in typed & phrasing.words)
        agreement = 2 * both / (whole + phrasing.weight) if whole + phrasing.weight else 0.0
        if agreement > best:
            best, found = agreement, phrasing.intent
    return found


@cache
def _world() -> tuple[dict[str, float], tuple[Phrasing, ...]]:
    """Return the weight of every word, by how few families use it, and all phrasings."""
    families = [
        family for group in (intents(), frames()) for all_ in group.values() for family in all_
    ]
    by_family = {family: list(_wordings(family)) for family in families}
    used = Counter(word for found in by_family.values() for word in frozenset().union(*found))
    weights = {word: math.log(1 + len(families) / count) for word, count in used.items()}
    phrasings = [
        Phrasing(family.intent, wording, sum(weights[word] for word in wording))
        for family, found in by_family.items()
        for wording in found
    ]
    return weights, tuple(phrasings)


def _wordings(family: Family) -> Iterator[frozenset[str]]:
    """Yield the words of each choice of a family's alternatives."""
    parts = ALTERNATIVES.split(SLOT.sub(" ", family.line))
    for chosen in product(
        *(part.split("|") if at % 2 else [part] for at, part in enumerate(parts))
    ):
        yield frozenset(_content("".join(chosen)))


def _content(text: str) -> list[str]:
    return [word for word in _TOKEN.findall(text.lower()) if word not in {"a", "an", "the"}]


@cache
def _sorted_letters() -> dict[tuple[str, str, str], str]:
    """Return every known word by its first and last letter and all its letters."""
    return {_letters(word): word for word in _world()[0]}


def _letters(word: str) -> tuple[str, str, str]:
    return word[0], word[-1], "".join(sorted(word))


def _corrected(text: str) -> str:
    """Return the text with each known word of which two letters were swapped; its length stays."""
    known, letters = _world()[0], _sorted_letters()

    def nearest(match: re.Match[str]) -> str:
        word = match[0].lower()
        return match[0] if word in known else letters.get(_letters(word), match[0])

    return _TOKEN.sub(nearest, text)


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(_without_openers(text)) if part]


def _without_openers(text: str) -> str:
    """Return the text without the words up to the comma of its greeting."""
    for family in frames()["opener"]:
        pattern = re.escape(family.line).replace(re.escape("{person}"), r"[\w. ]{2,30}?")
        if match := re.match(pattern, text, re.IGNORECASE):
            return text[match.end() :]
    return text


@cache
def _any_value() -> re.Pattern[str]:
    """Return the pattern of all values, one group a type; the longest name comes first."""
    listed = {
        slot: "|".join(
            re.escape(word)
            for word in sorted({*words(slot, LEARN), *words(slot, TEST)}, key=len, reverse=True)
        )
        for slot in _LISTED
    }
    # A full name comes before a place that is its first word.
    groups = {"product": listed["product"], **_COMPOSED}
    groups |= {slot: listed[slot] for slot in ("company", "person", "place")}
    joined = "|".join(f"(?P<{slot}>{pattern})" for slot, pattern in groups.items())
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


def _type(text: str, match: re.Match[str]) -> str:
    """Return the type of a value; a name of both a person and a place is told by its left."""
    folded = match[0].casefold()
    both = all(
        folded in {word.casefold() for part in (LEARN, TEST) for word in words(slot, part)}
        for slot in ("person", "place")
    )
    if not both:
        return str(match.lastgroup)
    before = text[: match.start()]
    return "place" if _AT_PLACE.search(before) and not _TO_PERSON.search(before) else "person"
