"""The phrasings and values of the utterances, from the YAML files of this folder.

A block of lines is divided by a line "--": the families above it are for training and writing,
those below it for the test only. Values are divided in the same way.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

FOLDER = Path(__file__).parent
DIVIDER = "--"
LEARN: Literal["learn"] = "learn"
TEST: Literal["test"] = "test"
Part = Literal["learn", "test"]
ALTERNATIVES = re.compile(r"\[([^\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")
_NEAR = re.compile(r"^\((\w+)\) ")


class Family(NamedTuple):
    """One way of saying something: "My order {order} [never came|is late]."

    `intent` is "" for a frame. `near` names the intent that this family is easily confused with.
    `name` is unique: "not_received/3".
    """

    name: str
    intent: str
    line: str
    near: str = ""
    part: Part = LEARN


@cache
def intents() -> dict[str, tuple[Family, ...]]:
    """Return the families of every intent, of both parts."""
    return {
        name: tuple(_families(name, name, text)) for name, text in _read("intents.yaml").items()
    }


@cache
def frames() -> dict[str, tuple[Family, ...]]:
    """Return the families of the sentences without an intent: opener, detail, closer, aside, ..."""
    return {name: tuple(_families(name, "", text)) for name, text in _read("frames.yaml").items()}


def families(intent: str, part: Part) -> tuple[Family, ...]:
    """Return the families of an intent that belong to one part; raises KeyError for no intent."""
    return tuple(family for family in intents()[intent] if family.part == part)


def frame(kind: str, part: Part) -> tuple[Family, ...]:
    """Return the families of a kind of frame that belong to one part."""
    return tuple(family for family in frames()[kind] if family.part == part)


@cache
def words(slot: str, part: Part) -> tuple[str, ...]:
    """Return the listed values of a slot; raises KeyError for one whose values are composed."""
    return tuple(_read("values.yaml")[slot][part])


def _families(name: str, intent: str, text: str) -> list[Family]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    at = lines.index(DIVIDER) if DIVIDER in lines else len(lines)
    made = []
    for number, line in enumerate(line for line in lines if line != DIVIDER):
        near = _NEAR.match(line)
        part = LEARN if number < at else TEST
        said = _NEAR.sub("", line)
        made.append(Family(f"{name}/{number}", intent, said, near[1] if near else "", part))
    return made


def _read(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return tree
