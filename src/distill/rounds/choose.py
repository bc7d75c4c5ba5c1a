"""The rows that each conversation of a round shows to the writer.

in   {"id": "intents-train-000123", "input": "Where is my refund?", "answer": "refund_missing",
      "prediction": "refund_amount", "right": false, "loss": 0.31}
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from random import Random

from distill.params.evokd import Arm
from distill.records import Row


def groups(probed: Sequence[Row], arm: Arm, count: int, size: int, seed: str) -> list[list[Row]]:
    """Return the rows of up to `count` conversations, `size` of them in each; none is empty.

    errors: what was answered wrong, like mistakes together, and for each conversation as many right
    answers as there is room for, at least half (none without `correct`). Where less was answered
    wrong than there is room for, each row is shown once; where nothing was, the rows of the highest
    loss are shown. loss: the rows of the highest loss on the student's own answer. random: any
    rows. A row without a loss, of which the student gave no answer or no probability, comes first.
    """
    rng = Random(f"{seed}/choose")
    shuffled = rng.sample(list(probed), len(probed))
    if arm.select == "random":
        return _cut(shuffled[: count * size], count)
    if arm.select == "loss":
        return _least_certain(shuffled, count, size)
    wrong = [row for row in shuffled if not row["right"]]
    if not wrong:
        return _least_certain(shuffled, count, size)
    room = size // 2 if arm.correct else size
    shown = _cut(sorted(wrong[: count * room], key=_mistake), count)
    if not arm.correct:
        return shown
    right = [row for row in shuffled if row["right"]]
    for group in shown:
        group += [right.pop() for _ in range(min(size - len(group), len(right)))]
    return shown


def _least_certain(rows: Sequence[Row], count: int, size: int) -> list[list[Row]]:
    ranked = sorted(rows, key=lambda row: -math.inf if row["loss"] is None else -row["loss"])
    return _cut(ranked[: count * size], count)


def _mistake(row: Row) -> tuple[str, str]:
    return str(row["answer"]), str(row["prediction"])


def _cut(rows: list[Row], count: int) -> list[list[Row]]:
    """Return the rows in `count` runs of nearly equal length, without empty ones."""
    ends = [round(len(rows) * number / count) for number in range(count + 1)]
    return [rows[start:end] for start, end in pairwise(ends) if end > start]
