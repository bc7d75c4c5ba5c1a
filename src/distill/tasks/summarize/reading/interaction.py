"""The parsed text of an interaction: the speakers' sentences and a form's fields.

A chat has one turn per line, "Customer: ..." or another label; a form has one field per line,
"Field name: value", and all its lines are the customer's. An indented line continues the one above.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

CUSTOMER = "Customer"
_LINE = re.compile(r"([^:\n]{1,40}):(?:[ \t]+|$)(.*)")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_MESSAGE = re.compile(r"message|description|comments?|details|question|request|text", re.IGNORECASE)


@dataclass(frozen=True)
class Interaction:
    """The customer's sentences, the other speakers' lines, and a form's fields."""

    customer_sentences: tuple[str, ...]
    other_lines: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]  # (label, value) without the message; empty for a chat


def sentences(text: str) -> list[str]:
    """Split a text at closing punctuation followed by blanks, and keep the punctuation."""
    return [part for part in map(str.strip, _SENTENCE_END.split(text)) if part]


@lru_cache(maxsize=64)
def parse(text: str) -> Interaction:
    """Parse a text; a line without a label belongs to the speaker before it."""
    turns: list[tuple[str, str]] = []
    for line in text.splitlines():
        match = None if line[:1].isspace() else _LINE.fullmatch(line.strip())
        if match:
            turns.append((match[1].strip(), match[2].strip()))
        elif line.strip():
            turns.append((turns[-1][0] if turns else "", line.strip()))
    if any(label == CUSTOMER for label, _ in turns):
        others = tuple(line for label, line in turns if label != CUSTOMER)
        return Interaction(_sentences_of(CUSTOMER, turns), others, ())
    message = _message_label(turns)
    fields = tuple((label, value) for label, value in turns if label != message)
    return Interaction(_sentences_of(message, turns), (), fields)


def _sentences_of(label: str | None, turns: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sentence for name, line in turns if name == label for sentence in sentences(line))


def _message_label(turns: list[tuple[str, str]]) -> str | None:
    """Return the label of a form's free text, by its name, else the field with most words."""
    for label, _ in turns:
        if _MESSAGE.fullmatch(label):
            return label
    return max(turns, key=lambda turn: len(turn[1].split()))[0] if turns else None
