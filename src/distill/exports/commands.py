"""The commands by which other programs serve a run's adapter or an export."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from huggingface_hub import snapshot_download

from distill.errors import ParamsError
from distill.exports import gguf
from distill.students.settings import Student

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # what vLLM's --max-lora-rank can be
WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "*.bin", "*.bin.index.json")


def transformers(name: str, device: str, dtype: str) -> list[str]:
    """Return the command of `transformers serve`, to be run where a folder has the model's name."""
    serve = [sys.executable, "-m", "transformers.cli.transformers", "serve", name]
    return [*serve, "--device", device, "--dtype", dtype]


def linked(run: Path, student: Student, folder: Path) -> Path:
    """Link a run's files and its base's into a folder of the run's name; return its parent.

    `transformers serve` loads whole models, of which some have an adapter beside their weights.
    """
    made = folder / run.name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    base = base_folder(student)
    for file in [*_weights(base), *(path for path in run.iterdir() if path.is_file())]:
        (made / file.name).symlink_to(file.resolve())
    return folder


def base_folder(student: Student) -> Path:
    """Return the folder of a student's base, which is downloaded where it lies on the hub."""
    folder = Path(student.base)
    if folder.is_dir():
        return folder
    return Path(snapshot_download(student.base))


def _weights(base: Path) -> Iterator[Path]:
    yield base / "config.json"
    for pattern in WEIGHTS:
        yield from base.glob(pattern)


def vllm_adapter(run: Path, student: Student, dtype: str) -> list[str]:
    """Return the command by which vLLM serves the base and the adapter, under the run's name."""
    assert student.lora is not None  # validated by Student
    fitting = [rank for rank in RANKS if rank >= student.lora.r]
    if not fitting:
        raise ParamsError(f"vLLM serves adapters up to rank {RANKS[-1]}; export {run.name} merged")
    return [
        *["vllm", "serve", student.base, "--dtype", dtype],
        *["--enable-lora", "--max-lora-rank", str(fitting[0])],
        *["--lora-modules", f"{run.name}={run}"],
        *_as_trained(run, student),
    ]


def vllm_merged(name: str, folder: Path, student: Student) -> list[str]:
    """Return the command by which vLLM serves a merged export."""
    return [
        "vllm",
        "serve",
        str(folder),
        "--served-model-name",
        name,
        *_as_trained(folder, student),
    ]


def _as_trained(folder: Path, student: Student) -> list[str]:
    """Return vLLM's options for the training's prompts and the pipeline's generation."""
    greedy = {"temperature": 0.0, "max_new_tokens": student.predict.max_new_tokens}
    return [
        *["--max-model-len", str(student.max_length)],
        *["--chat-template", str(folder / "chat_template.jinja")],
        *["--generation-config", str(folder)],
        *["--override-generation-config", json.dumps(greedy)],
    ]


def llama_cpp(name: str, folder: Path, format: str, student: Student) -> list[str]:
    """Return the command by which llama.cpp serves a GGUF export.

    Raises ParamsError for an adapter without its base beside it.
    """
    model = folder / ("base.gguf" if format == "gguf-adapter" else gguf.MODEL)
    if not model.is_file():
        raise ParamsError(
            f"{model} does not exist; convert the base {student.base} by convert_hf_to_gguf.py"
        )
    adapter = ["--lora", str(folder / gguf.ADAPTER)] if format == "gguf-adapter" else []
    template = ["--jinja", "--chat-template-file", str(folder / "chat_template.jinja")]
    command = [gguf.server(), "--model", str(model), "--alias", name, *adapter, *template]
    return [*command, "--ctx-size", str(student.max_length), "--parallel", "1", "--temp", "0"]
