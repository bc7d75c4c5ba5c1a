"""Messages of one or two sentences, composed of phrasings, with their entities."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from distill.offline.utterances.phrasings import ALTERNATIVES, SLOT, Family, Part, frame
from distill.offline.utterances.values import Values

Span = dict[str, Any]  # {"start": 3, "end": 9, "type": "order"}, code points of the text

_ARTICLE = re.compile(r"\b([Aa]) $")
_WORD = re.compile(r"[a-z]{5,}")
# The probability that a message has one more sentence, by what it says.
SECOND = {"detail": 0.25, "aside": 0.08, "closer": 0.12}
OPENER, LOWER_CASE, TYPO = 0.2, 0.08, 0.1  # probabilities


@dataclass(frozen=True)
class Utterance:
    """A message with its entities; `family` is the phrasing of what it wants."""

    text: str
    spans: tuple[Span, ...]
    intent: str
    family: str


def compose(rng: Random, family: Family, part: Part, second: str | None = None) -> Utterance:
    """Return a message of a family, with an opening and a second sentence by chance.

    `second` is the kind of the second sentence, "" for none; by default chance decides, see SECOND.
    """
    values = Values(rng, part)
    lines = [family.line]
    if second is None:
        second = _second(rng)
    if second:
        other = rng.choice(frame(second, part)).line
        lines.insert(0 if second != "closer" and rng.random() < 0.5 else 1, other)
    if rng.random() < OPENER:
        lines.insert(0, rng.choice(frame("opener", part)).line)
    text, spans = filled(rng, values, lines)
    text = _mistyped(rng, text, spans) if rng.random() < TYPO else text
    if rng.random() < LOWER_CASE:
        text = text.lower()
    return Utterance(text, tuple(spans), family.intent, family.name)


def filled(rng: Random, values: Values, lines: Sequence[str]) -> tuple[str, list[Span]]:
    """Return the text of the phrasings with values in their slots, and the values' spans."""
    text, spans = "", list[Span]()
    for line in lines:
        chosen = ALTERNATIVES.sub(lambda match: rng.choice(match[1].split("|")), line)
        text += " " if text else ""
        for position, piece in enumerate(SLOT.split(" ".join(chosen.split()))):
            if position % 2 == 0:
                text += piece
                continue
            value = values[piece]
            text = _ARTICLE.sub(r"\1n ", text) if value[0] in "aeiouAEIO" else text
            spans.append({"start": len(text), "end": len(text) + len(value), "type": piece})
            text += value
    return text, spans


def _second(rng: Random) -> str:
    at = rng.random()
    for kind, share in SECOND.items():
        if at < share:
            return kind
        at -= share
    return ""


def _mistyped(rng: Random, text: str, spans: list[Span]) -> str:
    """Return the text with two letters swapped in a word that is no value's; lengths stay."""
    places = [
        match.start() + rng.randrange(1, len(match[0]) - 2)
        for match in _WORD.finditer(text)
        if not any(span["start"] < match.end() and match.start() < span["end"] for span in spans)
    ]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
