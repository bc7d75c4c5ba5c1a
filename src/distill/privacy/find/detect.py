"""Personal data of a text: what rules, finders and added detectors find, and its other mentions."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import regex  # type: ignore[import-untyped]

from distill.privacy.find import (
    answers,
    identifiers,
    mentions,
    names_without_cue,
    ner,
    places,
    presidio,
    spoken,
)
from distill.privacy.find.fold import fold
from distill.privacy.find.lines import Lines
from distill.privacy.find.rules import TABLE
from distill.privacy.find.rules.rule import Rule
from distill.privacy.kinds import KEEP, DetectionError
from distill.privacy.settings import ONLY_RULES, Added

_TIMEOUT = 20.0  # seconds for one pattern on one text
_IN_PARTS = {"ADDRESS", "PERSON"}  # types of which several rules may each find a part
# Scores of what no rule finds; rules have 0.4 (a bare number) to 0.99 (a valid check digit).
_IDENTIFIER = 0.85
_PLACE = 0.865
_ANSWER = 0.64
_SPOKEN = 0.86
_UNCUED_NAME = 0.62
_NER = 0.55
_MENTION = 0.5

Place = tuple[int, int, str]  # start, end, type
Scored = tuple[int, int, str, float]  # and the score
Detector = Callable[[Lines], Iterable[Scored]]


class Span(NamedTuple):
    """A personal value: text[start:end], offsets in code points, one of kinds.TYPES."""

    start: int
    end: int
    type: str


@dataclass(slots=True)
class Found:
    """A candidate; of overlapping ones the higher score wins."""

    start: int
    end: int
    type: str
    score: float


def find(text: str, added: Added = ONLY_RULES) -> list[Span]:
    """The personal values of an interaction in order, without overlaps.

    Raises DetectionError where a pattern times out or an added detector fails.
    """
    return [span for span in find_all(text, added) if span.type != KEEP]


def find_all(text: str, added: Added = ONLY_RULES) -> list[Span]:
    """As `find`, with what must stay (prices, dates, names of items) as spans of type KEEP."""
    folded = fold(text)
    return [Span(*folded.place(start, end), type) for start, end, type in _in(folded.text, added)]


def _in(text: str, added: Added) -> list[Span]:
    """What `find_all` finds in a folded text."""
    lines = Lines(text)
    found = _resolved(Found(*candidate) for find in detectors(added) for candidate in find(lines))
    mentioned = _mentions(text, [one for one in found if one.type != KEEP])
    return sorted(Span(one.start, one.end, one.type) for one in _resolved([*found, *mentioned]))


@cache
def detectors(added: Added = ONLY_RULES) -> tuple[Detector, ...]:
    """The rules, the finders and the added detectors; raises ParamsError for a faulty one."""
    return (
        *map(searching, TABLE),
        _scored(identifiers.find, _IDENTIFIER),
        _scored(answers.find, _ANSWER),
        _scored(places.find, _PLACE),
        _scored(names_without_cue.find, _UNCUED_NAME),
        _scored(spoken.find, _SPOKEN),
        *map(_guarded, _load(added)),
    )


def _load(added: Added) -> Iterator[Detector]:
    if added.ner:
        yield _scored(ner.load(added.ner), _NER)
    if recognizers := json.loads(added.recognizers):
        find = presidio.load(recognizers)
        yield lambda lines: find(lines.text)


def searching(rule: Rule) -> Detector:
    """The detector of one rule; it raises DetectionError where the pattern times out."""
    pattern: Any = regex.compile(rule.pattern, regex.MULTILINE)
    cues = tuple(rule.cues.split())

    def search(lines: Lines) -> Iterator[Scored]:
        try:
            for start, end in lines.for_rule(rule, cues):
                for match in pattern.finditer(lines.text, start, end, timeout=_TIMEOUT):
                    if match.end() > match.start() and (rule.check is None or rule.check(match[0])):
                        yield match.start(), match.end(), rule.type, rule.score
        except TimeoutError as error:
            raise DetectionError("detection_timed_out") from error

    return search


def _scored(find: Callable[[str], Iterable[Place]], score: float) -> Detector:
    return lambda lines: ((*place, score) for place in find(lines.text))


def _guarded(detector: Detector) -> Detector:
    """The detector of a library, each exception of which becomes a DetectionError."""

    def guarded(lines: Lines) -> list[Scored]:
        try:
            return list(detector(lines))
        except DetectionError:
            raise
        except Exception as error:
            raise DetectionError(f"detection_failed:{type(error).__name__}") from error

    return guarded


def _resolved(candidates: Iterable[Found]) -> list[Found]:
    """The best of what overlaps: the higher score, then the longer value, then the earlier one.

    A person or an address grows by a weaker candidate of its type that overlaps it alone.
    """
    chosen: list[Found] = []
    taken: dict[int, Found] = {}
    for one in sorted(candidates, key=lambda f: (-f.score, f.start - f.end, f.start)):
        met = {id(taken[i]): taken[i] for i in range(one.start, one.end) if i in taken}
        stronger = next(iter(met.values()), one)
        if stronger is one:
            chosen.append(one)
        elif len(met) > 1 or not stronger.type == one.type in _IN_PARTS:
            continue
        stronger.start = min(stronger.start, one.start)
        stronger.end = max(stronger.end, one.end)
        taken.update(dict.fromkeys(range(stronger.start, stronger.end), stronger))
    return chosen


def _mentions(text: str, found: list[Found]) -> Iterator[Found]:
    values = dict.fromkeys((one.type, text[one.start : one.end]) for one in found)
    return (Found(*place, _MENTION) for place in mentions.find(text, values))
