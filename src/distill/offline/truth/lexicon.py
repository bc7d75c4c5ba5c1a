"""The ways of saying each family of facts, from facts.yaml, as regular expressions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from distill.offline.truth.words import NUMBERS

PATH = Path(__file__).with_name("facts.yaml")
GAP = r"\w*(?:\W+\w+){0,5}?\W+"
NEGATION = (
    r"(?:not|never|no|none|nothing|nobody|without|cannot|\w+n't|unable|yet to|fail(?:s|ed)? to)"
)
VALUE = "VALUE"
_ORDINALS = ("once|first", "twice|second", "thrice|third", "fourth", "fifth", "sixth", "seventh")
_CONCEPT = re.compile(r"@(\w+)")


@dataclass(frozen=True)
class Part:
    """An expression that is to be found in a text, or that must not be."""

    pattern: re.Pattern[str]
    is_wanted: bool

    def holds(self, text: str) -> bool:
        """Return whether a text has the expression, if it is wanted, or else lacks it."""
        return bool(self.pattern.search(text)) == self.is_wanted


Alternative = tuple[Part, ...]


@cache
def alternatives(family: str, values: Sequence[str] = ()) -> tuple[Alternative, ...]:
    """Return the alternatives of a family; all parts of one must hold of a text.

    A family that facts.yaml does not have, as "", has none: only its own words state such a fact.
    """
    return _alternatives("families", family, values)


@cache
def contraries(family: str, values: Sequence[str] = ()) -> tuple[Alternative, ...]:
    """Return the alternatives of telling a family's fact otherwise; none where none are known."""
    return _alternatives("contraries", family, values)


def is_found(found: Sequence[Alternative], text: str) -> bool:
    """Return whether all parts of one of the alternatives hold of a text."""
    return any(all(part.holds(text) for part in parts) for parts in found)


@cache
def _read() -> dict[str, dict[str, list[str]]]:
    tree: dict[str, dict[str, list[str]]] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return tree


@cache
def families() -> frozenset[str]:
    """Return the families that facts.yaml knows."""
    return frozenset(_read()["families"])


def _alternatives(section: str, family: str, values: Sequence[str]) -> tuple[Alternative, ...]:
    lines = _read()[section].get(family, [])
    return tuple(
        tuple(_compiled(part, values) for part in line.split(" && "))
        for line in lines
        if values or VALUE not in line
    )


def _compiled(part: str, values: Sequence[str]) -> Part:
    expanded = _expanded(part.removeprefix("!"), values)
    return Part(re.compile(rf"(?<!\w)(?:{expanded})"), not part.startswith("!"))


def _expanded(part: str, values: Sequence[str]) -> str:
    concepts = _read()["concepts"]
    part = _CONCEPT.sub(lambda m: f"(?:{_expanded(str(concepts[m[1]]), values)})", part)
    part = part.replace("<not>", rf"{NEGATION}(?:\W+\w+){{0,4}}?\W+(?:\w+)??")
    part = part.replace("<no>", rf"{NEGATION}(?!\w)").replace("<..>", GAP)
    part = part.replace("ORDINAL", f"(?:{'|'.join(map(_ordinal, values)) or VALUE})")
    return part.replace(VALUE, f"(?:{'|'.join(map(re.escape, values)) or VALUE})")


def _ordinal(value: str) -> str:
    at = NUMBERS.index(value) if value in NUMBERS else 0
    return _ORDINALS[at - 1] if 0 < at <= len(_ORDINALS) else re.escape(value)
