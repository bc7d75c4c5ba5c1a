"""Training of an encoder by transformers' Trainer: the whole model, or LoRA and the head.

Each process of a parallel training (launch.py, torchrun, `accelerate launch`) runs all of this.
"""

import shutil
from dataclasses import astuple
from pathlib import Path
from typing import Any

from distill import paths, records
from distill.students import checkpoints, device, training
from distill.students.encoder import HEADS, LABELS, load_tokenizer, new_model, weights
from distill.students.encoder_examples import IGNORED, Examples

# isort: split
import torch
from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]
from torch.nn import functional
from transformers import PrinterCallback, Trainer, TrainingArguments, set_seed

from distill.students.curves import Curves
from distill.students.settings import Student

disable_progress_bars()


def train(name: str, found: Examples, student: Student, seed: int, how: device.Device) -> None:
    """Train one student and write it to models/<name>.

    An interrupted training resumes from its last checkpoint. The same arguments on the same device
    give the same bytes. Raises ParamsError for a loss that is not finite.
    """
    start, examples = found.start, found._replace(start=None)
    begun = records.digest_of(start / LABELS, *weights(start)) if start else ""
    folder = checkpoints.folder(
        name, student, [seed, examples, astuple(how), begun, device.processes()]
    )
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
        compute_loss_func=loss_of,
    )
    trainer.remove_callback(PrinterCallback)
    training.resume(trainer)
    loss = float(trainer.evaluate()["eval_loss"])
    curves.close()
    training.report(f"{name}: {len(found.train)} rows, dev loss {loss:.4f}")
    training.check_loss(name, loss)
    if device.is_main_process():
        save(model, found, student, paths.model(name))
        shutil.rmtree(folder)


def loss_of(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
    """Return the mean cross-entropy of what has a label: texts, or tokens.

    `num_items_in_batch` counts them over an optimizer step and all processes, so the number of
    processes and of accumulated batches changes no gradient but by rounding.
    """
    logits = outputs["logits"].float().flatten(0, -2)
    total = functional.cross_entropy(logits, labels.flatten(), reduction="sum")
    known = (labels != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
    return total / known


def save(model: Any, found: Examples, student: Student, folder: Path) -> None:
    """Write the model, its tokenizer and its labels."""
    model.save_pretrained(folder)
    load_tokenizer(student).save_pretrained(folder)
    records.write_json(folder / LABELS, {"task": found.task, "labels": found.labels})
    (folder / "README.md").unlink(missing_ok=True)  # peft's card has the base's path


def arguments(student: Student, seed: int, how: device.Device, folder: Path) -> TrainingArguments:
    """Return transformers' settings; `folder` takes the checkpoints."""
    train = student.train
    rows, accumulate = training.rows_of_process(train, device.processes())
    return TrainingArguments(
        **training.arguments(train, seed, how, folder),
        per_device_train_batch_size=rows,
        per_device_eval_batch_size=4 * train.batch,
        gradient_accumulation_steps=accumulate,
        lr_scheduler_type="linear",
        weight_decay=0.01,
        eval_strategy="no",
    )
