"""What makes a student faster on a GPU, or smaller: attention, batches without padding, 4 bits.

On a CPU hardly anything of it is there, and asking for it is an error.
"""

from importlib.util import find_spec
from typing import Any

from distill.students.device import Device
from distill.students.device import local_rank as gpu
from distill.students.settings import Speed, Student

# isort: split
from transformers import BitsAndBytesConfig
from transformers.utils.import_utils import is_flash_attn_2_available

from distill.errors import ParamsError

FLASH = "flash"  # in the name of every implementation that takes batches without padding
KERNEL = "kernels"
PACKAGES = {  # the module that a setting needs, and how it is installed
    KERNEL: ("kernels", "pip install kernels"),
    "4bit": ("bitsandbytes", "pip install '.[quantized]'"),
    "flash_attention_2": ("flash_attn", "pip install flash-attn --no-build-isolation"),
}


def check_training(student: Student, how: Device) -> None:
    """Raise ParamsError for a setting of the training that cannot work on this machine."""
    speed, lora = student.speed, student.lora
    asked = {
        "speed.attention": speed.attention if FLASH in speed.attention else "",
        "speed.padding_free": "padding_free" if speed.padding_free else "",
        "speed.kernels": KERNEL if speed.kernels else "",
        "speed.compile": "compile" if speed.compile else "",
        "lora.quantization": (lora and lora.quantization) or "",
    }
    _check(asked, student, how)
    if speed.padding_free and FLASH not in attention(speed, how):
        raise ParamsError(
            "params.yaml: students: speed.padding_free needs FlashAttention, or the rows of a batch"
            " would see each other; install flash-attn, or name it in speed.attention"
        )


def check_generation(student: Student, how: Device) -> None:
    """Raise ParamsError for a setting of `predict` that cannot work on this machine."""
    predict = student.predict
    asked = {
        "predict.quantization": predict.quantization or "",
        "predict.engine": "" if predict.engine == "transformers" else predict.engine,
    }
    _check(asked, student, how)


def _check(asked: dict[str, str], student: Student, how: Device) -> None:
    """Check settings that need a GPU, and the package of what they ask for, "" for nothing."""
    for key, value in asked.items():
        if value and how.name != "cuda":
            raise ParamsError(
                f"params.yaml: students: {key} needs a GPU, and {student.base} is on the CPU here;"
                " remove it"
            )
        needed = KERNEL if "/" in value else value  # such as kernels-community/flash-attn2
        module, remedy = PACKAGES.get(needed, ("", ""))
        if module and find_spec(module) is None:
            raise ParamsError(f"params.yaml: students: {key} needs the package {module}: {remedy}")


def attention(speed: Speed, how: Device) -> str:
    """Return the name of the attention's implementation.

    On a CPU attention is plain: the backward pass of torch's fused kernel takes twice its time.
    """
    if speed.attention != "auto":
        return speed.attention
    if how.name == "cpu":
        return "eager"
    return "flash_attention_2" if is_flash_attn_2_available() else "sdpa"


def is_padding_free(speed: Speed, how: Device, alpha: float | None, rows: int) -> bool:
    """Return whether a batch of `rows` rows is one sequence without padding.

    The loss in two parts takes a batch apart by its rows.
    """
    if alpha is not None or rows == 1 or how.name == "cpu":
        return False
    if speed.padding_free is None:
        return FLASH in attention(speed, how)
    return speed.padding_free


def loading(speed: Speed, quantization: str | None, how: Device) -> dict[str, Any]:
    """Return the options of from_pretrained for a base to train."""
    options: dict[str, Any] = {"attn_implementation": attention(speed, how)}
    if speed.kernels:
        options["use_kernels"] = True
    return options | quantized(quantization, how)


def quantized(quantization: str | None, how: Device) -> dict[str, Any]:
    """Return the options of from_pretrained for weights in 4 bits (QLoRA's), which stay as loaded.

    They are stored as the device's dtype, which FSDP2 can shard.
    """
    if quantization is None:
        return {}
    config = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=how.torch_dtype,
        bnb_4bit_quant_storage=how.torch_dtype,
    )
    return {"quantization_config": config, "device_map": {"": gpu()}}


def training(speed: Speed, how: Device) -> dict[str, Any]:
    """Return TRL's settings."""
    options: dict[str, Any] = {
        "activation_checkpointing": speed.checkpointing,
        "dataloader_num_workers": speed.workers,
    }
    if how.name == "cuda":
        options["dataloader_pin_memory"] = True
    if speed.compile:
        options["torch_compile"] = True
    return options
