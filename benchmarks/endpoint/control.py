"""Starts and configures the benchmark's server, and reads its counts."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any


class Server:
    """server.py in a separate process, on a core of its own."""

    def __init__(self, core: int):
        self.core = core

    def __enter__(self) -> "Server":
        script = Path(__file__).with_name("server.py")
        self.process = subprocess.Popen(
            [sys.executable, script, str(self.core)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.host = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def url(self) -> str:
        """The base_url for a client."""
        return f"{self.host}/v1"

    def configure(self, **config: Any) -> None:
        """Set latency and faults (see server.Config) and reset the counts."""
        self._ask("/configure", json.dumps(config).encode())

    def stats(self) -> dict[str, int]:
        """Return the counts, after the connections of a client that has ended are closed."""
        time.sleep(0.3)
        return self._ask("/stats")

    def wait(self, good: int, process: subprocess.Popen[bytes], limit: float) -> bool:
        """Wait for so many good answers; return False if the process or the time ended first."""
        end = time.monotonic() + limit
        while process.poll() is None and time.monotonic() < end:
            if self._ask(f"/wait/{good}")["good"] >= good:
                return True
        return False

    def _ask(self, path: str, body: bytes | None = None) -> dict[str, int]:
        with urllib.request.urlopen(self.host + path, data=body) as response:
            found: dict[str, int] = json.load(response)
        return found
