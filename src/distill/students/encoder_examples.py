"""Rows of a dataset version as an encoder's training examples: token ids, and labels or tags."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from distill import tasks
from distill.students import spans
from distill.students.encoder import CLASSIFY, ENTITIES, HEADS, known_labels

# isort: split
from transformers import PreTrainedTokenizerBase

from distill.errors import InputError, RowError
from distill.ledger import Ledger
from distill.records import Row
from distill.students.settings import Student

entities: Any = tasks.load(ENTITIES)
IGNORED = -100  # the label of a token without one


class Examples(NamedTuple):
    """The examples of one training: {"input_ids", "attention_mask", "labels"} by split."""

    task: str
    labels: list[str]
    train: list[Row]
    dev: list[Row]


def examples(
    rows: Iterable[Row],
    tokenizer: PreTrainedTokenizerBase,
    student: Student,
    ledger: Ledger,
    start: Path | None,
) -> Examples:
    """Return the examples of a dataset version.

    Rows of more than `max_length` tokens are quarantined, and so are those with a label that the
    run `start`, whose weights are trained further, has not. Raises RowError without a usable row of
    train or dev, and InputError for rows of several tasks, or of one that no encoder answers.
    """
    encoded = [_encoded(row, tokenizer) for row in ledger.entered(rows)]
    task = _task({row["task"] for row in encoded})
    known = known_labels(start)["labels"] if start else sorted(_answers(encoded, task))
    numbers = {label: number for number, label in enumerate(known)}
    found: dict[str, list[Row]] = {"train": [], "dev": []}
    for row in encoded:
        if len(row["ids"]) > student.max_length:
            ledger.quarantine(row["id"], "too_long")
        elif unknown := set(row["answers"]) - numbers.keys():
            ledger.quarantine(row["id"], "unlearnt_label", ", ".join(sorted(unknown)))
        else:
            ledger.ok()
            found[row["split"]].append(_example(row, task, numbers))
    for split, usable in found.items():
        if not usable:
            raise RowError(f"finetune: no {split} row can be used; see the ledger of finetune")
    return Examples(task, known, found["train"], found["dev"])


def _encoded(row: Row, tokenizer: PreTrainedTokenizerBase) -> Row:
    """Return the row's token ids, and its answers: one label, or a tag for each token."""
    encoding = tokenizer(row["input"], return_offsets_mapping=True)
    try:
        answer = tasks.parser(row)(row["target"])
    except ValueError as error:
        raise InputError(f"{row['id']}: its target is no answer: {error}") from error
    answers = [answer]
    if row["task"] == ENTITIES:
        answers = spans.tags(entities.spans(answer), encoding["offset_mapping"])
    return {
        "id": row["id"],
        "split": row["split"],
        "task": row["task"],
        "labels": row["labels"],
        "ids": encoding["input_ids"],
        "offsets": encoding["offset_mapping"],
        "answers": answers,
    }


def _task(found: set[str]) -> str:
    if len(found) == 1 and (task := next(iter(found))) in HEADS:
        return task
    raise InputError(
        f"an encoder answers one task, {' or '.join(HEADS)}, but the rows have"
        f" {', '.join(sorted(found)) or 'none'}; use another version or a causal student"
    )


def _answers(rows: Iterable[Row], task: str) -> set[str]:
    """Return what an encoder may answer: the labels that the rows name, or tags of the types."""
    labels = {label for row in rows for label in row["labels"]}
    return labels if task == CLASSIFY else {spans.OUTSIDE, *spans.of_types(labels)}


def _example(row: Row, task: str, numbers: dict[str, int]) -> Row:
    labels: Any = (
        [
            numbers[answer] if end > start else IGNORED
            for answer, (start, end) in zip(row["answers"], row["offsets"], strict=True)
        ]
        if task == ENTITIES
        else numbers[row["answers"][0]]
    )
    return {"input_ids": row["ids"], "attention_mask": [1] * len(row["ids"]), "labels": labels}
