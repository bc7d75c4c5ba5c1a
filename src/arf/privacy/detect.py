"""Find personal data: the table's patterns, run by Presidio's recognizers, then every value found
is carried to its other mentions in the same interaction."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import regex  # type: ignore[import-untyped]
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult

from arf.privacy import names
from arf.privacy.table import KEEP, TABLE, Rule

TYPES = (
    "PERSON",
    "EMAIL",
    "PHONE",
    "ADDRESS",
    "CREDIT_CARD",
    "IBAN",
    "IP",
    "USERNAME",
    "DATE_OF_BIRTH",
    "NATIONAL_ID",
)
_NUMBERS = {"PHONE", "CREDIT_CARD", "IBAN", "NATIONAL_ID"}
_CARRIED = 0.78  # above what only looks like a name, below what is found by its own form
_LINK_WORDS = "de la los las del da dos di van der den von le el al bin y mr mrs ms dr"
_LINKS = frozenset(_LINK_WORDS.split())


class Span(NamedTuple):
    """A personal value: text[start:end], offsets in code points, one of TYPES."""

    start: int
    end: int
    type: str


class TableRecognizer(PatternRecognizer):
    """Presidio's pattern recognizer for one row of the table."""

    def __init__(self, rule: Rule):
        super().__init__(
            supported_entity=rule.type,
            patterns=[Pattern(rule.type, rule.pattern, rule.score)],
            global_regex_flags=regex.MULTILINE,
        )
        self.check = rule.check

    def invalidate_result(self, pattern_text: str) -> bool:
        """Refuse what the row's check refuses."""
        return self.check is not None and not self.check(pattern_text)


@cache
def recognizers() -> tuple[TableRecognizer, ...]:
    """The table's rows as recognizers; none needs a language model or the network."""
    return tuple(TableRecognizer(rule) for rule in TABLE)


def find(text: str) -> list[Span]:
    """The personal values of an interaction in order, without overlaps."""
    found = _resolved([result for rule in recognizers() for result in _run(rule, text)])
    personal = [result for result in found if result.entity_type != KEEP]
    kept = [result for result in found if result.entity_type == KEEP]
    mentions = _resolved([*kept, *_mentions(text, personal)], taken_by=personal)
    spans = [Span(r.start, r.end, r.entity_type) for r in [*personal, *mentions]]
    return sorted(span for span in spans if span.type != KEEP)


def _run(recognizer: TableRecognizer, text: str) -> list[RecognizerResult]:
    return recognizer.analyze(text, recognizer.supported_entities)


def _resolved(
    results: Iterable[RecognizerResult], taken_by: Iterable[RecognizerResult] = ()
) -> list[RecognizerResult]:
    """The best of what overlaps: the higher score, then the longer value."""
    chosen: list[RecognizerResult] = []
    taken = {i for result in taken_by for i in range(result.start, result.end)}
    for result in sorted(results, key=lambda r: (-r.score, r.start - r.end, r.start)):
        places = range(result.start, result.end)
        if taken.isdisjoint(places):
            taken.update(places)
            chosen.append(result)
    return chosen


def _mentions(text: str, results: list[RecognizerResult]) -> list[RecognizerResult]:
    """Every other mention of the values found; of a person also each name alone."""
    wanted: dict[str, str] = {}
    for result in results:
        value = text[result.start : result.end]
        for pattern in _patterns(result.entity_type, value):
            wanted.setdefault(pattern, result.entity_type)
    return [
        RecognizerResult(kind, match.start(), match.end(), _CARRIED + (kind != "PERSON") * 0.1)
        for pattern, kind in wanted.items()
        for match in regex.finditer(pattern, text)
    ]


def _patterns(kind: str, value: str) -> list[str]:
    if kind == "PERSON":
        parts = [word for word in names.words(value) if word.casefold() not in _LINKS]
        return [_whole(value, any_case=True), *(_one_name(part) for part in parts if len(part) > 1)]
    if kind in _NUMBERS:
        plain = [c for c in value if c.isalnum()]
        if len(plain) >= 7:
            return [_edges(r"[ ().\-/]{0,3}".join(map(regex.escape, plain)), any_case=True)]
    return [_whole(value, any_case=len(value) > 3 and not names.is_common(value))]


def _one_name(name: str) -> str:
    """A name alone: in any case, unless it is also an everyday word or very short."""
    if names.is_common(name) or len(name) < 3:
        return _edges(f"(?:{regex.escape(name.capitalize())}|{regex.escape(name.upper())})")
    return _whole(name, any_case=True)


def _whole(value: str, any_case: bool) -> str:
    return _edges(r"\s+".join(map(regex.escape, value.split())), any_case)


def _edges(pattern: str, any_case: bool = False) -> str:
    flags = "(?i)" if any_case else ""
    return rf"{flags}(?<![\p{{L}}\p{{M}}\d]){pattern}(?![\p{{L}}\p{{M}}\d])"
