"""Parts: what a function made of each shard, kept in files until the stage has ended well.

.distill/parts/anonymize-botchat/3f0c...e1.part

A part's name is a digest of all that it was made from: the source code with its lists of words, the
versions of the packages, the settings and the shard's content. A part that is there is therefore
right, and a stage that was killed makes only those that are missing.
"""

import hashlib
import importlib.metadata
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from distill import records

Shard = list[Any]  # JSON values


class Work(Protocol):
    """A picklable function, which makes the same bytes of a shard wherever it is called."""

    def __call__(self, shard: Any, /) -> bytes:
        """Return the part."""
        ...

    def made_from(self) -> Any:
        """Return, as a JSON value, what determines a part beside the shard and the source code."""
        ...


Named = tuple[str, Shard]  # a part's name and what it is made of
# Calls the function on each shard; yields the parts as they are made, in any order.
Each = Callable[[Work, Iterable[Named]], Iterator[tuple[str, bytes]]]


class Parts:
    """The folder of a stage's parts and the engine that makes them."""

    def __init__(self, folder: Path, each: Each):
        self.folder, self._each = folder, each

    def make(self, work: Work, shards: Iterable[Shard]) -> list[Path]:
        """Make the parts that are missing; return the files of all, in the shards' order."""
        names: list[str] = []
        shape = _shape(work)

        def missing() -> Iterator[Named]:
            for shard in shards:
                names.append(digest([shape, shard]))
                if not self._path(names[-1]).exists():
                    yield names[-1], shard

        for name, made in self._each(work, missing()):
            records.write_bytes(self._path(name), made)
        return [self._path(name) for name in names]

    def file(self, work: Work, shard: Shard) -> Path:
        """Return the file of a shard's part."""
        return self._path(digest([_shape(work), shard]))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.part"


def _shape(work: Work) -> list[Any]:
    return [code(), type(work).__qualname__, work.made_from()]


def digest(value: object) -> str:
    """Return 32 hexadecimal characters of the SHA-256 of a JSON value."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


@cache
def code() -> str:
    """Return the digest of what may change what a function makes: source files and packages."""
    folder = Path(__file__).parents[2]
    return digest([sources(folder), versions(folder.with_name("pyproject.toml"))])


def sources(folder: Path) -> list[list[str]]:
    """Return path and digest of all files of a folder, but for hidden and compiled ones.

    Lists of words beside the modules decide as much as these.
    """
    paths = (path.relative_to(folder) for path in folder.rglob("*"))
    shown = sorted(
        path
        for path in paths
        if not any(part.startswith((".", "__pycache__")) for part in path.parts)
    )
    files = ((path.as_posix(), folder / path) for path in shown)
    return [
        [name, records.digest_of(file)]
        for name, file in files
        if file.is_file() and os.access(file, os.R_OK)
    ]


def versions(project: Path) -> list[list[str]]:
    """Return name and installed version of Python and of the dependencies in a pyproject.toml.

    Builds of one version for different devices ("2.13.0+cpu") are the same.
    """
    named = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    found = [["python", f"{sys.version_info.major}.{sys.version_info.minor}"]]
    for name in (re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in named):
        try:
            found.append([name, importlib.metadata.version(name).partition("+")[0]])
        except importlib.metadata.PackageNotFoundError:
            found.append([name, ""])
    return found
