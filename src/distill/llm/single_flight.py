"""Of all who want the same reply at the same time, one asks: the others find it kept."""

import fcntl
import os
from functools import cache
from pathlib import Path
from threading import Lock

from distill.errors import StoreError

FIRST, LONGEST = 0.02, 1.0  # seconds between two looks whether somebody still asks


class Asking:
    """Who asks for a reply holds a lock on the byte of a file that stands for the reply's key.

    The system lets go of it when the process ends, however that comes to pass. Such a lock is the
    whole process's, so its own requests are told apart by what it holds. One object a process and
    file: `asking` returns it.
    """

    def __init__(self, path: Path):
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)  # as long as the process lasts
        self._held: set[str] = set()
        self._guard = Lock()

    def begin(self, key: str) -> bool:
        """Whether nobody else asks for this reply; until `end` nobody else may then."""
        with self._guard:
            if key in self._held or not self._lock(key):
                return False
            self._held.add(key)
            return True

    def end(self, key: str) -> None:
        """Let the others have it."""
        with self._guard:
            self._held.remove(key)
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _place(key))

    def _lock(self, key: str) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(key))
        except (BlockingIOError, PermissionError):  # which of the two is up to the system
            return False
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error}; its file system must know locks, as those of local disks do"
            ) from error
        return True


def asking(path: Path) -> Asking:
    """Return the one object for the file at this absolute path."""
    with _opening:  # a cache alone makes two for two threads that come at the same time
        return _asking(path)


_asking = cache(Asking)
_opening = Lock()


def _place(key: str) -> int:
    return int(key[:15], base=16)
