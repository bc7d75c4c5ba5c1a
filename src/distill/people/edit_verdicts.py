"""Verdicts of experts on edits: data/edit_verdicts/<annotator>.jsonl.

{"id": "botchat-000123", "of": "r1", "code": "unn_content_redundant", "good": true, "note": "",
 "digest": "9f2c51d80a4e"}

`of` names the revision that made the edit, `digest` identifies the texts before and after it: once
the edit changes, its verdict no longer counts. A good edit did what it was for and nothing else.

Of several experts the majority decides, as for annotations: an edit is good where more than half of
those who judged it say so, and a tie is not good. `"adjudicated": true`, which the annotator
"adjudicated" writes, outranks the others.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from distill import paths, records
from distill.errors import InputError
from distill.people import annotations
from distill.records import Row
from distill.tasks.summarize import taxonomy

KEY = ("id", "of", "code")

Edit = tuple[str, str, str, str]  # of, id, code, digest


def read(folder: Path = paths.EDIT_VERDICTS) -> Iterator[Row]:
    """Yield every verdict with its `annotator` and `where` it stands, file by file.

    Raises InputError naming file and line for a torn line, a missing key, a code that is not in
    the taxonomy, or a verdict that is neither true nor false.
    """
    for line in paths.left_behind_in(folder, "*.jsonl"):
        print(line, file=sys.stderr)
    for path in sorted(folder.glob("*.jsonl")):
        for number, row in enumerate(records.read(path), start=1):
            where = f"{path}:{number}"
            _check(row, where)
            yield {**row, "annotator": path.stem, "where": where}


def _check(row: Row, where: str) -> None:
    for key in (*KEY, "digest", "good"):
        if key not in row:
            raise InputError(f"{where}: {key!r} is missing; add it or remove the line")
    annotations.check_texts(row, where, *KEY, "digest")
    if row["code"] not in taxonomy.load():
        raise InputError(f"{where}: {row['code']!r} is not in {taxonomy.PATH}; correct the code")
    if not isinstance(row["good"], bool):
        raise InputError(f"{where}: good must be true or false, not {row['good']!r}; correct it")
    annotations.check_adjudicated(row, where)


def of_edit(version: str, row_id: str, edit: Mapping[str, Any]) -> Edit:
    """Return the key by which verdicts name an edit of a version's row."""
    texts = annotations.digest(f"{edit['before']}\n{edit['after']}")
    return version, row_id, edit["code"], texts


def edit_of(verdict: Row) -> Edit:
    """Return the key of the edit that a verdict is on."""
    return verdict["of"], verdict["id"], verdict["code"], verdict["digest"]


def majority(verdicts: Iterable[Row]) -> dict[Edit, bool]:
    """Return edit -> whether experts call it good."""
    by_edit: dict[Edit, list[Row]] = defaultdict(list)
    for row in verdicts:
        by_edit[edit_of(row)].append(row)
    return {edit: _is_good(annotations.decisive(found)) for edit, found in by_edit.items()}


def _is_good(verdicts: Iterable[Row]) -> bool:
    votes: list[bool] = [row["good"] for row in verdicts]
    return 2 * sum(votes) > len(votes)


def load(folder: Path = paths.EDIT_VERDICTS) -> dict[Edit, bool]:
    """Return edit -> whether experts call it good, of all files."""
    return majority(read(folder))


def of_annotator(name: str, folder: Path = paths.EDIT_VERDICTS) -> dict[Edit, Row]:
    """Return edit -> verdict of one expert."""
    return {edit_of(row): row for row in read(folder) if row["annotator"] == name}


def put(annotator: str, row: Row, folder: Path = paths.EDIT_VERDICTS) -> None:
    """Save a verdict, which replaces the same expert's earlier one on the same edit."""
    adjudicated = {"adjudicated": True} if annotator == annotations.ADJUDICATED else {}
    records.put(folder / f"{annotator}.jsonl", row | adjudicated, KEY)
