"""Reads and atomically writes JSON lines, the format of all rows, and JSON documents."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any

from filelock import FileLock

from distill.errors import InputError

Row = dict[str, Any]

_BLOCK = 1 << 20  # bytes


def read(path: Path) -> Iterator[Row]:
    """Yield the rows of a .jsonl file, or of a folder's part-*.jsonl files in order.

    Raises InputError, naming file and line, for a missing path, a folder without parts, bytes that
    are not UTF-8 or a line that is not a JSON object.
    """
    for file in files(path):
        yield from (row for _, row in read_places(file))


def files(path: Path) -> list[Path]:
    """Return a .jsonl file, or a folder's part-*.jsonl files in order; raises as `read` does."""
    _check_exists(path)
    found = sorted(path.glob("part-*.jsonl")) if path.is_dir() else [path]
    if not found:
        raise InputError(f"{path} holds no part-*.jsonl; delete the folder and run `dvc repro`")
    return found


def read_at(path: Path, place: int) -> Row:
    """Return the row whose line begins at a place that `read_places` yielded.

    Raises InputError where there is none, since the file has changed.
    """
    with path.open("rb") as lines:
        lines.seek(place)
        try:
            row: Row = json.loads(lines.readline())
        except ValueError as error:
            raise InputError(f"{path}: changed while it was read; read it again") from error
    return row


@dataclass(frozen=True)
class Stored:
    """The rows of a .jsonl file or a folder, which every loop over them reads again."""

    path: Path

    def __iter__(self) -> Iterator[Row]:
        return read(self.path)


def read_places(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a .jsonl file, each with the offset of its line; raises as `read` does."""
    _check_exists(path)
    place = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line.decode("utf-8"))
            except ValueError as error:
                raise InputError(f"{path}:{number}: not a line of JSON ({error})") from error
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: expected a JSON object, found another value")
            yield place, row
            place += len(line)


def _check_exists(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path} does not exist; `dvc repro` makes it")


def digest(folder: Path) -> str:
    """Return the SHA-256, in hex, of a folder's part-*.jsonl files in order."""
    return digest_of(*sorted(folder.glob("part-*.jsonl")))


def digest_of(*files: Path) -> str:
    """Return the SHA-256, in hex, of files in the order given."""
    found = hashlib.sha256()
    for file in files:
        with file.open("rb") as data:
            while block := data.read(_BLOCK):
                found.update(block)
    return found.hexdigest()


def count(*folders: Path) -> int:
    """Return the number of rows of the folders, without parsing them, for a progress bar."""
    total = 0
    for file in (file for folder in folders for file in folder.glob("part-*.jsonl")):
        with file.open("rb") as lines:
            total += sum(1 for _ in lines)
    return total


def write(path: Path, rows: Iterable[Row]) -> int:
    """Write rows to a .jsonl file, whole or not at all; return their number."""
    count = 0
    with _replacing(path) as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_json(path: Path, value: object) -> None:
    """Write a JSON document, whole or not at all.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with _replacing(path) as file:
        file.write(text)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all."""
    with _replacing(path) as file:
        file.buffer.write(data)


@contextmanager
def _replacing(path: Path) -> Iterator[TextIOWrapper]:
    """Yield a temporary file that takes the place of `path` if no exception is raised.

    An OSError names `path`, which that of a write does not do by itself.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.filename is None or str(error.filename) == str(temporary):
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def put(path: Path, row: Row, key: tuple[str, ...]) -> None:
    """Add a row to a .jsonl file, or replace the row with the same values under `key`.

    Concurrent writers, in this process or others, wait for one another.
    """
    with _lock(path):
        rows = list(read(path)) if path.exists() else []
        values = [tuple(other.get(name) for name in key) for other in rows]
        own = tuple(row.get(name) for name in key)
        if own in values:
            rows[values.index(own)] = row
        else:
            rows.append(row)
        write(path, rows)


def drop(path: Path, values: Row) -> None:
    """Delete the rows with these values from a .jsonl file, with the same lock as `put`."""
    with _lock(path):
        if path.exists():
            write(path, [row for row in read(path) if row | values != row])


def _lock(path: Path) -> FileLock:
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_name(f".{path.name}.lock"))


def write_shards(folder: Path, rows: Iterable[Row], rows_per_shard: int | None = None) -> int:
    """Write rows as part-00000.jsonl, part-00001.jsonl, ... and return their number.

    One shard by default, an empty one if there are no rows. Present shards are replaced when all
    rows are there, and stale parts of a longer version are deleted: a stage that fails on the way
    leaves the folder as it was.
    """
    made: dict[Path, Path] = {}  # each shard's path -> its temporary file
    count = 0
    try:
        for number, shard in enumerate(_shards(rows, rows_per_shard)):
            path = folder / f"part-{number:05d}.jsonl"
            made[path] = path.with_name(f".{path.name}.{os.getpid()}.new")
            count += write(made[path], shard)
        for path, written in made.items():
            written.replace(path)
    finally:
        for written in made.values():
            written.unlink(missing_ok=True)
    for stale in set(folder.glob("part-*.jsonl")) - made.keys():
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
