"""The rows that each conversation of a round shows to the writer.

in   {"id": "intents-train-000123", "input": "Where is my refund?", "answer": "refund_missing",
      "prediction": "refund_amount", "right": false, "loss": 0.31}
"""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from distill.params.evokd import Arm
from distill.records import Row


def groups(probed: Sequence[Row], arm: Arm, count: int, size: int, seed: str) -> list[list[Row]]:
    """Return the rows of up to `count` conversations, `size` of them in each; none is empty.

    errors: what was answered wrong, like mistakes together, and for each conversation as many right
    answers as there is room for, at least half (none without `correct`). Where less was answered
    wrong than there is room for, each row is shown once. loss: the rows of the highest loss on the
    student's own answer. random: any rows.
    """
    rng = Random(f"{seed}/choose")
    shuffled = rng.sample(list(probed), len(probed))
    if arm.select == "random":
        return _cut(shuffled[: count * size], count)
    if arm.select == "loss":
        ranked = sorted(shuffled, key=lambda row: -row["loss"])
        return _cut(ranked[: count * size], count)
    wrong = [row for row in shuffled if not row["right"]]
    room = size // 2 if arm.correct else size
    shown = _cut(sorted(wrong[: count * room], key=_mistake), count)
    if not arm.correct:
        return shown
    right = [row for row in shuffled if row["right"]]
    if not shown:  # nothing is wrong: what is least certain
        return _cut(sorted(right, key=lambda row: -row["loss"])[: count * size], count)
    for group in shown:
        group += [right.pop() for _ in range(min(size - len(group), len(right)))]
    return shown


def _mistake(row: Row) -> tuple[str, str]:
    return str(row["answer"]), str(row["prediction"])


def _cut(rows: list[Row], count: int) -> list[list[Row]]:
    """Return the rows in `count` runs of nearly equal length, without empty ones."""
    ends = [round(len(rows) * number / count) for number in range(count + 1)]
    return [rows[start:end] for start, end in pairwise(ends) if end > start]
