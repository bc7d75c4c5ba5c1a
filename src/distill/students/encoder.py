"""Encoders (BERT, DeBERTa, MiniLM) as students: classification of texts and of tokens.

The whole model is trained, or LoRA and the new head alone. A trained student is a folder:

    models/<run>/model.safetensors, config.json                     or, with LoRA,
    models/<run>/adapter_model.safetensors, adapter_config.json
    models/<run>/labels.json   {"task": "entities", "labels": ["B-PLACE", "I-PLACE", "O"]}
    models/<run>/tokenizer.json, tokenizer_config.json

The labels are those that the rows name, whether or not one of them has each.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from itertools import islice
from logging import ERROR
from pathlib import Path
from typing import Any, NamedTuple

from distill import paths, records, tasks
from distill.students import checkpoints, device, spans, training
from distill.students.models import loading

# isort: split
import torch
from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]
from peft import PeftModel
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    set_seed,
)
from transformers.utils import logging

from distill.errors import InputError, ParamsError, RowError
from distill.ledger import Ledger
from distill.llm.messages import Reply, Request
from distill.records import Row
from distill.students.curves import Curves
from distill.students.settings import Student

disable_progress_bars()

LABELS = "labels.json"
CLASSIFY, ENTITIES = "classify", "entities"
entities: Any = tasks.load(ENTITIES)
WINDOW = 1024  # texts that are sorted by length together
IGNORED = -100  # the label of a token without one


class Head(NamedTuple):
    """What differs between a label for the text and a tag for each of its subwords."""

    model: Any  # the class of transformers
    peft: str
    collator: Any


HEADS = {
    CLASSIFY: Head(AutoModelForSequenceClassification, "SEQ_CLS", DataCollatorWithPadding),
    ENTITIES: Head(
        AutoModelForTokenClassification, "TOKEN_CLS", DataCollatorForTokenClassification
    ),
}


class Examples(NamedTuple):
    """The examples of one training: {"input_ids", "attention_mask", "labels"} by split."""

    task: str
    labels: list[str]
    train: list[Row]
    dev: list[Row]


def load_tokenizer(student: Student) -> PreTrainedTokenizerBase:
    """Return the base's tokenizer; raises ParamsError for one that knows no offsets."""
    with loading(student):
        tokenizer = AutoTokenizer.from_pretrained(student.base)
    if not tokenizer.is_fast:
        raise ParamsError(
            f"params.yaml: students: {student.base} has no fast tokenizer, which maps tokens to"
            " characters; choose another encoder"
        )
    return tokenizer


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
    known = _labels(start)["labels"] if start else sorted(_answers(encoded, task))
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


def train(name: str, found: Examples, student: Student, seed: int, start: Path | None) -> None:
    """Train one student and write it to models/<name>.

    An interrupted training resumes from its last checkpoint. The same arguments on the same device
    give the same bytes. Raises ParamsError for a loss that is not finite.
    """
    how = device.choose()
    begun = records.digest_of(start / LABELS, *weights(start)) if start else ""
    folder = checkpoints.folder(name, student, [seed, found, astuple(how), begun])
    set_seed(seed)
    model = new_model(found.task, found.labels, student, start)
    curves = Curves(paths.curves(name), 0)
    trainer = Trainer(
        model=model,
        args=arguments(student, seed, how, folder / "phase-0"),
        train_dataset=Dataset.from_list(found.train),
        eval_dataset=Dataset.from_list(found.dev),
        data_collator=HEADS[found.task].collator(load_tokenizer(student)),
        callbacks=[curves],
    )
    trainer.remove_callback(PrinterCallback)
    training.resume(trainer)
    loss = float(trainer.evaluate()["eval_loss"])
    curves.close()
    print(f"{name}: {len(found.train)} rows, dev loss {loss:.4f}", flush=True)
    training.check_loss(name, loss)
    target = paths.model(name)
    model.save_pretrained(target)
    load_tokenizer(student).save_pretrained(target)
    records.write_json(target / LABELS, {"task": found.task, "labels": found.labels})
    (target / "README.md").unlink(missing_ok=True)  # peft's card has the base's path
    shutil.rmtree(folder)


