"""Questions about policies of a shop's customer service, with gold answers and hidden truth.

>>> first = next(questions("train", seed=7, count=8))
>>> first.row["id"], first.row["task"], first.truth["id"]
('return-window-train-000000', 'reason', 'return-window-train-000000')

A truth row is {"id", "channel", "kind", "answer", "options", "given", "derived", "facts"}: `given`
are the numbers that the question states, `derived` those that follow from them, `facts` what is
true of the case. Stages never read it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from distill.offline.questions import phrasings
from distill.offline.questions.families import FAMILIES, Case
from distill.offline.questions.truth import is_sound

__all__ = ["Question", "is_sound", "questions"]


@dataclass(frozen=True)
class Question:
    """A row of the task `reason` and its truth row."""

    row: dict[str, Any]
    truth: dict[str, Any]


def questions(split: str, seed: int, count: int) -> Iterator[Question]:
    """Yield `count` questions of a split (train, dev or test), the families in turn.

    A question depends on seed, split and its number only. Those of test are in phrasings that no
    other split has.
    """
    families = list(FAMILIES)
    for at in range(count):
        family = families[at % len(families)]
        row_id = f"{family}-{split}-{at // len(families):06}"
        yield _question(Random(f"{seed}/{row_id}"), row_id, family, split)


def _question(rng: Random, row_id: str, family: str, split: str) -> Question:
    case = FAMILIES[family](rng)
    text = phrasings.question(rng, family, case.slots, case.facts, held_out=split == "test")
    gold: dict[str, Any] = {"kind": case.kind, "answer": case.answer}
    if case.options:
        gold["options"] = case.options
        text += "".join(f" ({letter}) {option}" for letter, option in case.options.items())
    row = {"id": row_id, "channel": family, "split": split, "task": "reason"}
    return Question({**row, "input": text, "gold": gold}, _truth(row_id, family, case))


def _truth(row_id: str, family: str, case: Case) -> dict[str, Any]:
    return {
        "id": row_id,
        "channel": family,
        "kind": case.kind,
        "answer": case.answer,
        "options": case.options,
        "given": case.given,
        "derived": case.derived,
        "facts": case.facts,
    }
