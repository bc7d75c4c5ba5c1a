"""The anonymization of one interaction, once it was looked at."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from distill.privacy.find.detect import Span
from distill.privacy.kinds import KEEP, DetectionError
from distill.privacy.replace import replace, second_look
from distill.privacy.settings import Anonymize
from distill.privacy.surrogates import Surrogates
from distill.privacy.survey import Look, Survey
from distill.records import Row


class Outcome(NamedTuple):
    """An anonymized row or the reason to quarantine it, and its number of values of each type.

    `values` has the original of each artificial value that stands for one alone; no stage keeps it.
    """

    row: Row
    reason: str | None
    found: Counter[str]
    values: Mapping[str, str] = {}


def anonymize(
    looked_at: tuple[Row, Look], policy: Anonymize, known: Survey, secret: bytes
) -> Outcome:
    """The row with artificial values, unless something personal is left or cannot be excluded."""
    row, spans = looked_at
    if isinstance(spans, str):
        return Outcome(row, spans, Counter())
    if known.ordinary:
        spans = sorted([*spans, *known.ordinary.unusual(row["input"], spans)])
    personal = [span for span in spans if span.type != KEEP]
    stays = [row["input"][span.start : span.end] for span in spans if span.type == KEEP]
    own = Surrogates(secret, row["id"], known.seen)
    first, inserted = replace(row["input"], personal, own, policy.policy)
    try:
        missed = second_look(first, [*inserted, *stays], policy.added)
        text, more = replace(first, missed, own, policy.policy)
        left = second_look(text, [*inserted, *more, *stays], policy.added) if missed else []
    except DetectionError as error:
        return Outcome(row, error.reason, Counter())
    types = "+".join(sorted({span.type for span in left}))
    reason = f"personal_data_left:{types}" if left else None
    values = _originals(
        [*_pairs(row["input"], personal, inserted), *_pairs(first, missed, more)],
    )
    found = Counter(s.type for s in (*personal, *missed))
    return Outcome(row | {"input": text}, reason, found, values)


def _pairs(text: str, spans: Iterable[Span], inserted: Iterable[str]) -> list[tuple[str, str]]:
    found = zip(spans, inserted, strict=True)
    return [(made, text[span.start : span.end]) for span, made in found]


def _originals(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The original of each value; a mask that stands for several has none."""
    found: dict[str, set[str]] = {}
    for made, original in pairs:
        found.setdefault(made, set()).add(original)
    return {made: min(all_of) for made, all_of in found.items() if made and len(all_of) == 1}
