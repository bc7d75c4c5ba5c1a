"""The hidden truth of an interaction: its facts, its noise and the spans of personal data."""

from collections.abc import Iterable, Sequence
from typing import Any

from distill.offline.corpus.phrasings import HELD_OUT
from distill.offline.corpus.sentence import Sentence
from distill.offline.corpus.story import Story
from distill.offline.corpus.values import ENTITIES

Span = dict[str, Any]


def joined(
    where: str, sentences: Sequence[Sentence], gaps: Sequence[str]
) -> tuple[str, list[Span]]:
    """Return the text of the sentences, with `gaps` between, and its spans of personal data."""
    text, spans = "", []
    for sentence, gap in zip(sentences, ["", *gaps], strict=True):
        text += gap
        spans += [_span(where, len(text), sentence, span) for span in sentence.spans]
        text += sentence.text
    return text, spans


def row(
    story: Story,
    row_id: str,
    sentences: Iterable[Sentence],
    fields: dict[str, str],
    pii: list[Span],
) -> dict[str, Any]:
    """Return a row of truth.jsonl, of all sentences; `fields` are the form's entities."""
    noise = [one for one in sentences if one.kind != "fact" or one.mixed]
    facts = story.facts
    stated = fields.get("role", "")
    role, how = (stated, "stated") if stated else story.role_in_facts
    return {
        "id": row_id,
        "channel": story.channel,
        "intent": story.intent,
        "sentiment": story.sentiment,
        "role": role,
        "role_stated": how,
        "nothing": not facts,
        "held_out": HELD_OUT in row_id,
        "facts": [
            {"family": fact.family, "text": fact.fact, "values": fact.values} for fact in facts
        ],
        "noise": [{"kind": one.mixed or one.kind, "text": one.noise} for one in noise],
        "typos": story.typos,
        "entities": _entities(facts, fields),
        "pii": pii,
    }


def _span(where: str, offset: int, sentence: Sentence, span: tuple[int, int, str]) -> Span:
    start, end, kind = span
    value = sentence.text[start:end]
    place = {"where": where, "start": offset + start, "end": offset + end}
    return {**place, "type": kind, "value": value}


def _entities(facts: list[Sentence], fields: dict[str, str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {kind: [] for kind in ENTITIES}
    pairs = [(kind, value) for kind, value in fields.items() if kind in values]
    pairs += [(p.entity, p.text) for fact in facts for p in fact.pieces if p.entity is not None]
    for kind, value in pairs:
        if value and value not in values[kind]:
            values[kind].append(value)
    return values
