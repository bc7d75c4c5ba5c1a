"""The offline tagger of intents: cues of words, and errors at declared rates.

It reads the text alone. Its cues are its own: neither the writer nor the truth uses them.
"""

import re
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import yaml

from distill.errors import ModelError

CUES = Path(__file__).with_name("cues.yaml")
NONE = "none"
_WORD = re.compile(r"[a-zA-Z]{5,}")
# Probabilities, decided by the text.
CONFUSED = 0.05  # the label of an intent that is easily confused with the one that it read
ADMITTED = 0.8  # "none" for a text in which it read no intent; otherwise it guesses a label


class Intent(NamedTuple):
    """The cues of an intent, with their weights, and the intents it is easily confused with."""

    cues: tuple[tuple[re.Pattern[str], float], ...]
    near: tuple[str, ...]


@cache
def known() -> dict[str, Intent]:
    """Return the intents of cues.yaml."""
    tree = yaml.safe_load(CUES.read_text(encoding="utf-8"))
    return {name: Intent(_cues(one["cues"]), tuple(one["near"])) for name, one in tree.items()}


def _cues(text: str) -> tuple[tuple[re.Pattern[str], float], ...]:
    """Return the cues of lines such as "2 never came"."""
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    return tuple((re.compile(rf"\b{cue}", re.IGNORECASE), float(weight)) for weight, cue in lines)


def tag(text: str, labels: Sequence[str]) -> str:
    """Return a label for the text, or "none"; wrong with the probability CONFUSED.

    Raises ModelError for labels that are no intents of the made-up messages.
    """
    if unknown := set(labels) - set(known()):
        raise ModelError(
            f"classify: the offline rules do not know the label {min(unknown)!r}; name an endpoint"
        )
    found = read(text, labels)
    if found is None:
        return NONE if draw(text, "none") < ADMITTED else _one(text, "guess", labels)
    others = [name for name in known()[found].near if name in labels]
    if others and draw(text, "confused") < CONFUSED:
        return _one(text, "other", others)
    return found


def read(text: str, labels: Sequence[str]) -> str | None:
    """Return the intent whose cues weigh most in the text; None where there is no cue."""
    text = _corrected(text)
    scores = {name: _weight(text, known()[name]) for name in labels}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 1 else None


def _weight(text: str, intent: Intent) -> float:
    return sum(weight for cue, weight in intent.cues if cue.search(text))


def _corrected(text: str) -> str:
    """Return the text with the words of the cues where two of their letters were swapped."""
    words = _vocabulary()
    return _WORD.sub(lambda match: words.get(_letters(match[0].lower()), match[0]), text)


@cache
def _vocabulary() -> dict[tuple[str, str], str]:
    """Return the long words of the cues by their first letter and all their letters."""
    patterns = (cue.pattern for intent in known().values() for cue, _ in intent.cues)
    found = {word for pattern in patterns for word in _WORD.findall(pattern.lower())}
    return {_letters(word): word for word in sorted(found)}


def _letters(word: str) -> tuple[str, str]:
    return word[0], "".join(sorted(word))


def draw(text: str, purpose: str) -> float:
    """Return a number from 0 to 1 that the text determines, another one for each purpose."""
    digest = blake2b(f"{purpose}\n{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _one(text: str, purpose: str, names: Sequence[str]) -> str:
    return names[int(draw(text, purpose) * len(names))]
