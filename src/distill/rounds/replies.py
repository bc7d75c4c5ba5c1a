"""Parsers of the writer's and the tagger's replies.

A reply is JSON, in a code fence or not. One that is no JSON object of its form, that repeats a key
or is no valid Unicode is unusable as a whole; an item of it that is malformed is dropped and
counted, and the others are kept.
"""

import re
from typing import Any, NamedTuple

from distill.llm import json_text
from distill.llm.fences import unfenced

LONGEST = 2000  # characters of a text; a longer one is no message of a customer
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Pattern(NamedTuple):
    """A weakness of the student: a note in words, and the labels concerned."""

    note: str
    labels: tuple[str, ...]


class Text(NamedTuple):
    """A written text: hard or easy, the place of its pattern, and the answer that it was meant for.

    `pattern` and `meant` are None where the writer names none.
    """

    text: str
    kind: str
    pattern: int | None
    meant: Any


class Written(NamedTuple):
    """The texts of a reply, and the reasons of the items that were dropped."""

    texts: tuple[Text, ...]
    dropped: tuple[str, ...]


def patterns(reply: str) -> tuple[Pattern, ...]:
    """Return the weaknesses in {"patterns": [{"note": "...", "labels": ["a", "b"]}]}.

    An entry without a note is ignored: the conversation goes on with the reply as it stands.
    """
    return tuple(
        Pattern(item["note"], tuple(_strings(item.get("labels"))))
        for item in _listed(reply, "patterns")
        if isinstance(item, dict) and isinstance(item.get("note"), str)
    )


def texts(reply: str, most: int) -> Written:
    """Return up to `most` texts in {"texts": [{"text": "...", "kind": "hard", ...}]}."""
    found: list[Text] = []
    dropped: list[str] = []
    for item in _listed(reply, "texts"):
        text = item.get("text") if isinstance(item, dict) else item
        reason = _fault(text) or ("surplus" if len(found) == most else "")
        if reason:
            dropped.append(reason)
            continue
        told = item if isinstance(item, dict) else {}
        kind = "easy" if told.get("kind") == "easy" else "hard"
        place = told.get("pattern")
        at = place if isinstance(place, int) and not isinstance(place, bool) else None
        found.append(Text(" ".join(str(text).split()), kind, at, told.get("meant")))
    return Written(tuple(found), tuple(dropped))


def answers(reply: str, count: int) -> tuple[Any, ...]:
    """Return the answers in {"answers": [...]}, one for each of `count` texts.

    Raises ValueError for another number: nobody could tell which answer is whose.
    """
    found = _listed(reply, "answers")
    if len(found) != count:
        raise ValueError(f"{len(found)} answers to {count} texts")
    return tuple(found)


def _fault(text: Any) -> str:
    """Return why a text cannot be used, "" where it can."""
    if not isinstance(text, str) or not text.strip():
        return "no_text"
    if len(text) > LONGEST:
        return "long_text"
    return "control_characters" if _CONTROL.search(text) else ""


def _listed(reply: str, key: str) -> list[Any]:
    found = json_text.decoded(unfenced(reply))
    if not isinstance(found, dict) or not isinstance(found.get(key), list):
        raise ValueError(f"the reply is no object with a list of {key}")
    listed: list[Any] = found[key]
    return listed


def _strings(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
