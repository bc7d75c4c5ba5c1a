"""Texts sorted into one of the classes that the row names.

in   {"id": "intents-train-000123", "channel": "intents", "task": "classify",
      "labels": ["refund_missing", "refund_amount"], "input": "Where is my refund?",
      "gold": "refund_missing"}
out  "refund_missing"
"""

import json
import re
from collections.abc import Callable
from functools import partial

from distill.llm.fences import unfenced
from distill.llm.messages import Messages
from distill.prompts import render
from distill.records import Row
from distill.tasks.classify import rules

PROMPTS = "classify"
NONE = "none"  # the answer to a text that no class fits; it is refused, unless it is a class
_PREFIX = re.compile(
    r"\A(?:the )?(?:label|class|category|answer|intent)(?: is)?\s*:\s*", re.IGNORECASE
)
_MARKS = "\"'`*“”‘’. \t\r\n"
_BETWEEN = re.compile(r"[\s_-]+")
_KEYS = ("label", "class", "intent", "answer")


def messages(row: Row, prompts: str | None = None) -> Messages:
    """Return the chat that asks for the row's class; `prompts` is a folder with other words."""
    listed = "\n".join(row["labels"])
    prompt = render(f"{prompts or PROMPTS}/ask", labels=listed, text=row["input"])
    return [{"role": "user", "content": prompt}]


def parse(text: str) -> str:
    """Return the class that a reply names, as the reply spells it, without marks and fences.

    Raises ValueError for a reply that is empty or holds more than a name.
    """
    name = _PREFIX.sub("", _unwrapped(unfenced(text)).strip(_MARKS)).strip(_MARKS)
    if not name:
        raise ValueError("the reply names no class")
    if "\n" in name:
        raise ValueError("the reply holds more than the name of a class")
    return name


def parser(row: Row) -> Callable[[str], str]:
    """Return the parser of a reply about the row: one of its labels, in the row's spelling.

    It raises ValueError for another name. Case, spaces, hyphens and underscores do not matter.
    """
    return partial(_label, labels=tuple(row["labels"]))


def score(row: Row, output: str) -> float | None:
    """Return 1 for the row's gold class, else 0."""
    return float(output == row["gold"])


def rule(row: Row, prompts: str | None = None) -> str:
    """Return the answer of the offline tagger, which errs at declared rates; see `rules`."""
    return rules.tag(row["input"], row["labels"])


def _label(text: str, labels: tuple[str, ...]) -> str:
    name = parse(text)
    if name in labels:
        return name
    found = [label for label in labels if _folded(label) == _folded(name)]
    if len(found) == 1:
        return found[0]
    if _folded(name) == NONE:
        raise ValueError("no class fits the text")
    raise ValueError(f"unknown label {name[:60]!r}")


def _folded(name: str) -> str:
    return _BETWEEN.sub(" ", name).strip().casefold()


def _unwrapped(text: str) -> str:
    """Return the name in a JSON reply, {"label": "refund_missing"}, or else the text as it is."""
    if not text.startswith("{"):
        return text
    try:
        reply = json.loads(text)
    except RecursionError as error:
        raise ValueError("the reply is nested too deeply") from error
    name = reply.get(next((key for key in _KEYS if key in reply), ""))
    if not isinstance(name, str):
        raise ValueError(f"the reply has none of the keys {', '.join(_KEYS)} with a name")
    return name
