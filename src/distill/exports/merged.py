"""The base with an adapter in its weights, as one model."""

from pathlib import Path

from distill.students.models import loading  # first: it prepares torch

# isort: split
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, GenerationConfig

from distill.students import bundle
from distill.students.settings import Student

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def write(run: Path, student: Student, dtype: str | None, folder: Path) -> str:
    """Write the model and all that lies in the run's folder beside the adapter; return the dtype.

    `dtype` is that of the sums, and None is the base's own: as `predict` adds them in this dtype.
    """
    with loading(student):
        base = AutoModelForCausalLM.from_pretrained(
            student.base, dtype=DTYPES[dtype] if dtype else "auto"
        )
    model = PeftModel.from_pretrained(base, str(run)).merge_and_unload()
    model.generation_config = GenerationConfig.from_pretrained(run)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    bundle.copy(run, folder)
    return str(model.dtype).removeprefix("torch.")
