"""The phrasings of the corpus, from the YAML files of this folder, one phrasing per line.

A block of lines is divided by a line "--": the lines above it are for ordinary rows, those below it
for held-out rows.
"""

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

FOLDER = Path(__file__).parent
DIVIDER = "--"
HELD_OUT = "heldout-"  # the ids of held-out rows begin with it, after the channel
MOST = 0.9  # the share of interactions with a trait, however large `rates` is
Voice = dict[str, Any]


@cache
def read(name: str) -> dict[str, Any]:
    """Return the tree of one file, with its blocks of text as strings."""
    tree: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return tree


@cache
def voice(channel: str, held_out: bool, rates: float = 1.0) -> Voice:
    """Return the phrasings and traits of a channel, for held-out or for ordinary rows."""
    settings, intents = read(channel), read("intents")
    noise = {kind: min(MOST, share * rates) for kind, share in settings["traits"].items()}
    return {
        **_lines(read("noise"), held_out),
        "facts": _lines(read("facts"), held_out),
        "intents": {name: one for name, one in intents.items() if channel in one["channels"]},
        "traits": noise | settings["other_traits"],
        "fact_counts": settings["fact_counts"],
    }


def pick(rng: Random, tree: Voice, *path: str) -> str:
    """Return a random line under `path`; raises KeyError where there is none."""
    node: Any = tree
    for key in path:
        node = node[key]
    line: str = rng.choice(node)
    return line


def _lines(node: Any, held_out: bool) -> Any:
    if isinstance(node, dict):
        return {key: _lines(value, held_out) for key, value in node.items()}
    if not isinstance(node, str):
        return node
    lines = [line.strip() for line in node.splitlines() if line.strip()]
    at = lines.index(DIVIDER)
    return lines[at + 1 :] if held_out else lines[:at]
