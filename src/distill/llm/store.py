"""What must outlive a killed stage: replies that were paid for, and what they cost.

One SQLite file, .distill/replies.sqlite, shared by all processes of the project. A write is one
transaction in the write-ahead log: a killed process loses nothing that it had stored, and a reader
never waits for a writer.
"""

import json
import sqlite3
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from distill import paths
from distill.errors import StoreError
from distill.llm.messages import Reply

SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, reply TEXT NOT NULL, crc INTEGER NOT NULL, max_tokens INTEGER NOT NULL,
    model TEXT NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
    stage TEXT, model TEXT, calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, characters INTEGER NOT NULL, dollars REAL NOT NULL,
    PRIMARY KEY (stage, model)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, file TEXT NOT NULL, id TEXT NOT NULL, max_tokens INTEGER NOT NULL,
    dollars REAL NOT NULL);
CREATE TABLE IF NOT EXISTS covered (
    key TEXT, batch INTEGER, characters INTEGER NOT NULL, PRIMARY KEY (key, batch)) WITHOUT ROWID;
"""
DAY = 86_400
BUSY = 60.0  # seconds that others may keep the file to themselves
KEPT = ("text", "more", "logprobs", "truncated", "model", "prompt_tokens", "completion_tokens")


@dataclass(frozen=True)
class Spent:
    """What one stage paid one model so far, over all runs here; `characters` are the prompts'."""

    stage: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    characters: int
    dollars: float


@dataclass(frozen=True)
class Size:
    """The kept replies of one model; times are seconds since the epoch."""

    model: str
    replies: int
    bytes: int
    last_used: int


@dataclass(frozen=True)
class Pending:
    """A batch whose replies are not here yet.

    `file` is its input, `id` its own once it is made. `prompts` holds the characters of each
    prompt by the reply's key; `dollars` is what it may cost at most.
    """

    file: str
    prompts: dict[str, int]
    max_tokens: int
    dollars: float
    id: str = ""
    number: int = 0


