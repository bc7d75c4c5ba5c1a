"""A disk that takes no more, as one line: which file, and what to do.

data/dataset/org/part-00000.jsonl: no space left on the disk of /home/eva/project; ...
"""

import errno
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from distill.errors import DiskError

_CAUSES = {  # errno -> what it is, and the remedy
    errno.ENOSPC: ("no space left", "free some, for example with `dvc gc -w`"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, or have the quota raised"),
    errno.EROFS: ("the file system is read-only", "mount it for writing, or move the project"),
}
_WORDS = {  # as libraries say it without a number: those in Rust and C++, SQLite
    errno.ENOSPC: r"no space left on device|os error 28\b|disk is full",
    errno.EDQUOT: r"quota exceeded|os error 122\b",
    errno.EROFS: r"read-only file ?system|os error 30\b|readonly database",
}
_LITTLE = 1 << 20  # bytes


def explained(error: BaseException) -> DiskError | None:
    """Return what a full, read-only or limited disk needs, None for an error of another kind."""
    for one in _chain(error):
        number = _number(one)
        if number:
            what, remedy = _CAUSES[number]
            return DiskError(
                f"{_place(one, number)}: {what}; {remedy}, and run again: what is done is kept"
            )
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those in whose handling it was raised."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _number(error: BaseException) -> int:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno if error.errno in _CAUSES else 0
    told = (number for number, words in _WORDS.items() if re.search(words, str(error), re.I))
    return next(told, 0)


def _place(error: BaseException, number: int) -> str:
    """Return the file where the error names it, else the folders that may hold it."""
    if name := getattr(error, "filename", None):
        return str(name)
    folders = [Path.cwd(), Path(tempfile.gettempdir())]
    if number == errno.ENOSPC:
        full = [folder for folder in folders if shutil.disk_usage(folder).free < _LITTLE]
        folders = full or folders
    return " or ".join(map(str, folders))
