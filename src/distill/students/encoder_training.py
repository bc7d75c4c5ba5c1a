"""Training of an encoder by transformers' Trainer: the whole model, or LoRA and the head."""

import shutil
from dataclasses import astuple
from pathlib import Path

from distill import paths, records
from distill.students import checkpoints, device, training
from distill.students.encoder import HEADS, LABELS, load_tokenizer, new_model, weights
from distill.students.encoder_examples import Examples

# isort: split
from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]
from transformers import PrinterCallback, Trainer, TrainingArguments, set_seed

from distill.errors import ParamsError
from distill.students.curves import Curves
from distill.students.settings import Student

disable_progress_bars()


def train(name: str, found: Examples, student: Student, seed: int, start: Path | None) -> None:
    """Train one student and write it to models/<name>.

    An interrupted training resumes from its last checkpoint. The same arguments on the same device
    give the same bytes. Raises ParamsError for a loss that is not finite, and under a launcher: an
    encoder is trained on one device.
    """
    if device.processes() > 1:
        raise ParamsError(
            f"finetune {name}: an encoder is trained on one device; run it without a launcher"
        )
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
