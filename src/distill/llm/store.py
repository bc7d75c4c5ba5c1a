"""SQLite store of what must outlive a killed stage: paid replies and their cost.

One file, .distill/replies.sqlite, is shared by all processes of the project; pending batches
(pending.py), claims on keys (single_flight.py) and rate limits (endpoint/limits.py) are further
tables of it. A write is a
transaction in the write-ahead log, so a killed process loses nothing that it had stored, and a
reader never waits for a writer.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distill import paths
from distill.errors import StoreError
from distill.llm.messages import Reply

SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, reply TEXT NOT NULL, max_tokens INTEGER NOT NULL, model TEXT NOT NULL,
    used INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
    stage TEXT, model TEXT, calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, characters INTEGER NOT NULL, dollars REAL NOT NULL,
    PRIMARY KEY (stage, model)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, file TEXT NOT NULL, id TEXT NOT NULL, max_tokens INTEGER NOT NULL,
    dollars REAL NOT NULL);
CREATE TABLE IF NOT EXISTS batch_keys (
    key TEXT, batch INTEGER, characters INTEGER NOT NULL, PRIMARY KEY (key, batch)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch_files (
    url TEXT, file TEXT, PRIMARY KEY (url, file)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rate_limits (
    name TEXT PRIMARY KEY, free_at REAL NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
"""
DAY = 86_400  # seconds
BUSY_TIMEOUT = 60.0  # seconds to wait for another process's transaction
FIELDS = [
    "text", "more", "logprobs", "truncated", "model", "prompt_tokens", "completion_tokens", "calls",
]  # fmt: skip


@dataclass(frozen=True)
class Spent:
    """The cost of one stage's calls to one model over all runs; `characters` of the prompts."""

    stage: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    characters: int
    dollars: float


@dataclass(frozen=True)
class CacheSize:
    """The cached replies of one model; `last_used` is in seconds since the epoch."""

    model: str
    replies: int
    bytes: int
    last_used: int


class Store:
    """A connection to the file, for one thread at a time.

    Raises StoreError, with the remedy, where the file cannot be read or written, or is damaged. In
    a `dry_run` a cache hit does not count as a use, so it does not postpone pruning.
    """

    def __init__(self, dry_run: bool = False) -> None:
        self.path, self.dry_run = paths.replies(), dry_run
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._errors():
            self._db = _connection(self.path)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{self.path}: {error}; free disk space or correct its permissions and run again:"
                " the cached replies stay"
            ) from error
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(
                f"{self.path}: {error}; the file is damaged: restore it from a backup, or move it"
                " away, and its replies are paid for again"
            ) from error

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a statement."""
        with self._errors():
            return self._db.execute(sql, values).fetchall()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run a statement and return the number of rows that it changed."""
        with self._errors():
            return self._db.execute(sql, values).rowcount

    @contextmanager
    def transaction(self, durable: bool = False) -> Iterator[None]:
        """Write all statements of the block or none of them; the block must not await.

        A `durable` one is on the disk afterwards, and outlives a loss of power, too.
        """
        if durable:
            self.execute("PRAGMA synchronous=FULL")
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise
        finally:
            if durable:
                self.execute("PRAGMA synchronous=NORMAL")

    def get(self, key: str, max_tokens: int) -> Reply | None:
        """Return the cached reply; None for a miss, and for one truncated under another cap."""
        rows = self.query("SELECT reply, max_tokens, used FROM replies WHERE key = ?", [key])
        if not rows:
            return None
        [(text, cap, used)] = rows
        with self._errors():
            reply = _reply(text)
        if reply.truncated and cap != max_tokens:
            return None
        if (now := int(time.time())) - used > DAY and not self.dry_run:
            self.execute("UPDATE replies SET used = ? WHERE key = ?", [now, key])
        return reply

    def put(self, key: str, reply: Reply, max_tokens: int) -> None:
        """Cache a reply to a request with the cap `max_tokens`."""
        text = json.dumps({name: getattr(reply, name) for name in FIELDS})
        values = [key, text, max_tokens, reply.model, int(time.time())]
        self.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?)", values)

    def cache_sizes(self) -> list[CacheSize]:
        """Return the size of the cache by model."""
        rows = self.query(
            "SELECT model, count(*), sum(length(reply)), max(used) FROM replies GROUP BY model"
        )
        return [CacheSize(*row) for row in rows]

    def prune(self, days: float) -> int:
        """Delete the replies that no stage has used for so many days; return their number."""
        oldest = int(time.time() - days * DAY)
        count = self.execute("DELETE FROM replies WHERE used <= ?", [oldest])
        self.execute("VACUUM")
        return count

    def add_cost(self, stage: str, reply: Reply, characters: int) -> None:
        """Add the cost of one call; `characters` are its prompt's."""
        tokens = [reply.prompt_tokens, reply.completion_tokens]
        self.execute(
            "INSERT INTO spent VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " calls = calls + 1, prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
            " completion_tokens = completion_tokens + excluded.completion_tokens,"
            " characters = characters + excluded.characters, dollars = dollars + excluded.dollars",
            [stage, reply.model, *tokens, characters, reply.dollars],
        )

    def spent(self) -> list[Spent]:
        """Return the cost of all runs by stage and model."""
        return [Spent(*row) for row in self.query("SELECT * FROM spent")]

    def spent_dollars(self) -> float:
        """Return the cost of all runs."""
        return float(self.query("SELECT total(dollars) FROM spent")[0][0])

    def pending_dollars(self) -> float:
        """Return the highest possible cost of all pending batches."""
        return float(self.query("SELECT total(dollars) FROM batches")[0][0])

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


def _connection(path: Path) -> sqlite3.Connection:
    # opened by the main thread and used by the one that runs the pool's event loop
    db = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        _enable_wal(db)
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _enable_wal(db: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, with retries: SQLite's busy timeout does not cover this."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _reply(text: str) -> Reply:
    values: dict[str, Any] = json.loads(text)
    values["more"] = tuple(values["more"])
    values["logprobs"] = tuple((token, others) for token, others in values["logprobs"])
    return Reply(**values)
