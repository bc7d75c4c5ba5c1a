"""A summary's items, divided into clauses."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from distill.offline.truth.words import canonical
from distill.tasks.summarize.format import NOTHING, bullets

_TAG = re.compile(r"<[^>]*>?")
_JOINT = re.compile(
    r"[.!?;:](?=\s|$)|,(?=\s)|[()]"
    r"|\s(?=(?:and|but|although|though|while|whereas|because|so|which|who|since|after|before|yet"
    r"|however|plus|when)\s)"
)


@dataclass(frozen=True)
class Item:
    """One bullet in canonical form, with start and end of its clauses."""

    text: str
    clauses: tuple[tuple[int, int], ...]

    def part(self, first: int, last: int) -> str:
        """Return the text from one clause to another, both included."""
        return self.text[self.clauses[first][0] : self.clauses[last][1]]

    def at(self, clause: int) -> str:
        """Return the text of one clause."""
        return self.part(clause, clause)

    @cached_property
    def says_nothing(self) -> bool:
        """Whether the item is the one of an empty interaction."""
        return self.text.strip(" .") == NOTHING


def parse(summary: str, names: Iterable[str]) -> tuple[tuple[Item, ...], bool]:
    """Return the items and whether the summary is one list; values in `names` are not divided.

    All texts between the tags of a malformed list are items.
    """
    try:
        texts, well_formed = bullets(summary), True
    except ValueError:
        parts = (html.unescape(part).strip() for part in _TAG.split(summary))
        texts, well_formed = [part for part in parts if part], False
    whole = [canonical(name) for name in names]
    return tuple(_item(canonical(text), whole) for text in texts), well_formed


def _item(text: str, names: list[str]) -> Item:
    within = [
        (found.start(), found.end())
        for name in names
        for found in re.finditer(re.escape(name), text)
    ]
    clauses, start = [], 0
    for joint in _JOINT.finditer(text):
        if any(low < joint.start() < high for low, high in within):
            continue
        clauses.append((start, joint.start()))
        start = joint.end()
    clauses.append((start, len(text)))
    return Item(text, tuple(clause for clause in clauses if text[slice(*clause)].strip()))
