"""GGUF files by llama.cpp's own converters, a Modelfile for Ollama, and llama.cpp's server.

DISTILL_LLAMA_CPP names a checkout of llama.cpp, whose converters are Python scripts; its server is
built there by `cmake -B build && cmake --build build --target llama-server`, or is on the PATH.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distill.errors import ExportError, ParamsError
from distill.exports import loopback

VARIABLE = "DISTILL_LLAMA_CPP"
OUTTYPES = {"float32": "f32", "bfloat16": "bf16", "float16": "f16", "q8_0": "q8_0"}
MODEL, ADAPTER = "model.gguf", "adapter.gguf"


def checkout() -> Path:
    """Return the folder of llama.cpp; raises ParamsError where the environment names none."""
    folder = Path(os.environ.get(VARIABLE, ""))
    if not os.environ.get(VARIABLE) or not (folder / "convert_hf_to_gguf.py").is_file():
        raise ParamsError(
            f"export: GGUF needs a checkout of llama.cpp: set {VARIABLE} to its folder, in which"
            " convert_hf_to_gguf.py lies"
        )
    return folder


def server() -> str:
    """Return the path of llama-server; raises ParamsError where there is none."""
    folder = checkout()
    for place in (folder / "build/bin", folder / "bin", folder):
        if found := shutil.which("llama-server", path=str(place)):
            return found
    if found := shutil.which("llama-server"):
        return found
    raise ParamsError(
        "export: llama-server, which checks a GGUF file, is neither on the PATH nor below"
        f" {folder}/build/bin; build it: `cmake -B build && cmake --build build --target"
        " llama-server`"
    )


def convert_model(folder: Path, dtype: str, file: Path) -> None:
    """Write a model in transformers' format as one GGUF file."""
    _convert("convert_hf_to_gguf.py", dtype, file, str(folder))


def convert_adapter(run: Path, base: Path, dtype: str, file: Path) -> None:
    """Write a LoRA adapter as a GGUF file; of the base the configuration is read."""
    _convert("convert_lora_to_gguf.py", dtype, file, "--base", str(base), str(run))


def _convert(script: str, dtype: str, file: Path, *arguments: str) -> None:
    command = [sys.executable, str(checkout() / script), "--outtype", OUTTYPES[dtype]]
    file.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*command, "--outfile", str(file), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode or not file.is_file():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ExportError(f"export: {script} of llama.cpp failed: {last}")


@contextmanager
def served(model: Path, template: Path, context: int, adapter: Path | None) -> Iterator[str]:
    """Serve a GGUF file, with or without an adapter, on loopback; yield the base URL."""
    command = [server(), "--model", str(model), "--ctx-size", str(context), "--parallel", "1"]
    command += ["--jinja", "--chat-template-file", str(template)]
    command += ["--lora", str(adapter)] if adapter else []
    with loopback.running(command) as url:
        yield url
