"""Find personal data: the table's patterns, run by Presidio's recognizers, then every value found
is carried to its other mentions in the same interaction."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import regex  # type: ignore[import-untyped]

from distill.privacy.find import identifiers, mentions, ner, people, spoken
from distill.privacy.find.presidio import EntityRecognizer, RecognizerResult
from distill.privacy.find.table import KEEP, TABLE, Rule

_PATIENCE = 20.0  # seconds for one pattern on one text
_MODEL = 0.55  # of an NER model: below every rule that has seen a cue
_WHOLE = {"ADDRESS", "PERSON"}  # what several rows may each see a part of
_TOLD = 0.85
_UNCUED = 0.62
_IN_PIECES = 0.86
_CARRIED = 0.5  # of another mention: above bare numbers, below what is found on its own


Found = tuple[int, int, str]  # start, end, type
Find = Callable[[str], Iterable[Found]]


class Span(NamedTuple):
    """A personal value: text[start:end], offsets in code points, one of kinds.TYPES."""

    start: int
    end: int
    type: str


class Recognizer(EntityRecognizer):
    """Presidio's recognizer of what a function finds in a text."""

    def __init__(self, types: Iterable[str], find: Find, score: float, cues: str = "") -> None:
        super().__init__(supported_entities=list(types))
        self.find, self.score, self.cues = find, score, tuple(cues.split())

    def load(self) -> None:
        """Nothing to load: everything is Python and word lists."""

    def analyze(self, text: str, entities: Any = None, nlp_artifacts: Any = None) -> list[Any]:
        """Results for all that the function finds, each with the recognizer's score."""
        return [
            RecognizerResult(type, start, end, self.score) for start, end, type in self.find(text)
        ]


def _matches(rule: Rule, pattern: Any, text: str) -> Iterator[Found]:
    """What a row's pattern matches and its check does not refuse.

    Unlike Presidio's PatternRecognizer, which goes on without a pattern that takes too long and so
    leaks, this raises TimeoutError.
    """
    for match in pattern.finditer(text, timeout=_PATIENCE):
        if match.end() > match.start() and (rule.check is None or rule.check(match[0])):
            yield match.start(), match.end(), rule.type


@cache
def recognizers(model: str | None = None) -> tuple[Recognizer, ...]:
    """The table's rows, the finders and, where one is named, an NER model."""
    rows = (
        Recognizer(
            [rule.type],
            partial(_matches, rule, regex.compile(rule.pattern, regex.MULTILINE)),
            rule.score,
            rule.cues,
        )
        for rule in TABLE
    )
    finders = (
        Recognizer(identifiers.KINDS, identifiers.find, _TOLD),
        Recognizer(["PERSON"], people.find, _UNCUED),
        Recognizer(identifiers.KINDS, spoken.find, _IN_PIECES),
    )
    models = [Recognizer(ner.TYPES, ner.load(model), _MODEL)] if model else []
    return (*rows, *finders, *models)


def find(text: str, model: str | None = None) -> list[Span]:
    """The personal values of an interaction in order, without overlaps.

    `model` names an NER model that joins in. Raises TimeoutError where a pattern takes too long.
    """
    return [span for span in find_all(text, model) if span.type != KEEP]


def find_all(text: str, model: str | None = None) -> list[Span]:
    """As `find`, with what must stay (prices, dates, names of items) as spans of type KEEP."""
    small = text.lower()
    found = _resolved(
        [
            result
            for recognizer in recognizers(model)
            if not recognizer.cues or any(cue in small for cue in recognizer.cues)
            for result in recognizer.analyze(text)
        ]
    )
    personal = [result for result in found if result.entity_type != KEEP]
    again = _resolved([*found, *_mentions(text, personal)])
    return sorted(Span(r.start, r.end, r.entity_type) for r in again)


def _resolved(results: Iterable[RecognizerResult]) -> list[RecognizerResult]:
    """The best of what overlaps: the higher score, then the longer value.

    What a weaker find of the same type adds to a stronger one's ends is kept.
    """
    chosen: list[RecognizerResult] = []
    taken: dict[int, RecognizerResult] = {}
    for result in sorted(results, key=lambda r: (-r.score, r.start - r.end, r.start)):
        places = range(result.start, result.end)
        met = {id(taken[i]): taken[i] for i in places if i in taken}
        stronger = next(iter(met.values()), result)
        if stronger is result:
            chosen.append(result)
        elif len(met) > 1 or not stronger.entity_type == result.entity_type in _WHOLE:
            continue
        stronger.start = min(stronger.start, result.start)
        stronger.end = max(stronger.end, result.end)
        taken.update(dict.fromkeys(range(stronger.start, stronger.end), stronger))
    return chosen


def _mentions(text: str, results: list[RecognizerResult]) -> list[RecognizerResult]:
    values = dict.fromkeys((r.entity_type, text[r.start : r.end]) for r in results)
    return [
        RecognizerResult(kind, start, end, _CARRIED)
        for start, end, kind in mentions.find(text, values)
    ]
