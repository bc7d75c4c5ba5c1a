"""Entities as tags of subwords, and back.

A span is {"start": 8, "end": 13, "type": "PLACE"}, characters of the text; a subword has offsets
(start, end). Tags are O, B-<type> for a span's first subword and I-<type> for its others.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from distill.errors import RowError

Span = dict[str, Any]  # {"start": 8, "end": 13, "type": "PLACE"}
Offsets = Sequence[tuple[int, int]]

OUTSIDE = "O"


def of_types(types: Iterable[str]) -> list[str]:
    """Return the tags of entity types."""
    return [f"{place}-{kind}" for kind in types for place in "BI"]


def tags(spans: Sequence[Span], offsets: Offsets) -> list[str]:
    """Return the tag of each subword; one of no characters, such as [CLS], is outside.

    A subword belongs to a span if they share a character. Raises RowError where spans overlap.
    """
    ordered = sorted(spans, key=lambda span: (span["start"], span["end"]))
    for left, right in pairwise(ordered):
        if right["start"] < left["end"]:
            raise RowError(f"the entities {left} and {right} overlap; keep one of them")
    found = [OUTSIDE] * len(offsets)
    for span in ordered:
        inside = [
            place
            for place, (start, end) in enumerate(offsets)
            if start < span["end"] and end > span["start"] and end > start
        ]
        for place in inside:
            if found[place] == OUTSIDE:  # a subword of two spans stays with the first
                found[place] = f"{'B' if place == inside[0] else 'I'}-{span['type']}"
    return found


def spans(found: Sequence[str], offsets: Offsets, text: str) -> list[Span]:
    """Return the spans of a text's tags, without white space at their ends.

    A span begins with B, or with I after another type. A B that continues a word whose last subword
    has the same type begins none, since no entity begins inside a word.
    """
    made: list[Span] = []
    last = OUTSIDE  # the type of the subword before
    for tag, (start, end) in zip(found, offsets, strict=True):
        if end <= start:
            continue
        kind = OUTSIDE if tag == OUTSIDE else tag[2:]
        if kind != OUTSIDE:
            is_inside_word = start > 0 and text[start - 1 : start + 1].isalnum()
            if kind == last and (tag.startswith("I") or is_inside_word):
                made[-1]["end"] = end
            else:
                made.append({"start": start, "end": end, "type": kind})
        last = kind
    return [span for span in (_trimmed(span, text) for span in made) if span["start"] < span["end"]]


def _trimmed(span: Span, text: str) -> Span:
    inner = text[span["start"] : span["end"]]
    start = span["start"] + len(inner) - len(inner.lstrip())
    return {"start": start, "end": start + len(inner.strip()), "type": span["type"]}
