"""Single-flight across processes: of concurrent requests with one key, one calls the API.

A request claims its key in the store; the others wait, and find the reply in the cache. A claim
names its owner, who holds a lock on a file of its own for as long as the process lives: the
operating system releases the lock even after kill -9, and a claim whose owner's lock is free is
void.
"""

import weakref
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from distill.errors import StoreError
from distill.llm.store import Store


class SingleFlight:
    """The claims of one owner, which is one client in one process."""

    def __init__(self, store: Store):
        self.store = store
        self.owner = uuid4().hex
        self._folder = store.path.parent.absolute() / "owners"
        self._lock = self._lock_of(self.owner)
        weakref.finalize(self, _remove, self._lock)

    def claim(self, key: str) -> bool:
        """Claim the key; False where another client or request has it."""
        self._prove_alive()
        if self._insert(key):
            return True
        for (owner,) in self.store.query("SELECT owner FROM claims WHERE key = ?", [key]):
            if owner != self.owner and self._is_dead(owner):
                self.store.execute("DELETE FROM claims WHERE owner = ?", [owner])
                return self._insert(key)
        return False

    def release(self, key: str) -> None:
        """Give up the claim on the key."""
        values = [key, self.owner]
        self.store.execute("DELETE FROM claims WHERE key = ? AND owner = ?", values)

    def _insert(self, key: str) -> bool:
        sql = "INSERT OR IGNORE INTO claims VALUES (?, ?)"
        return self.store.execute(sql, [key, self.owner]) == 1

    def _prove_alive(self) -> None:
        if self._lock.is_locked:
            return
        try:
            self._folder.mkdir(exist_ok=True)
            self._lock.acquire()
        except OSError as error:
            raise StoreError(
                f"{self._folder}: {error}; it must be writable, on a file system with locks"
            ) from error

    def _is_dead(self, owner: str) -> bool:
        lock = self._lock_of(owner)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        _remove(lock)
        return True

    def _lock_of(self, owner: str) -> FileLock:
        return FileLock(self._folder / f"{owner}.lock", thread_local=False)


def _remove(lock: FileLock) -> None:
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
