"""Encoders (BERT, DeBERTa, MiniLM) as students: classification of texts and of tokens.

The whole model is trained, or LoRA and the new head alone. A trained student is a folder:

    models/<run>/model.safetensors, config.json                     or, with LoRA,
    models/<run>/adapter_model.safetensors, adapter_config.json
    models/<run>/labels.json   {"task": "entities", "labels": ["B-PLACE", "I-PLACE", "O"]}
    models/<run>/tokenizer.json, tokenizer_config.json

The labels are those that the rows name, whether or not one of them has each.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from logging import ERROR
from pathlib import Path
from typing import Any, NamedTuple

from distill.students import training
from distill.students.models import loading

# isort: split
import torch
from peft import PeftModel
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from distill.errors import InputError, ParamsError
from distill.students.settings import Student

LABELS = "labels.json"
CLASSIFY, ENTITIES = "classify", "entities"


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


def weights(folder: Path) -> list[Path]:
    """Return the files of a trained encoder's weights."""
    return sorted(folder.glob("*.safetensors"))


def known_labels(folder: Path) -> dict[str, Any]:
    """Return the task of a trained encoder and its labels; raises InputError without them."""
    path = folder / LABELS
    if not path.is_file():
        raise InputError(f"{path} does not exist; train the encoder: `dvc repro`")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def load_model(student: Student, folder: Path, trainable: bool = False) -> PreTrainedModel:
    """Return a trained encoder in float32."""
    told = known_labels(folder)
    head = HEADS[told["task"]].model
    if student.lora is None:
        return head.from_pretrained(folder, dtype=torch.float32)  # type: ignore[no-any-return]
    with loading(student), _silent():
        model = head.from_pretrained(
            student.base, num_labels=len(told["labels"]), dtype=torch.float32
        )
    return PeftModel.from_pretrained(model, str(folder), is_trainable=trainable)  # type: ignore[return-value]
