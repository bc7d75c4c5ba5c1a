"""What the trainings of all students have in common: settings, LoRA, checkpoints, a finite loss."""

import math
import warnings
from pathlib import Path
from typing import Any

from distill.students import checkpoints, device
from distill.students.settings import Lora, Train

# isort: split
from peft import LoraConfig, PeftModel, get_peft_model
from torch import OutOfMemoryError
from transformers import PreTrainedModel, Trainer

from distill.errors import ParamsError, TrainingError


def arguments(train: Train, seed: int, how: device.Device, folder: Path) -> dict[str, Any]:
    """Return settings of transformers' trainers; `folder` takes the checkpoints."""
    return {
        "output_dir": str(folder),
        "num_train_epochs": train.epochs,
        "learning_rate": train.learning_rate,
        "warmup_steps": train.warmup,
        "train_sampling_strategy": "group_by_length",
        "bf16": how.dtype == "bfloat16",
        "use_cpu": how.name == "cpu",
        "save_strategy": "steps",
        "save_steps": train.save_steps,
        "save_total_limit": 1,
        "logging_steps": 0.1,  # a point is the mean of a tenth of the steps: a few rows say little
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "seed": seed,
        "data_seed": seed,
    }


def adapted(model: PreTrainedModel, shape: Lora, **settings: Any) -> PeftModel:
    """Return the model with a LoRA adapter that changes nothing yet.

    `settings` are further ones of LoraConfig. Raises ParamsError for a target that does not exist.
    """
    lora = LoraConfig(
        r=shape.r,
        lora_alpha=shape.alpha,
        lora_dropout=shape.dropout,
        target_modules=shape.target,
        **settings,
    )
    try:
        with warnings.catch_warnings(action="ignore"):  # of tied layers: see models.check_target
            return get_peft_model(model, lora)
    except ValueError as error:  # no such modules
        reason = str(error).splitlines()[0]
        raise ParamsError(f"params.yaml: students: lora.target {shape.target}: {reason}") from error


def resume(trainer: Trainer) -> None:
    """Train from the last checkpoint, or from the start where there is none.

    Raises TrainingError where a GPU's memory does not suffice.
    """
    checkpoint = checkpoints.last(Path(str(trainer.args.output_dir)))
    if checkpoint:
        report(f"resuming from {checkpoint.name} of {checkpoint.parent.name}")
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except OutOfMemoryError as error:
        raise TrainingError(
            "the GPU's memory does not suffice; halve train.batch and double train.accumulate, or"
            " set speed.checkpointing: true, or lora.quantization: 4bit"
        ) from error


def check_loss(name: str, loss: float) -> None:
    """Raise ParamsError for a loss that is not finite."""
    if not math.isfinite(loss):
        raise ParamsError(
            f"finetune {name}: the training diverged, its loss is {loss}; lower"
            f" train.learning_rate of the student of runs.{name} in params.yaml"
        )


def report(line: str) -> None:
    """Print a line once, whatever the number of processes."""
    if device.is_main_process():
        print(line, flush=True)
