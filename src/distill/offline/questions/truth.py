"""The hidden truth of the made questions: whether a rationale is sound, and what is wrong with it.

in   {"id": "days-left-train-000000", "answer": "16", "given": {"window": 21}, "derived":
      {"passed": 5, "left": 16}, "facts": {"in_time": true}, ...}
     "The window is 21 days. From April 23 to April 28 it is 6 days. 21 - 6 = 15.\\nAnswer: 15"
out  ["6 is no number of this case", "passed is 5, not 6", ..., "the verdict is 16, not 15"]

A rationale is sound if its verdict is right, each number, calculation, comparison and fact that it
states is right, and it states at least one. The record of the generator is compared with the text;
no detector is shared with the teachers' rules or with the checker of answers.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from distill import records
from distill.offline.questions.statements import (
    NUMBER,
    misnamed,
    mistaken_orders,
    states,
    value,
    wrong_comparisons,
    wrong_equations,
    wrong_facts,
    wrong_products,
)
from distill.records import Row

_WORDS = re.findall(r"\w+", "zero one two three four five six seven eight nine ten eleven twelve")
_COUNTED = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b(?= (?:days|dollars|pieces))", re.IGNORECASE)
_LISTED = re.compile(r"^\s*\d[.)]\s", re.MULTILINE)  # numbers of a list's items
_ANSWER = re.compile(r"^\W*(?:final )?answer\b\W*(?:is\b\W*)?(.*)$", re.IGNORECASE | re.MULTILINE)


def load(path: Path) -> dict[str, Row]:
    """Return the truth rows of a truth.jsonl by id."""
    return {row["id"]: row for row in records.read(path)}


def is_sound(row: Row, text: str, kind: str = "rationale") -> bool:
    """Return whether all that a text states about a case is right, by the case's truth row.

    `kind` is "rationale", or "feedback": then sentences about the student are left out, and the
    verdict is right if it is named.
    """
    return not faults(row, text, kind)


def faults(row: Row, text: str, kind: str = "rationale") -> list[str]:
    """Return what is wrong with a text; see `is_sound`."""
    body = _about_case(text) if kind == "feedback" else _ANSWER.sub("", text)
    body = _COUNTED.sub(lambda word: str(_WORDS.index(word[0].lower())), _LISTED.sub("", body))
    known = {value(str(number)) for number in _numbers(row)}
    found = [
        f"{number} is no number of this case"
        for number in re.findall(NUMBER, body)
        if value(number) not in known
    ]
    found += misnamed(row, body)
    found += [f"{one} does not add up" for one in wrong_equations(body)]
    found += [f"{one} is not so" for one in wrong_comparisons(body)]
    found += [f"{one} is not what happened" for one in wrong_products(row, body)]
    found += [f"{one} is not what happened" for one in mistaken_orders(row, body)]
    found += wrong_facts(row, body)
    if not found and not states(body):
        found.append("nothing about the case is stated")
    return found + (_named(row, text) if kind == "feedback" else _verdict(row, text))


def _numbers(row: Row) -> Iterator[float | str]:
    yield from row["given"].values()
    yield from row["derived"].values()
    if row["kind"] == "number":
        yield row["answer"]
    if "fee" in row["given"]:
        yield row["given"]["fee"] / 100


def _about_case(text: str) -> str:
    """Return the sentences that do not speak to the student."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return " ".join(one for one in sentences if not re.search(r"\b[Yy]ou(?:rs?)?\b", one))


def _verdict(row: Row, text: str) -> list[str]:
    said = _ANSWER.findall(text)
    if not said:
        return ["no verdict is stated"]
    right = _is_right(row, said[-1].strip().strip("*.$ "))
    return [] if right else [f"the verdict is {row['answer']}, not {said[-1].strip()}"]


def _is_right(row: Row, said: str) -> bool:
    answer = row["answer"]
    if row["kind"] == "number":
        number = re.match(NUMBER, said)
        return bool(number and value(number[0]) == value(answer))
    if row["kind"] == "boolean":
        return re.findall("[a-z]+", said.lower())[:1] == [answer]
    lettered = re.match(r"\(?([A-D])\b", said)
    option = row["options"][answer]
    return lettered[1] == answer if lettered else said.lower().startswith(option.lower())


def _named(row: Row, text: str) -> list[str]:
    answer = re.escape(row["options"].get(row["answer"], row["answer"]))
    is_named = re.search(rf"(?<![\w.]){answer}(?!\w)", text, re.IGNORECASE)
    return [] if is_named else [f"the verdict {row['answer']} is not named"]
