"""Parts: what a function made of each shard, kept in files until the stage has ended well.

.distill/parts/anonymize-botchat/3f0c...e1.part

A part's name is a digest of all that it was made from: the source code, the settings and the
shard's content. A part that is there is therefore right, and a stage that was killed makes only
those that are missing.
"""

import hashlib
import json
import os
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
    """Return the digest of all source files, since any of them may change what a function makes."""
    root = Path(__file__).parents[2]
    files = sorted(path for path in root.rglob("*.py") if os.access(path, os.R_OK))
    return digest([[path.relative_to(root).as_posix(), records.digest_of(path)] for path in files])