class Store:
    """The file; raises StoreError, with the mend, where it cannot be read or written.

    `looking`: a reply that is looked at is not used, so it is pruned as if it had not been.
    """

    def __init__(self, looking: bool = False) -> None:
        self.path, self.looking = paths.replies(), looking
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = _opened(self.path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise self._failure(error) from error
            _set_aside(self.path)
            self._connection = _opened(self.path)

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"{self.path}: {error}; free some space or mend its permissions and run again: the"
            " replies in it stay. If it is damaged, move it away: they are then paid for anew"
        )

    def reply(self, key: str, max_tokens: int) -> Reply | None:
        """The kept reply, if there is one that is whole and valid under this cap."""
        with self._using() as db:
            found = db.execute(
                "SELECT reply, crc, max_tokens, used FROM replies WHERE key = ?", [key]
            ).fetchone()
            if found is None:
                return None
            text, crc, cap, used = found
            reply = _read(text, crc)
            if reply is None:
                print(f"{self.path}: a kept reply is damaged and is asked again", file=sys.stderr)
                return None
            if reply.truncated and cap != max_tokens:
                return None
            if (now := int(time.time())) - used > DAY and not self.looking:
                db.execute("UPDATE replies SET used = ? WHERE key = ?", [now, key])
            return reply

    def keep(self, key: str, reply: Reply, max_tokens: int) -> None:
        """Keep a reply until it is pruned."""
        text = json.dumps({name: getattr(reply, name) for name in KEPT})
        row = [key, text, zlib.crc32(text.encode()), max_tokens, reply.model, int(time.time())]
        with self._using() as db:
            db.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?)", row)

    def pay(self, stage: str, reply: Reply, characters: int) -> None:
        """Add what a reply cost, kept or not; `characters` are its prompt's."""
        tokens = [reply.prompt_tokens, reply.completion_tokens]
        with self._using() as db:
            db.execute(
                "INSERT INTO spent VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " calls = calls + 1, prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
                " completion_tokens = completion_tokens + excluded.completion_tokens,"
                " characters = characters + excluded.characters,"
                " dollars = dollars + excluded.dollars",
                [stage, reply.model, *tokens, characters, reply.dollars],
            )

    def dollars(self) -> float:
        """What all stages and models have cost here so far."""
        with self._using() as db:
            return float(db.execute("SELECT total(dollars) FROM spent").fetchone()[0])

    def spent(self) -> list[Spent]:
        """What was paid, by stage and model."""
        with self._using() as db:
            return [Spent(*row) for row in db.execute("SELECT * FROM spent")]

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written within is written whole or not at all; nothing may be awaited within."""
        with self._using() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                db.rollback()
                raise
            db.execute("COMMIT")

    def pend(self, batch: Pending) -> Pending:
        """Note a batch, and give it a number."""
        with self.together(), self._using() as db:
            values = [batch.file, batch.id, batch.max_tokens, batch.dollars]
            number = db.execute("INSERT INTO batches VALUES (NULL, ?, ?, ?, ?)", values).lastrowid
            db.executemany(
                "INSERT INTO covered VALUES (?, ?, ?)",
                ((key, number, characters) for key, characters in batch.prompts.items()),
            )
        return replace(batch, number=number or 0)

    def named(self, batch: Pending, id_: str) -> Pending:
        """Note the id of a batch that was made."""
        with self._using() as db:
            db.execute("UPDATE batches SET id = ? WHERE number = ?", [id_, batch.number])
        return replace(batch, id=id_)

    def pending(self, keys: Iterable[str]) -> list[Pending]:
        """The batches that will bring any of these replies."""
        with self._using() as db:
            numbers = {
                number
                for key in keys
                for (number,) in db.execute("SELECT batch FROM covered WHERE key = ?", [key])
            }
            found = [_pending(db, number) for number in sorted(numbers)]
            return [batch for batch in found if batch is not None]

    def covers(self, key: str) -> bool:
        """Whether a batch that is not here yet will bring this reply."""
        with self._using() as db:
            found = db.execute("SELECT 1 FROM covered WHERE key = ? LIMIT 1", [key])
            return found.fetchone() is not None

    def pending_dollars(self) -> float:
        """What the batches that are not here yet may cost."""
        with self._using() as db:
            return float(db.execute("SELECT total(dollars) FROM batches").fetchone()[0])

    def forget(self, batch: Pending) -> bool:
        """Wait for it no more (use `together`); False where another process was the first."""
        with self._using() as db:
            db.execute("DELETE FROM covered WHERE batch = ?", [batch.number])
            done = db.execute("DELETE FROM batches WHERE number = ?", [batch.number])
            return done.rowcount == 1

    def sizes(self) -> list[Size]:
        """What is kept, by model."""
        with self._using() as db:
            found = db.execute(
                "SELECT model, count(*), sum(length(reply)), max(used) FROM replies GROUP BY model"
            )
            return [Size(*row) for row in found]

    def prune(self, days: float) -> int:
        """Forget the replies that no stage used for so many days; return their number."""
        with self._using() as db:
            unused = int(time.time() - days * DAY)
            count = db.execute("DELETE FROM replies WHERE used <= ?", [unused]).rowcount
            db.execute("VACUUM")
            return count

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _opened(path: Path) -> sqlite3.Connection:
    # used by one thread at a time: the one that runs the pool's loop
    db = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        _log_ahead(db)
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(SCHEMA)
        db.execute("SELECT crc FROM replies LIMIT 1")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _log_ahead(db: sqlite3.Connection) -> None:
    """Wait here while another process, too, opens a new file: for this SQLite itself does not."""
    until = time.monotonic() + BUSY
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _pending(db: sqlite3.Connection, number: int) -> Pending | None:
    row = db.execute(
        "SELECT file, id, max_tokens, dollars FROM batches WHERE number = ?", [number]
    ).fetchone()
    if row is None:  # another process has just kept its replies
        return None
    file, id_, cap, dollars = row
    covered = db.execute("SELECT key, characters FROM covered WHERE batch = ?", [number])
    return Pending(file, dict(covered.fetchall()), cap, dollars, id_, number)


def _set_aside(path: Path) -> None:
    aside = path.with_name(f"{path.name}.damaged")
    print(f"{path}: is damaged; it is now {aside.name} and replies are asked anew", file=sys.stderr)
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _read(text: str, crc: int) -> Reply | None:
    if zlib.crc32(text.encode()) != crc:
        return None
    values: dict[str, Any] = json.loads(text)
    values["more"] = tuple(values["more"])
    values["logprobs"] = tuple((token, others) for token, others in values["logprobs"])
    return Reply(**values)
