"""An interaction's text taken apart: who said what, sentence by sentence, and which fields it has.

A chat has one turn a line, "Customer: ..." or another label; a form has one field a line,
"Field name: value", and every line of it is the customer's.
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
    """What the customer said, in sentences, what others said, in lines, and a form's fields."""

    own: tuple[str, ...]
    others: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]  # label, value; without the message; none in a chat


def sentences(text: str) -> list[str]:
    """Split at closing punctuation that blanks follow; sentences keep their punctuation."""
    return [part for part in map(str.strip, _SENTENCE_END.split(text)) if part]


@lru_cache(maxsize=64)
def parse(text: str) -> Interaction:
    """Take a text apart; lines without a label belong to the speaker before them."""
    turns: list[tuple[str, str]] = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        if match:
            turns.append((match[1].strip(), match[2].strip()))
        elif line.strip():
            turns.append((turns[-1][0] if turns else "", line.strip()))
    if any(label == CUSTOMER for label, _ in turns):
        own = [
            sentence for label, said in turns if label == CUSTOMER for sentence in sentences(said)
        ]
        return Interaction(
            tuple(own), tuple(said for label, said in turns if label != CUSTOMER), ()
        )
    message = _message(turns)
    return Interaction(
        tuple(
            sentence for label, said in turns if label == message for sentence in sentences(said)
        ),
        (),
        tuple((label, value) for label, value in turns if label != message),
    )


def _message(turns: list[tuple[str, str]]) -> str | None:
    """The label of the form's free text: by its name, else the field with most words."""
    for label, _ in turns:
        if _MESSAGE.fullmatch(label):
            return label
    return max(turns, key=lambda turn: len(turn[1].split()))[0] if turns else None
