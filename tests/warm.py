"""Processes of Python that begin with the heavy libraries imported.

Importing torch, transformers and trl takes a stage longer than its few rows. A server imports them
once, and tests/bin/python, the `python` of tests' projects, has it fork: a process of its own, with
the arguments, folder, environment and open files that it was started with, and without a module of
the project, which it imports from where it runs. Killing tests/bin/python kills the fork.

What begins a process is still tested: by tests that start `sys.executable`.
"""

import atexit
import fcntl
import gc
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from functools import cache
from importlib import import_module
from multiprocessing import spawn
from pathlib import Path

TESTS = Path(__file__).parent
PYTHON = TESTS / "bin/python"
SCRIPTS = ("finetune", "predict", "anonymize", "label", "report", "report_evokd", "split")
LIBRARIES = (
    "dvc.cli.parser", "dvc.repo.reproduce", "dvc.repo.experiments.executor.local",
    "transformers.models.bert.modeling_bert", "transformers.models.llama.modeling_llama",
    "transformers.models.auto.tokenization_auto",
)  # fmt: skip


@cache
def python() -> str:
    """Return tests/bin/python, and start the server of this test process, which ends with it.

    A system that lacks what this needs of Linux gets the usual `python`.
    """
    if not hasattr(os, "pidfd_open"):
        return sys.executable
    name = f"warm-{os.getpid()}"
    command = [sys.executable, str(TESTS / "warm.py"), name]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(server.__exit__, None, None, None)  # it ends when its standard input is closed
    assert server.stdout.readline() == b"ready\n"
    os.environ |= {"WARM_SERVER": name, "WARM_REAL": sys.executable}
    return str(PYTHON)


def main() -> None:
    """Import the libraries, then fork for everyone who connects."""
    preload()
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"\0{sys.argv[1]}")  # a name, and no file
    server.listen(64)
    print("ready", flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    while True:
        ready, _, _ = select.select([server, 0], [], [])
        if 0 in ready:  # the tests have ended
            os._exit(0)
        client, _ = server.accept()
        if os.fork() == 0:
            server.close()
            watch(client)
        client.close()


def preload() -> None:
    """Import what the stages import, and forget the project's own modules."""
    source, hook = str(TESTS.parent / "src"), sys.excepthook
    sys.path[0] = source
    for name in (*SCRIPTS, *LIBRARIES):
        import_module(name)
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(source):
            del sys.modules[name]
    del sys.path[0]
    sys.excepthook = hook
    gc.collect()
    gc.freeze()


def watch(client: socket.socket) -> None:
    """Fork once more; tell the client how the process ended, or end it with the client."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, files, _, _ = socket.recv_fds(client, 8, 253)
    length, count = struct.unpack("II", head)
    assert len(files) == count
    message = b""
    while len(message) < length:
        message += client.recv(length - len(message))
    child = os.fork()
    if child == 0:
        client.close()
        become(os.fsdecode(message).split("\0"), files)
    os.setpgid(child, child)
    for file in files:
        os.close(file)
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([client, ended], [], [])
    if ended not in ready:
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if ended in ready:
        client.sendall(struct.pack("i", os.waitstatus_to_exitcode(status)))
    os._exit(0)


def become(said: list[str], files: list[int]) -> None:
    """Be the process that the client stands for, and end."""
    folder, number, *rest = said
    arguments, rest = rest[: int(number)], rest[int(number) :]
    numbers, rest = list(map(int, rest[: len(files)])), rest[len(files) :]
    copies = [fcntl.fcntl(file, fcntl.F_DUPFD, 300) for file in files]
    os.closerange(0, 300)
    for copy, place in zip(copies, numbers, strict=True):
        os.dup2(copy, place)
        os.close(copy)
    os.environ.clear()
    os.environ.update(pair.split("=", 1) for pair in rest)
    os.chdir(folder)
    sys.stdin = open(0)  # noqa: SIM115
    sys.stdout = open(1, "w", buffering=1 if os.isatty(1) else -1)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace")  # noqa: SIM115
    sys.executable = str(PYTHON)
    spawn.set_executable(sys.executable)
    os._exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run a script, `-m` or `-c` as Python's command line does; return the exit status."""
    try:
        start(arguments)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status


def start(arguments: list[str]) -> None:
    """Set sys.argv and sys.path, and run what the arguments name."""
    while arguments[0] in ("-B", "-u"):  # of multiprocessing and torchrun
        sys.stdout.reconfigure(write_through=arguments[0] == "-u")
        arguments = arguments[1:]
    kind, *rest = arguments
    first = {"-c": "", "-m": str(Path.cwd())}.get(kind, str(Path(kind).absolute().parent))
    more = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [first, *filter(None, more)]
    if kind == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        exec(rest[0], sys.modules["__main__"].__dict__)
    else:
        sys.argv = arguments
        runpy.run_path(str(Path(kind).absolute()), run_name="__main__")


if __name__ == "__main__":
    main()
