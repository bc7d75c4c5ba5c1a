"""The wording of the questions, from phrasings.yaml: ordinary lines, and others held out for test.

The same format as that of the corpus: the lines below "--" are the held-out ones.
"""

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

FILE = Path(__file__).with_name("phrasings.yaml")
DIVIDER = "--"


@cache
def read() -> dict[str, Any]:
    """Return the tree of phrasings.yaml, with its blocks as strings."""
    tree: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tree


def items() -> list[str]:
    """Return the nouns that the questions are about."""
    return list(read()["item"])


def question(
    rng: Random, family: str, slots: dict[str, str], facts: dict[str, bool], held_out: bool
) -> str:
    """Return the text of a question: policy and case in either order, then what is asked."""
    blocks = read()[family]
    worded = {
        fact: _line(rng, blocks[fact][true], held_out)
        for fact, true in facts.items()
        if fact in blocks
    }
    values = {**slots, **worded}
    policy, case, ask = (
        _line(rng, blocks[part], held_out).format_map(values) for part in ("policy", "case", "ask")
    )
    first, second = rng.sample([policy, case], 2)
    return f"{first} {second} {ask}"


def _line(rng: Random, block: str, held_out: bool) -> str:
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    at = lines.index(DIVIDER)
    return rng.choice(lines[at + 1 :] if held_out else lines[:at])
