"""Easy data augmentation (arXiv 1901.11196) without its synonyms, for which no dictionary is here.

A text is cut into words; an entity is one unit that stays whole. A new text has some units deleted,
some swapped, or words of other texts inserted.
"""

from collections.abc import Sequence
from random import Random

from distill.tasks.entities.offsets import Span

CHANGED = 0.1  # the share of a text's units that one operation changes (their alpha)


def changed(
    text: str, spans: Sequence[Span], others: Sequence[str], rng: Random
) -> tuple[str, list[Span]]:
    """Return a text changed by one operation, and its entities at their new places."""
    units = _units(text, spans)
    times = max(1, round(CHANGED * len(units)))
    operation = rng.choice((_delete, _swap, _insert))
    for _ in range(times):
        operation(units, others, rng)
    return _joined(units)


Unit = tuple[str, str]  # its words, and the type of the entity that it is, "" for a plain word


def _units(text: str, spans: Sequence[Span]) -> list[Unit]:
    units: list[Unit] = []
    at = 0
    for span in sorted(spans, key=lambda one: int(one["start"])):
        units += [(word, "") for word in text[at : span["start"]].split()]
        units.append((text[span["start"] : span["end"]], span["type"]))
        at = span["end"]
    return [*units, *((word, "") for word in text[at:].split())]


def _joined(units: Sequence[Unit]) -> tuple[str, list[Span]]:
    text, spans = "", list[Span]()
    for words, kind in units:
        start = len(text) + bool(text)
        text = f"{text} {words}" if text else words
        if kind:
            spans.append({"start": start, "end": len(text), "type": kind})
    return text, spans


def _delete(units: list[Unit], others: Sequence[str], rng: Random) -> None:
    plain = [place for place, (_, kind) in enumerate(units) if not kind]
    if len(plain) > 1:
        del units[rng.choice(plain)]


def _swap(units: list[Unit], others: Sequence[str], rng: Random) -> None:
    if len(units) > 1:
        left, right = rng.sample(range(len(units)), 2)
        units[left], units[right] = units[right], units[left]


def _insert(units: list[Unit], others: Sequence[str], rng: Random) -> None:
    word = rng.choice(rng.choice(others).split())
    units.insert(rng.randrange(len(units) + 1), (word, ""))
