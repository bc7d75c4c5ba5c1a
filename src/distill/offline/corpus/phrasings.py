"""The phrasings of the corpus, from the YAML files of this folder, one phrasing per line."""

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

FOLDER = Path(__file__).parent
LANGUAGES = ("es", "de", "fr", "it")


@cache
def read(name: str) -> dict[str, Any]:
    """Return the tree of one file, with its blocks of text as lists of lines."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    tree: dict[str, Any] = _lines(yaml.safe_load(text))
    return tree


@cache
def voice(channel: str, language: str) -> dict[str, Any]:
    """Return the phrasings of customer and bot in this channel and language."""
    if language == "en":
        return {**read("shared"), **read(channel)}
    return {**read("languages")[language], "traits": read(channel)["traits"]}


def pick(rng: Random, tree: dict[str, Any], *path: str) -> str:
    """Return a random line under `path`; raises KeyError for a key that a language lacks."""
    node: Any = tree
    for key in path:
        node = node[key]
    line: str = rng.choice(node)
    return line


def _lines(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _lines(value) for key, value in node.items()}
    if isinstance(node, str) and "\n" in node:
        return [line.strip() for line in node.splitlines() if line.strip()]
    return node
