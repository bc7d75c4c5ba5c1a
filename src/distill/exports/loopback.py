"""A server of another program on this machine, for as long as it is asked."""

import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from distill.errors import ExportError

HOST = "127.0.0.1"
PATIENCE = 600  # seconds in which a server must be ready; a large model is read from disk


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(command: Sequence[str]) -> Iterator[str]:
    """Run a server with --host and --port; yield its base URL once it is healthy.

    Raises ExportError with the server's last words where it ends before that.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log.txt"
        with log.open("w") as out:
            process = subprocess.Popen(
                [*command, "--host", HOST, "--port", str(port)], stdout=out, stderr=out
            )
        try:
            _wait(process, command[0], f"http://{HOST}:{port}/health", log)
            yield f"http://{HOST}:{port}/v1"
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], name: str, url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = (words or ["it said nothing"])[-1]
    raise ExportError(f"{name} did not become ready: {last}")
