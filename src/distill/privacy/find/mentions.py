"""Other mentions of the values found in an interaction.

A person is also mentioned by first or last name alone, in any case, by initials, misspelled by one
letter, or joined as in "josephbanter92"; a number in other groups of digits.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from distill.privacy.find.lexicon import words_of
from distill.privacy.find.lines import lowered
from distill.privacy.find.words import can_stand_alone, is_english, is_one_edit

Place = tuple[int, int]

NUMBERS = frozenset({"PHONE", "CREDIT_CARD", "IBAN", "NATIONAL_ID", "ACCOUNT_ID", "ORDER_ID"})
_LETTERS = re.compile(r"[^\W\d_]+")
_RUNS = re.compile(r"[^\W_]+")
_SPACED = r"[ ().\-/]{0,3}"  # between the digits of a number in groups
_FEWEST = 7  # letters and digits of a number that is looked for in other groups
_NUMBER = re.compile(rf"(?<![^\W_])(?=([^\W_](?:{_SPACED}[^\W_]){{{_FEWEST - 1}}}))")
# "J.B.", and "JB" where a line ends.
_INITIALS = re.compile(
    r"(?<!\w)(?=(([^\W\d_])(?:\. ?([^\W\d_])\.|([^\W\d_])(?=[.!]?\s*(?:\n|$)))))"
)
_BEFORE = re.compile(r"(?<!\w)(?:([^\W\d_]+) |([^\W\d_])\. )$")
_AFTER = re.compile(r" ([^\W\d_]+)(?!\w)")
_SHORTEST_MISSPELLED = 5  # letters; shorter names resemble too many words


def find(text: str, found: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, type) of the mentions of the (type, value) pairs, in no order."""
    small = lowered(text)
    people = [words_of(value) for type, value in found if type == "PERSON"]
    if people:
        words = _Words(small)
        for person in people:
            for start, end in _person(text, small, words, person):
                yield start, end, "PERSON"
    others = [(type, value.lower()) for type, value in found if type != "PERSON"]
    if others:
        runs, numbers = _runs(small), _numbers(small)
        for type, value in others:
            for start, end in _same(small, runs, numbers, value, type):
                yield start, end, type


class _Words:
    """Index of a text's words by spelling, prefix, length and initials.

    One index serves all names of a text, so that time grows with its length, not its square.
    """

    def __init__(self, small: str) -> None:
        self.where: dict[str, list[Place]] = defaultdict(list)
        for word in _LETTERS.finditer(small):
            self.where[word[0]].append(word.span())
        self.by_start: dict[str, list[str]] = defaultdict(list)  # of two letters
        self.by_length: dict[tuple[str, int], list[str]] = defaultdict(list)  # and first letter
        for known in self.where:
            self.by_start[known[:2]].append(known)
            self.by_length[known[0], len(known)].append(known)
        self.initials: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for found in _INITIALS.finditer(small):
            self.initials[found[2], found[3] or found[4]].append(found.span(1))


def _person(text: str, small: str, words: _Words, person: list[str]) -> Iterator[Place]:
    parts = [
        piece.lower()
        for word in person
        if can_stand_alone(word)
        for piece in _LETTERS.findall(word)
        if len(piece) > 1
    ]
    for part in parts:
        plain = len(part) < 3 or is_english(part)
        for start, end in words.where.get(part, ()):
            if text[start].isupper() or not plain:
                yield _grown(small, start, end, parts)
        if len(part) >= _SHORTEST_MISSPELLED and not plain:
            for length in range(len(part) - 1, len(part) + 2):
                for word in words.by_length.get((part[0], length), ()):
                    if _is_misspelled(word, part):
                        yield from words.where[word]
    if len(parts) > 1:
        yield from _joined(small, words, parts[0], parts[-1])


def _is_misspelled(word: str, name: str) -> bool:
    """Whether a word that is not English is one edit away from the name."""
    return word != name and is_one_edit(word, name) and not is_english(word)


def _grown(small: str, start: int, end: int, parts: list[str]) -> Place:
    """The place extended by adjacent parts or initials of the same person."""
    others = {*parts, *(part[0] for part in parts)} - {small[start:end]}
    before = _BEFORE.search(small[max(0, start - 40) : start])
    after = _AFTER.match(small, end)
    if before and (before[1] or before[2]) in others:
        start -= len(before[0])
    if after and after[1] in others:
        end = after.end(1)
    return start, end


def _joined(small: str, words: _Words, first: str, last: str) -> Iterator[Place]:
    """Yield joined forms ("josephbanter92", "jbanter") and initials."""
    joined = {first[0] + last, first + last[0]}
    for whole in (first + last, last + first):
        near = words.by_start.get(whole[:2], ())
        joined.update(word for word in near if word.startswith(whole))
    for word in joined:
        for start, _ in words.where.get(word, ()):
            yield start, re.compile(r"\w+").match(small, start).end()  # type: ignore[union-attr]
    yield from words.initials.get((first[0], last[0]), ())


def _runs(small: str) -> dict[str, list[int]]:
    """Offsets of each run of letters and digits."""
    where: dict[str, list[int]] = defaultdict(list)
    for run in _RUNS.finditer(small):
        where[run[0]].append(run.start())
    return where


def _numbers(small: str) -> dict[str, list[int]]:
    """Offsets at which a number may begin, in any groups, by its first seven letters and digits."""
    where: dict[str, list[int]] = defaultdict(list)
    for number in _NUMBER.finditer(small):
        where["".join(_RUNS.findall(number[1]))].append(number.start())
    return where


def _same(
    small: str, runs: dict[str, list[int]], numbers: dict[str, list[int]], value: str, type: str
) -> Iterator[Place]:
    """Yield places of the value itself, and of a number also in other groups."""
    plain = [c for c in value if c.isalnum()]
    if type in NUMBERS and len(plain) >= _FEWEST:
        starts = numbers.get("".join(plain[:_FEWEST]), [])
        pattern = _SPACED.join(plain)
    elif first := _RUNS.search(value):
        starts = [at - first.start() for at in runs.get(first[0], ())]
        pattern = r"\s+".join(map(re.escape, value.split()))
    else:
        return
    if len(starts) > 1:
        whole = re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])")
        yield from (hit.span() for at in starts if at >= 0 and (hit := whole.match(small, at)))
