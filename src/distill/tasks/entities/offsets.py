"""Entities as offsets, and as quotations from the text, as a language model gives them.

offsets      [{"start": 17, "end": 31, "type": "order"}]     code points of the text
quotations   [{"text": "07-11223-45678", "type": "order"}]

A quotation becomes offsets where it can mean one place only: it stands once in the text, outside of
the other entities; as often as it is quoted; or `occurrence` counts its places from 1.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from distill.llm.fences import unfenced

Span = dict[str, Any]
Place = tuple[int, int]

_LIST = "entities"  # the key of a reply that is an object
_QUOTED = {"text", "type", "occurrence"}
_OFFSETS = {"start", "end", "type", "text"}


def items(text: str) -> list[Span]:
    """Return the entities of a reply as it gives them; raises ValueError for another form."""
    try:
        reply = json.loads(unfenced(text))
    except RecursionError as error:
        raise ValueError("the reply is nested too deeply") from error
    if isinstance(reply, dict) and set(reply) == {_LIST}:
        reply = reply[_LIST]
    if not isinstance(reply, list):
        raise ValueError("the reply is no list of entities")
    for item in reply:
        _check_form(item)
    return reply


def _check_form(item: Any) -> None:
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        raise ValueError("an entity is no object with a type")
    keys = set(item)
    if "start" in keys or "end" in keys:
        if not all(type(item.get(key)) is int for key in ("start", "end")):
            raise ValueError("an offset is no whole number")
        unknown = keys - _OFFSETS
    else:
        unknown = keys - _QUOTED
        if type(item.get("occurrence", 1)) is not int:
            raise ValueError("an occurrence is no whole number")
        if "text" not in keys:
            raise ValueError("an entity has neither offsets nor text")
    if unknown:
        raise ValueError(f"an entity has the unknown key {min(unknown)[:60]!r}")
    if not isinstance(item.get("text", ""), str):
        raise ValueError("the text of an entity is no text")


def resolved(found: Sequence[Span], text: str, labels: Sequence[str]) -> list[Span]:
    """Return the entities as sorted offsets with types as `labels` spells them.

    Raises ValueError for an unknown type, for offsets that do not lie in the text or do not fit the
    quoted words, for a quotation that is not in the text or can mean several places, and for
    entities that overlap.
    """
    types = [_type(str(item["type"]), labels) for item in found]
    places: list[Place | None] = [
        _offsets(item, text) if "start" in item else None for item in found
    ]
    _place_quotations(found, text, places)
    spans = [
        {"start": place[0], "end": place[1], "type": type_}
        for place, type_ in zip(places, types, strict=True)
        if place
    ]
    return checked(spans)


def checked(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in the order of the text; raises ValueError where two overlap."""
    ordered = sorted(spans, key=lambda span: (span["start"], span["end"]))
    for first, second in pairwise(ordered):
        if second["start"] < first["end"]:
            raise ValueError("entities overlap")
    return ordered


def outermost(spans: Iterable[Span]) -> list[Span]:
    """Return the spans without those that overlap a longer one, in the order of the text."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one["start"] - one["end"], one["start"])):
        if all(span["end"] <= one["start"] or one["end"] <= span["start"] for one in kept):
            kept.append(span)
    return checked(kept)


def _type(name: str, labels: Sequence[str]) -> str:
    found = [label for label in labels if label.casefold() == name.strip().casefold()]
    if name in labels:
        return name
    if len(found) != 1:
        raise ValueError(f"unknown type {name[:60]!r}")
    return found[0]


def _offsets(item: Span, text: str) -> Place:
    start, end = item["start"], item["end"]
    if not 0 <= start < end <= len(text):
        raise ValueError("offsets lie outside of the text")
    if text[start].isspace() or text[end - 1].isspace():
        raise ValueError("offsets begin or end with a space")
    if text[start:end] != item.get("text", text[start:end]):
        raise ValueError("offsets do not fit the quoted words")
    return start, end


def _place_quotations(found: Sequence[Span], text: str, places: list[Place | None]) -> None:
    """Fill the missing places: first of quotations that stand once, then of the others."""
    quoted = {at: str(item["text"]).strip() for at, item in enumerate(found) if not places[at]}
    standing = {words: occurrences(words, text) for words in quoted.values()}
    for at in sorted(quoted, key=lambda at: len(standing[quoted[at]])):
        if places[at]:
            continue
        same = [other for other, words in quoted.items() if words == quoted[at]]
        if "occurrence" in found[at]:
            places[at] = _nth(standing[quoted[at]], found[at]["occurrence"])
            continue
        same = [other for other in same if not places[other]]
        free = [place for place in standing[quoted[at]] if not _meets(place, places)]
        if len(free) != len(same):
            raise ValueError("a quotation can mean several places, or fewer than it is quoted for")
        for other, place in zip(same, free, strict=True):
            places[other] = place


def _nth(standing: Sequence[Place], number: int) -> Place:
    if not 1 <= number <= len(standing):
        raise ValueError("an occurrence is not in the text")
    return standing[number - 1]


def _meets(place: Place, places: Iterable[Place | None]) -> bool:
    return any(one and place[0] < one[1] and one[0] < place[1] for one in places)


def occurrences(words: str, text: str) -> list[Place]:
    """Return where the words stand in the text, as whole words if they do so anywhere.

    Case matters only where the words stand in the text as they are spelled. Raises ValueError where
    they stand nowhere.
    """
    exact = re.escape(words)
    for flags in (re.NOFLAG, re.IGNORECASE):
        for pattern in (rf"(?<!\w){exact}(?!\w)", exact):
            if words and (found := [m.span() for m in re.finditer(pattern, text, flags)]):
                return found
    raise ValueError("a quotation is not in the text")


def quotations(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans as quotations that `resolved` turns back into the same spans.

    A span inside a word whose words also stand whole elsewhere keeps its offsets: no quotation can
    mean it.
    """
    ordered = checked(spans)
    words = [text[span["start"] : span["end"]] for span in ordered]
    standing = {said: occurrences(said, text) for said in words}
    places = [(span["start"], span["end"]) for span in ordered]
    quotable = [place in standing[said] for place, said in zip(places, words, strict=True)]
    quoted = Counter(said for said, can in zip(words, quotable, strict=True) if can)
    made = []
    for span, said, can in zip(ordered, words, quotable, strict=True):
        if not can:
            made.append({**span, "text": said})
            continue
        item = {"text": said, "type": span["type"]}
        if len(standing[said]) != quoted[said]:
            item["occurrence"] = standing[said].index((span["start"], span["end"])) + 1
        made.append(item)
    return made