def new_model(task: str, labels: Sequence[str], student: Student, start: Path | None) -> Any:
    """Return the model to train: the base with a new head, or the run `start` as it was trained."""
    if start is not None:
        return load_model(student, start, trainable=True)
    with loading(student), _silent():
        model, told = HEADS[task].model.from_pretrained(
            student.base,
            num_labels=len(labels),
            id2label=dict(enumerate(labels)),
            label2id={label: number for number, label in enumerate(labels)},
            dtype=torch.float32,
            output_loading_info=True,
        )
    if student.train.freeze_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    if student.lora is None:
        return model
    new = sorted({key.rpartition(".")[0] for key in told["missing_keys"]})  # the head, a pooler
    return training.adapted(
        model,
        student.lora,
        exclude_modules=new,
        modules_to_save=new,
        task_type=HEADS[task].peft,
    )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep transformers from warning that the head is new."""
    before = logging.get_verbosity()
    logging.set_verbosity(ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(before)


def arguments(student: Student, seed: int, how: device.Device, folder: Path) -> TrainingArguments:
    """Return transformers' settings; `folder` takes the checkpoints."""
    train = student.train
    return TrainingArguments(
        **training.arguments(train, seed, how, folder),
        per_device_train_batch_size=train.batch,
        per_device_eval_batch_size=4 * train.batch,
        gradient_accumulation_steps=train.accumulate,
        lr_scheduler_type="linear",
        weight_decay=0.01,
        eval_strategy="no",
    )


def weights(folder: Path) -> list[Path]:
    """Return the files of a trained encoder's weights."""
    return sorted(folder.glob("*.safetensors"))


def _labels(folder: Path) -> dict[str, Any]:
    path = folder / LABELS
    if not path.is_file():
        raise InputError(f"{path} does not exist; train the encoder: `dvc repro`")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def load_model(student: Student, folder: Path, trainable: bool = False) -> PreTrainedModel:
    """Return a trained encoder in float32."""
    told = _labels(folder)
    head = HEADS[told["task"]].model
    if student.lora is None:
        return head.from_pretrained(folder, dtype=torch.float32)  # type: ignore[no-any-return]
    with loading(student), _silent():
        model = head.from_pretrained(
            student.base, num_labels=len(told["labels"]), dtype=torch.float32
        )
    return PeftModel.from_pretrained(model, str(folder), is_trainable=trainable)  # type: ignore[return-value]


class EncoderStudent:
    """A trained encoder as a provider: it answers a request by the input of the request's row.

    `logprobs` of a reply holds the log probability of the label, or of each subword's tag.
    """

    def __init__(self, student: Student, folder: Path | None):
        if folder is None:
            raise ParamsError(
                f"params.yaml: students: {student.base} is an encoder, which answers once trained"
                " only; name a run"
            )
        self.student, self.name = student, str(folder)
        told = _labels(folder)
        self.task, self.labels = told["task"], told["labels"]
        self.device = device.choose()
        self.tokenizer = load_tokenizer(student)
        self.model = load_model(student, folder).to(self.device.name).eval()  # type: ignore[arg-type]

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order; a text too long gets `too_long`."""
        remaining = iter(requests)
        while window := list(islice(remaining, WINDOW)):
            yield from self._replies([str(request.rows[0]["input"]) for request in window])

    def _replies(self, texts: list[str]) -> list[Reply]:
        encoded = [self.tokenizer(text, return_offsets_mapping=True) for text in texts]
        counts = [len(one["input_ids"]) for one in encoded]
        replies = [
            Reply(error="too_long", model=self.name, prompt_tokens=count) for count in counts
        ]
        fitting = [i for i, count in enumerate(counts) if count <= self.student.max_length]
        order = sorted(fitting, key=lambda i: counts[i])
        size = self.student.predict.batch
        for batch in (order[at : at + size] for at in range(0, len(order), size)):
            logits = self._logits([encoded[i]["input_ids"] for i in batch])
            for i, scores in zip(batch, logits, strict=True):
                replies[i] = self._reply(texts[i], encoded[i]["offset_mapping"], scores)
        return replies

    @torch.inference_mode()
    def _logits(self, ids: list[list[int]]) -> torch.Tensor:
        """Return log probabilities: (texts, labels), or (texts, subwords, tags)."""
        padded = self.tokenizer.pad({"input_ids": ids}, return_tensors="pt")
        logits = self.model(**padded.to(self.device.name)).logits
        return torch.log_softmax(logits.float(), dim=-1).cpu()

    def _reply(self, text: str, offsets: list[tuple[int, int]], scores: torch.Tensor) -> Reply:
        best = scores.reshape(-1, len(self.labels)).max(dim=-1)
        names = [self.labels[place] for place in best.indices.tolist()]
        said = [
            (name, {name: value}) for name, value in zip(names, best.values.tolist(), strict=True)
        ]
        answer = names[0]
        if self.task == ENTITIES:  # without padding, and tokens of no characters
            answer = entities.reply(text, spans.spans(names[: len(offsets)], offsets, text))
            said = [one for one, (start, end) in zip(said, offsets, strict=False) if end > start]
        return Reply(text=answer, logprobs=tuple(said), model=self.name, prompt_tokens=len(offsets))
