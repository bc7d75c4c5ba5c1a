"""What tests of the engine compute, in a module that other processes can import."""

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple


class OddError(Exception):
    """As many a library's, it is made of other values than it keeps."""

    def __init__(self, what: str, which: str):
        super().__init__(f"{what} {which}")


class Upper(NamedTuple):
    """Writes a shard's words in capitals; leaves a file in `folder` for each call.

    `slow` shards take that many seconds, `fatal` ones kill their process the first time, and the
    exception of `odd` ones cannot be pickled.
    """

    folder: Path
    slow: tuple[str, ...] = ()
    seconds: float = 0.0
    fatal: str = ""
    refused: str = ""
    odd: str = ""

    def __call__(self, words: list[str]) -> bytes:
        mark = self.folder / f"{words[0]}-{os.getpid()}-{time.monotonic_ns()}"
        mark.touch()
        if words[0] in self.slow:
            time.sleep(self.seconds)
        if words[0] == self.fatal and len(list(self.folder.glob(f"{words[0]}-*"))) == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if words[0] == self.refused:
            raise ValueError(f"shard {words[0]}")
        if words[0] == self.odd:
            raise OddError("shard", words[0])
        return " ".join(words).upper().encode()

    def made_from(self) -> list[str]:
        return ["upper"]


def calls(folder: Path) -> list[str]:
    """The first words of the shards for which `Upper` was called, sorted."""
    return sorted(path.name.partition("-")[0] for path in folder.iterdir())
