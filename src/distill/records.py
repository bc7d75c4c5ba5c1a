"""JSON lines in, JSON lines out: rows are written whole or not at all."""

import fcntl
import hashlib
import heapq
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from distill.errors import InputError

Row = dict[str, Any]

_BLOCK = 1 << 20  # bytes


def read(path: Path) -> Iterator[Row]:
    """Yield the rows of a .jsonl file, or of a folder's part-*.jsonl files in order.

    Raises InputError, naming file and line, for a missing path, bytes that are not UTF-8 or a
    line that is not a JSON object.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; `dvc repro` makes it")
    for file in sorted(path.glob("part-*.jsonl")) if path.is_dir() else [path]:
        yield from _read_file(file)


def _read_file(path: Path) -> Iterator[Row]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line.decode("utf-8"))
            except ValueError as error:
                raise InputError(f"{path}:{number}: not a line of JSON ({error})") from error
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: expected a JSON object, found another value")
            yield row


def digest(folder: Path) -> str:
    """Return the SHA-256 of a folder's part-*.jsonl files, one after the other, in hex."""
    found = hashlib.sha256()
    for shard in sorted(folder.glob("part-*.jsonl")):
        with shard.open("rb") as data:
            while block := data.read(_BLOCK):
                found.update(block)
    return found.hexdigest()


def count(*folders: Path) -> int:
    """Return the number of rows, unread: how long a stage will take depends on it."""
    total = 0
    for file in (file for folder in folders for file in folder.glob("part-*.jsonl")):
        with file.open("rb") as lines:
            total += sum(1 for _ in lines)
    return total


def write(path: Path, rows: Iterable[Row]) -> int:
    """Write rows to a .jsonl file under a temporary name, then rename it; return their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    count = 0
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as lines:
            for row in rows:
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
            lines.flush()
            os.fsync(lines.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return count


def write_json(path: Path, value: object) -> None:
    """Write a JSON document under a temporary name, then rename it.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def put(path: Path, row: Row, key: tuple[str, ...]) -> None:
    """Add a row to a .jsonl file, in the place of one with the same values under `key`.

    Other processes that put rows wait: none is lost. The file is whole at any moment.
    """
    with _locked(path):
        rows = list(read(path)) if path.exists() else []
        same = [tuple(kept.get(name) for name in key) for kept in rows]
        wanted = tuple(row.get(name) for name in key)
        if wanted in same:
            rows[same.index(wanted)] = row
        else:
            rows.append(row)
        write(path, rows)


def drop(path: Path, values: Row) -> None:
    """Take the rows with these values out of a .jsonl file, as safely as `put` adds one."""
    with _locked(path):
        if path.exists():
            write(path, [row for row in read(path) if row | values != row])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sorted_by_id(rows: Iterable[Row], at_once: int = 20_000) -> Iterator[Row]:
    """Yield the rows in id order; no more than `at_once` of them are held in memory."""
    rows = iter(rows)
    with ExitStack() as stack:
        runs = []
        while batch := sorted(islice(rows, at_once), key=_id):
            run = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            run.writelines(json.dumps(row) + "\n" for row in batch)
            run.seek(0)
            runs.append(map(json.loads, run))
        yield from heapq.merge(*runs, key=_id)


def _id(row: Row) -> str:
    return str(row["id"])


def write_shards(folder: Path, rows: Iterable[Row], rows_per_shard: int | None = None) -> int:
    """Write rows as part-00000.jsonl, part-00001.jsonl, ... and return their number.

    One shard by default, an empty one where there are no rows. Parts of an earlier, longer
    version are removed.
    """
    kept, count = set(), 0
    for number, shard in enumerate(_shards(rows, rows_per_shard)):
        path = folder / f"part-{number:05d}.jsonl"
        count += write(path, shard)
        kept.add(path)
    for stale in set(folder.glob("part-*.jsonl")) - kept:
        stale.unlink()
    return count


def _shards(rows: Iterable[Row], size: int | None) -> Iterator[Iterable[Row]]:
    if size is None:
        yield rows
        return
    rows = iter(rows)
    yield list(islice(rows, size))
    for row in rows:
        yield chain([row], list(islice(rows, size - 1)))
