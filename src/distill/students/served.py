"""The adapter of a student that an endpoint serves, such as a vLLM server that has loaded it."""

import hashlib
from pathlib import Path


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
