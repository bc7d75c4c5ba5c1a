"""Rows in a file, in the order of their ids, of which only their places are in memory."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Self, overload

import numpy as np

from distill import records
from distill.records import Row


class RowFile(Sequence[Row]):
    """The rows of a .jsonl file by their ids: eight bytes of memory a row.

    The file must not change meanwhile. SQLite sorts the ids, on disk where they are many.
    """

    def __init__(self, path: Path):
        with closing(sqlite3.connect("")) as db:  # a temporary file, of which SQLite disposes
            db.execute("CREATE TABLE rows (id TEXT, place INTEGER)")
            places = ((str(row["id"]), place) for place, row in records.read_places(path))
            db.executemany("INSERT INTO rows VALUES (?, ?)", places)
            sorted_places = db.execute("SELECT place FROM rows ORDER BY id, place")
            self._places = np.fromiter((place for (place,) in sorted_places), np.int64)
        self._file = path.open("rb")

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        self._file.seek(self._places[index])
        row: Row = json.loads(self._file.readline())
        return row

    def __iter__(self) -> Iterator[Row]:
        return (self[i] for i in range(len(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
