"""Serve a run or an export to OpenAI-compatible clients: `make serve RUN=smollm2-r1`.

in   models/<run>, or models/exports/<name>
out  http://127.0.0.1:8000/v1/chat/completions, where the model has the run's name

Another program serves: vLLM where it is installed, or else `transformers serve`; llama.cpp for
GGUF. It listens on loopback only. Before it starts, the command is printed.
"""

import os
import shlex
import shutil
import sys
from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from distill import paths, stage
from distill.errors import ParamsError
from distill.exports import commands, loopback
from distill.params import load
from distill.params.arf import Params
from distill.students import device

SERVERS = ("vllm", "transformers")


class Command(NamedTuple):
    """A command, and the folder in which it runs."""

    words: list[str]
    folder: Path


def of_run(name: str, params: Params, server: str) -> Command:
    """Return the command that serves an adapter beside its base."""
    student, run = params.student(name), paths.model(name)
    if student.kind == "encoder":
        raise ParamsError(f"{name} is an encoder, which no chat server loads; see docs/use.md")
    how = device.choose()
    if server == "vllm":
        return Command(commands.vllm_adapter(run, student, how.dtype), Path())
    folder = commands.linked(run, student, paths.workspace() / "serve")
    return Command(commands.transformers(name, how.name, how.dtype), folder)


def of_export(name: str, params: Params, server: str) -> Command:
    """Return the command that serves an export, in the dtype in which it was written."""
    settings, folder = params.exports[name], paths.exported(name)
    student = params.student(settings.run)
    if settings.format != "merged":
        return Command(commands.llama_cpp(name, folder, settings.format, student), Path())
    if server == "vllm":
        return Command(commands.vllm_merged(name, folder, student), Path())
    return Command(commands.transformers(name, device.choose().name, "auto"), folder.parent)


def installed() -> str:
    """Return the server to use where none is named."""
    return "vllm" if shutil.which("vllm") or find_spec("vllm") else "transformers"


def arguments() -> Namespace:
    """Parse the command line."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", help="a run, or an export")
    parser.add_argument("--server", choices=SERVERS, default=installed())
    parser.add_argument("--port", type=int, default=8000)
    return parser.parse_args()


def main() -> None:
    """Become the server."""
    args, params = arguments(), load()
    name = stage.known("run", args.name, [*params.runs, *params.exports])
    is_run = name in params.runs
    folder = paths.model(name) if is_run else paths.exported(name)
    if not folder.is_dir():
        raise ParamsError(f"{folder} does not exist; make it: `dvc repro`, or fetch it: `dvc pull`")
    words, place = (of_run if is_run else of_export)(name, params, args.server)
    words += ["--host", loopback.HOST, "--port", str(args.port)]
    print(shlex.join(words), f"http://{loopback.HOST}:{args.port}/v1 serves {name}", sep="\n")
    sys.stdout.flush()
    os.chdir(place)
    try:
        os.execvp(words[0], words)
    except OSError as error:
        raise ParamsError(f"{words[0]} cannot be started: {error.strerror}") from error


if __name__ == "__main__":
    stage.main(main)
