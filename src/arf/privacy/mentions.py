"""Every other mention of a value that was found: once a name is known, it is known everywhere.

A person is also mentioned by first or last name alone, in any case, by initials, misspelled by one
letter, or run together as in "josephbanter92"; a number in other groups of digits.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from symspellpy.editdistance import (  # type: ignore[import-untyped]
    DistanceAlgorithm,
    EditDistance,
)

from arf.privacy import names

Place = tuple[int, int]

NUMBERS = frozenset({"PHONE", "CREDIT_CARD", "IBAN", "NATIONAL_ID", "ACCOUNT_ID", "ORDER_ID"})
_LETTERS = re.compile(r"[^\W\d_]+")
_BEFORE = re.compile(r"(?<!\w)(?:([^\W\d_]+) |([^\W\d_])\. )$")
_AFTER = re.compile(r" ([^\W\d_]+)(?!\w)")
_SHORTEST_MISSPELLED = 5  # letters; shorter names are too near to too many words
_DISTANCE = EditDistance(DistanceAlgorithm.DAMERAU_OSA)


def find(text: str, found: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """(start, end, type) of the mentions of the (type, value) pairs, in no particular order."""
    small = text.lower()
    if len(small) != len(text):  # a letter that has two in small, as the Turkish I with a dot
        small = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    people = [names.words(value) for type, value in found if type == "PERSON"]
    if people:
        where = _words(small)
        for person in people:
            for start, end in _person(text, small, where, person):
                yield start, end, "PERSON"
    for type, value in found:
        if type != "PERSON":
            for start, end in _same(small, value.lower(), type):
                yield start, end, type


def _words(small: str) -> dict[str, list[Place]]:
    where: dict[str, list[Place]] = defaultdict(list)
    for word in _LETTERS.finditer(small):
        where[word[0]].append(word.span())
    return where


def _person(
    text: str, small: str, where: dict[str, list[Place]], person: list[str]
) -> Iterator[Place]:
    parts = [
        piece.lower()
        for word in person
        if names.can_stand_alone(word)
        for piece in _LETTERS.findall(word)
        if len(piece) > 1
    ]
    for part in parts:
        plain = len(part) < 3 or names.is_ordinary(part)
        for start, end in where.get(part, ()):
            if text[start].isupper() or not plain:
                yield _grown(small, start, end, parts)
        if len(part) >= _SHORTEST_MISSPELLED and not plain:
            for word, places in where.items():
                if _is_misspelled(word, part):
                    yield from places
    if len(parts) > 1:
        yield from _joined(small, where, parts[0], parts[-1])


def _is_misspelled(word: str, name: str) -> bool:
    return (
        word[0] == name[0]
        and word != name
        and abs(len(word) - len(name)) < 2
        and _DISTANCE.compare(word, name, 1) == 1
        and not names.is_ordinary(word)
    )


def _grown(small: str, start: int, end: int, parts: list[str]) -> Place:
    """The place with what adjoins it of the same person: another part, or an initial."""
    others = {*parts, *(part[0] for part in parts)} - {small[start:end]}
    before = _BEFORE.search(small[max(0, start - 40) : start])
    after = _AFTER.match(small, end)
    if before and (before[1] or before[2]) in others:
        start -= len(before[0])
    if after and after[1] in others:
        end = after.end(1)
    return start, end


def _joined(small: str, where: dict[str, list[Place]], first: str, last: str) -> Iterator[Place]:
    """ "josephbanter92", "jbanter", "J.B.", and "JB" where a line ends."""
    for word, places in where.items():
        if word.startswith((first + last, last + first)) or word in (
            first[0] + last,
            first + last[0],
        ):
            for start, _ in places:
                yield start, re.compile(r"\w+").match(small, start).end()  # type: ignore[union-attr]
    initials = rf"(?<!\w){first[0]}(?:\. ?{last[0]}\.|{last[0]}(?=[.!]?\s*(?:\n|$)))"
    yield from (found.span() for found in re.finditer(initials, small))


def _same(small: str, value: str, type: str) -> Iterator[Place]:
    """The value itself, and a number also in other groups."""
    plain = [c for c in value if c.isalnum()]
    grouped = type in NUMBERS and len(plain) >= 7
    words = value.split()
    telling = "".join(plain[-2:]) if grouped else max(words, key=len, default="")
    if not telling or small.count(telling) < 2:
        return
    pattern = r"[ ().\-/]{0,3}".join(plain) if grouped else r"\s+".join(map(re.escape, words))
    yield from (found.span() for found in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", small))
