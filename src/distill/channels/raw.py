"""Shared by all formats: opening files, text on one line, reasons why a row is unusable."""

import bz2
import gzip
import lzma
import sqlite3
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from distill.channels.text import flat
from distill.errors import InputError

MAX_TEXT_BYTES = 1_000_000  # of one interaction
MAX_ID = 200  # characters
MAX_RAW_BYTES = 40_000_000  # of one interaction in its file, attachments included


class Interaction(NamedTuple):
    """One usable row; `left_out` has a slug for each part of it that is not in the text."""

    id: str
    text: str
    left_out: tuple[str, ...] = ()


Found = tuple[str, Callable[[], Interaction]]  # place of a row, and a call for its content
Numbered = tuple[int, str, Any]  # a row's number in its file, its place, its content
_OPENERS: dict[str, Callable[..., Any]] = {".bz2": bz2.open, ".gz": gzip.open, ".xz": lzma.open}
UNREADABLE = (EOFError, OSError, lzma.LZMAError, zlib.error)


class UnusableRowError(Exception):
    """One row cannot be used; `reason` is the ledger's slug, `detail` for the quarantine alone.

    `fields` are those that the row has, where it lacks one.
    """

    def __init__(
        self,
        reason: str,
        raw_id: str = "",
        detail: str = "",
        fields: frozenset[str] = frozenset(),
    ):
        super().__init__(reason)
        self.reason, self.raw_id, self.detail, self.fields = reason, raw_id, detail, fields


class Ids:
    """The ids so far; SQLite holds them, on disk where they are many."""

    def __init__(self) -> None:
        self.count = 0
        self._db = sqlite3.connect("")  # a temporary file, of which SQLite disposes
        self._db.execute("CREATE TABLE ids (id TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, row_id: str) -> bool:
        """Add an id; return whether it is new."""
        added = self._db.execute("INSERT OR IGNORE INTO ids VALUES (?)", [row_id]).rowcount
        self.count += added
        return bool(added)


def opened(path: Path) -> IO[bytes]:
    """Open a file's bytes, decompressed where its name ends in .bz2, .gz or .xz."""
    return cast(IO[bytes], _OPENERS.get(path.suffix.lower(), open)(path, "rb"))


def uncompressed(path: Path) -> Path:
    """Return the path without .bz2, .gz or .xz."""
    return path.with_suffix("") if path.suffix.lower() in _OPENERS else path


def stem(path: Path, folder: Path) -> str:
    """Return the path in the folder as an id: "2024-may" of 2024/may.jsonl.gz.

    Systems write the name "é" as one character or as two; the id has one.
    """
    name = "-".join(uncompressed(path.relative_to(folder)).with_suffix("").parts)
    return identifier(unicodedata.normalize("NFC", name))


def unreadable(path: Path, error: BaseException) -> InputError:
    """Return the error of a file that is damaged or may not be opened."""
    remedy = (
        "compress it again"
        if path.suffix.lower() in _OPENERS
        else "check the disk and its permissions"
    )
    return InputError(f"{path}: cannot be read ({' '.join(str(error).split())}); {remedy}")


def not_utf8(path: Path, line: int, offset: int) -> InputError:
    """Return the error of a file whose byte at `offset` is not UTF-8."""
    return InputError(
        f"{path}:{line}: not UTF-8 (byte {offset} of the file); convert it, for example with iconv"
    )


def identifier(text: str) -> str:
    """Return an id on one line that can be written as UTF-8."""
    return flat(text).encode("utf-8", "replace").decode("utf-8")


def checked(raw_id: str, lines: list[str], left_out: tuple[str, ...] = ()) -> Interaction:
    """Return the interaction; raises UnusableRowError for an empty, broken or too large text."""
    text = "\n".join(lines)
    if not text:
        raise UnusableRowError("empty_text", raw_id)
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:  # half of a surrogate pair, written as "\ud83d"
        raise UnusableRowError("broken_unicode", raw_id) from error
    if size > MAX_TEXT_BYTES:
        raise UnusableRowError("too_large", raw_id)
    return Interaction(raw_id, text, left_out)
