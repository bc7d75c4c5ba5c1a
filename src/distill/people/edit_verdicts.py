"""What people said of edits: data/marks/<annotator>.jsonl.

{"id": "botchat-000123", "of": "r1", "code": "unn_content_redundant", "good": true, "note": "",
 "digest": "9f2c51d80a4e"}

`of` names the revision that made the edit, `digest` tells what it made of what: a mark of an edit
that has been made anew counts no more. A good edit did what it was for and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from distill import paths, records
from distill.errors import InputError
from distill.people import annotations
from distill.records import Row
from distill.tasks.summarize import taxonomy

KEY = ("id", "of", "code")

Edit = tuple[str, str, str, str]  # of, id, code, digest


def read(folder: Path = paths.MARKS) -> Iterator[Row]:
    """Yield every mark with its `annotator` and `where` it stands, file by file.

    Raises InputError naming file and line for a torn line, a missing key, a code that is not in
    the taxonomy, or a verdict that is neither true nor false.
    """
    for path in sorted(folder.glob("*.jsonl")):
        for number, row in enumerate(records.read(path), start=1):
            where = f"{path}:{number}"
            _check(row, where)
            yield {**row, "annotator": path.stem, "where": where}


def _check(row: Row, where: str) -> None:
    for key in (*KEY, "digest", "good"):
        if key not in row:
            raise InputError(f"{where}: {key!r} is missing; add it or remove the line")
    if row["code"] not in taxonomy.load():
        raise InputError(f"{where}: {row['code']!r} is not in {taxonomy.PATH}; correct the code")
    if not isinstance(row["good"], bool):
        raise InputError(f"{where}: good must be true or false, not {row['good']!r}")


def of_edit(version: str, row_id: str, edit: Mapping[str, Any]) -> Edit:
    """Return what the marks of an edit of a version's row are known by."""
    made = annotations.digest(f"{edit['before']}\n{edit['after']}")
    return version, row_id, edit["code"], made


def _marked(row: Row) -> Edit:
    return row["of"], row["id"], row["code"], row["digest"]


def load(folder: Path = paths.MARKS) -> dict[Edit, bool]:
    """Return whether people call an edit good: more than half of those who marked it."""
    votes: dict[Edit, list[bool]] = defaultdict(list)
    for row in read(folder):
        votes[_marked(row)].append(row["good"])
    return {edit: 2 * sum(said) > len(said) for edit, said in votes.items()}


def of_annotator(name: str, folder: Path = paths.MARKS) -> dict[Edit, Row]:
    """Return the marks of one person."""
    return {_marked(row): row for row in read(folder) if row["annotator"] == name}


def put(annotator: str, row: Row, folder: Path = paths.MARKS) -> None:
    """Save a mark, in the place of the same person's earlier one of the same edit."""
    records.put(folder / f"{annotator}.jsonl", row, KEY)
