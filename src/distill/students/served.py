"""A student behind an endpoint, such as a vLLM server that has loaded the adapters."""

import hashlib
from pathlib import Path

from distill.students.settings import Student


def overrides(student: Student, system: str, adapter: Path | None) -> dict[str, object]:
    """Return the values that replace those of the endpoint's entry in `llms`."""
    model = system if adapter else student.base
    return {"model": model, "max_tokens": student.predict.max_new_tokens}


def version(adapter: Path | None) -> str:
    """Return the hash of the adapter's weights, "" without one.

    It is part of a reply's cache key: an adapter that is trained again keeps its name.
    """
    if adapter is None:
        return ""
    with weights(adapter).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def weights(adapter: Path) -> Path:
    """Return the path of a trained adapter's weights."""
    return adapter / "adapter_model.safetensors"
