"""LoRA fine-tuning of a causal language model with TRL's SFTTrainer.

The base's weights have the device's dtype, or 4 bits (QLoRA), the adapter's float32. Where several
processes train (students/launch.py, `accelerate launch`, `torchrun`), every one of them runs all of
this: DDP, or FSDP with a configuration file of accelerate.
"""

import shutil
from dataclasses import astuple
from pathlib import Path
from typing import Any, NamedTuple

from distill import paths
from distill.students import bundle, checkpoints, cpu, device, sharding, speed, two_part
from distill.students.models import Example, check_target, load_tokenizer, loading

# isort: split
from accelerate import PartialState  # type: ignore[import-untyped]
from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]
from peft import PeftModel
from transformers import AutoModelForCausalLM, PrinterCallback, TrainerCallback, set_seed
from trl import SFTConfig, SFTTrainer  # type: ignore[attr-defined]

from distill.errors import ParamsError
from distill.students.curves import Curves
from distill.students.settings import Student, Train
from distill.students.training import adapted, arguments, check_loss, report, resume

disable_progress_bars()


class Phase(NamedTuple):
    """The examples of one phase: those to train on, and those on which the loss is measured.

    With `alpha` they are pairs, and the loss has two parts (two_part.py).
    """

    channels: list[str]
    train: list[Example]
    dev: list[Example]
    alpha: float | None = None


class Material(NamedTuple):
    """What a student is trained on: the phases in turn, and the prompts of their examples.

    The prompts, {"summarize/botchat": "Summarize ... $text"}, are written beside the adapter.
    """

    phases: list[Phase]
    prompts: dict[str, str]


def train(name: str, material: Material, student: Student, seed: int, how: device.Device) -> None:
    """Train one adapter on each phase in turn, and write it to models/<name>, ready to be served.

    An interrupted training resumes from its last checkpoint. The same arguments on the same device
    give the same bytes. Raises ParamsError for a base or a LoRA target that does not exist, and for
    a loss that is not finite.
    """
    speed.check_training(student, how)
    sharding.check()
    launch = [device.processes(), sharding.is_sharded()]
    folder = checkpoints.folder(name, student, [seed, material.phases, astuple(how), launch])
    if sharding.is_sharded():
        PartialState(cpu=how.name == "cpu")  # first: the main process alone reads the base
    set_seed(seed)
    tokenizer = load_tokenizer(student)
    model, steps = new_adapter(student, how), 0
    for number, phase in enumerate(material.phases):
        curves = Curves(paths.curves(name), steps)
        args = config(student, seed, how, folder / f"phase-{number}", phase.alpha)
        trainer = new_trainer(model, tokenizer, args, phase, how, curves)
        resume(trainer)
        loss = dev_loss(trainer)
        curves.close()
        report(f"{' + '.join(phase.channels)}: dev loss {loss:.4f}")
        check_loss(name, loss)
        steps += trainer.state.global_step
        if sharding.is_sharded() and number + 1 < len(material.phases):
            model = sharding.moved(trainer, new_adapter(student, how), folder / "adapter")
    sharding.save(trainer, folder / "adapter", paths.model(name))
    if device.is_main_process():
        bundle.write(paths.model(name), student, material.prompts)
        shutil.rmtree(folder)


def new_adapter(student: Student, how: device.Device) -> PeftModel:
    """Return the base with a LoRA adapter that changes nothing yet."""
    shape = student.lora
    assert shape is not None  # validated by Student
    options = speed.loading(student.speed, shape.quantization, how)
    with loading(student):
        model = AutoModelForCausalLM.from_pretrained(student.base, dtype=how.torch_dtype, **options)
    adapter = adapted(model, shape, task_type="CAUSAL_LM")
    check_target(adapter, student, shape.target)
    return adapter


def config(
    student: Student, seed: int, how: device.Device, folder: Path, alpha: float | None = None
) -> SFTConfig:
    """Return TRL's settings; `folder` takes the checkpoints."""
    train = student.train
    unit = 1 if alpha is None else two_part.UNIT
    rows, accumulate = rows_of_process(train, device.processes(), unit)
    padding_free = speed.is_padding_free(student.speed, how, alpha, rows)
    faster = speed.training(student.speed, how)
    return SFTConfig(
        **arguments(train, seed, how, folder) | faster,
        per_device_train_batch_size=rows,
        per_device_eval_batch_size=2 * train.batch,
        gradient_accumulation_steps=accumulate,
        lr_scheduler_type="cosine",
        max_length=None,  # rows that do not fit were quarantined: nothing is truncated
        completion_only_loss=True,
        padding_free=padding_free,
        pad_to_multiple_of=None if padding_free else 32,
        ddp_find_unused_parameters=False,
        eval_strategy="steps",
        eval_steps=train.save_steps,
    )


def rows_of_process(train: Train, processes: int, unit: int = 1) -> tuple[int, int]:
    """Return (rows in a batch, accumulated batches) of one of `processes`.

    An optimizer step takes the same number of rows on any number of devices, and a batch holds
    whole units of rows, such as pairs, where it can. Raises ParamsError where a step cannot be
    divided.
    """
    step = train.batch * train.accumulate
    if step % processes:
        raise ParamsError(
            f"params.yaml: students: train: the {step} rows of a step (batch x accumulate) cannot"
            f" be divided among {processes} processes; change batch, accumulate or launch"
        )
    own = step // processes
    fitting = [rows for rows in range(1, train.batch + 1) if own % rows == 0]
    batch = max((rows for rows in fitting if rows % unit == 0), default=fitting[-1])
    return batch, own // batch


def new_trainer(
    model: PeftModel,
    tokenizer: Any,
    args: SFTConfig,
    phase: Phase,
    how: device.Device,
    *callbacks: TrainerCallback,
) -> SFTTrainer:
    """Return the trainer of one phase."""
    kind = cpu.trainer_class(how)
    if phase.alpha is not None:
        kind = two_part.trainer_class(kind, phase.alpha)
    trainer = kind(
        model=model,
        args=args,
        train_dataset=Dataset.from_list(phase.train),
        eval_dataset=Dataset.from_list(phase.dev),
        processing_class=tokenizer,
        callbacks=list(callbacks),
    )
    trainer.remove_callback(PrinterCallback)  # the curves hold what it would print
    return trainer


def dev_loss(trainer: SFTTrainer) -> float:
    """Return the loss on the dev rows after the last step; it is measured if it was not yet."""
    logged = [logs for logs in trainer.state.log_history if "eval_loss" in logs]
    is_logged = logged and logged[-1]["step"] == trainer.state.global_step
    return float((logged[-1] if is_logged else trainer.evaluate())["eval_loss"])
