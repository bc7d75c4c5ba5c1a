"""The adapter of a training whose weights may be sharded over its processes (FSDP2)."""

import json
import os
import shutil
from pathlib import Path

from distill.students import device

# isort: split
from peft import PeftModel, set_peft_model_state_dict
from safetensors.torch import load_file
from trl import SFTTrainer  # type: ignore[attr-defined]

from distill.errors import ParamsError, TrainingError

WEIGHTS = "adapter_model.safetensors"
SETTINGS = "adapter_config.json"


def is_sharded() -> bool:
    """Return whether accelerate shards the model."""
    return _is_on("ACCELERATE_USE_FSDP")


def check() -> None:
    """Raise ParamsError for a configuration of accelerate under which no adapter can be saved.

    peft finds none of its weights in layers that FSDP has wrapped to checkpoint their activations.
    """
    if is_sharded() and _is_on("FSDP_ACTIVATION_CHECKPOINTING"):
        raise ParamsError(
            "launch.config: set fsdp_activation_checkpointing: false there, or the adapter would be"
            " saved without its weights; speed.checkpointing of the student does the same"
        )


def _is_on(variable: str) -> bool:
    return os.environ.get(variable, "false").lower() == "true"


def save(trainer: SFTTrainer, scratch: Path, folder: Path) -> None:
    """Write adapter_model.safetensors and adapter_config.json into `folder`.

    Every process must call this.
    """
    _gather(trainer, scratch)
    if not device.is_main_process():
        return
    folder.mkdir(parents=True, exist_ok=True)
    settings = json.loads((scratch / SETTINGS).read_text(encoding="utf-8"))
    if isinstance(settings["target_modules"], list):
        settings["target_modules"].sort()  # peft keeps a set
    text = json.dumps(settings, indent=2, sort_keys=True) + "\n"
    (folder / SETTINGS).write_text(text, encoding="utf-8")
    shutil.copyfile(scratch / WEIGHTS, folder / WEIGHTS)


def moved(trainer: SFTTrainer, model: PeftModel, scratch: Path) -> PeftModel:
    """Return the new `model` with the trainer's adapter: a model cannot be sharded twice.

    Every process must call this. Sharding spreads the main process's weights over all.
    """
    _gather(trainer, scratch)
    if device.is_main_process():
        set_peft_model_state_dict(model, load_file(scratch / WEIGHTS))
    return model


def _gather(trainer: SFTTrainer, folder: Path) -> None:
    """Have the main process write the whole adapter, of which the others may hold shards.

    Raises TrainingError for an adapter that lacks weights.
    """
    if trainer.is_fsdp_enabled:
        trainer.accelerator.state.fsdp_plugin.set_state_dict_type("FULL_STATE_DICT")
    trainer.save_model(str(folder))
    trainer.accelerator.wait_for_everyone()
    assert trainer.model is not None
    trained = sum(weight.requires_grad for weight in trainer.model.parameters())
    if device.is_main_process() and len(load_file(folder / WEIGHTS)) != trained:
        raise TrainingError(f"the adapter in {folder} lacks some of its {trained} weights")
