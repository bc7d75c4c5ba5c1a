"""The ways of saying each family of facts, from facts.yaml, as regular expressions."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

PATH = Path(__file__).with_name("facts.yaml")
GAP = r"\w*(?:\W+\w+){0,5}?\W+"
NEGATION = (
    r"(?:not|never|no|none|nothing|nobody|without|cannot|\w+n't|unable|yet to|fail(?:s|ed)? to)"
)
VALUE = "VALUE"
_CONCEPT = re.compile(r"@(\w+)")

Alternative = tuple[re.Pattern[str], ...]


@cache
def alternatives(family: str, values: Sequence[str] = ()) -> tuple[Alternative, ...]:
    """Return the alternatives of a family; all patterns of one must be found in a text.

    A family that facts.yaml does not have, as "", has none: only its own words state such a fact.
    """
    lines = _read()["families"].get(family, [])
    return tuple(
        tuple(_compiled(part, values) for part in line.split(" && "))
        for line in lines
        if values or VALUE not in line
    )


@cache
def _read() -> dict[str, dict[str, list[str]]]:
    tree: dict[str, dict[str, list[str]]] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return tree


@cache
def families() -> frozenset[str]:
    """Return the families that facts.yaml knows."""
    return frozenset(_read()["families"])


def _compiled(part: str, values: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_expanded(part, values)})")


def _expanded(part: str, values: Sequence[str]) -> str:
    concepts = _read()["concepts"]
    part = _CONCEPT.sub(lambda m: f"(?:{_expanded(str(concepts[m[1]]), values)})", part)
    part = part.replace("<not>", rf"{NEGATION}(?:\W+\w+){{0,4}}?\W+(?:\w+)??")
    part = part.replace("<..>", GAP)
    return part.replace(VALUE, "|".join(map(re.escape, values)) or VALUE)
