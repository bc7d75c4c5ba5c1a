"""What people said of summaries: data/annotations/<annotator>.jsonl.

{"id": "botchat-000123", "of": "org", "rating": 3, "codes": ["unn_content_redundant"], "note": ""}

`of` names the dataset version or the system that wrote the summary.
"""

from collections.abc import Iterator
from pathlib import Path

from arf import paths, records, taxonomy
from arf.errors import InputError
from arf.records import Row


def read(folder: Path = paths.ANNOTATIONS) -> Iterator[Row]:
    """Yield every annotation with its `annotator`, file by file.

    Raises InputError naming file and line for a torn line, a missing key, a code that is not in
    the taxonomy, or a rating that is not 1 to 5.
    """
    for path in sorted(folder.glob("*.jsonl")):
        for number, row in enumerate(records.read(path), start=1):
            _check(row, f"{path}:{number}")
            yield {**row, "annotator": path.stem}


def load(of: str, folder: Path = paths.ANNOTATIONS) -> dict[str, Row]:
    """Return id -> annotation of one version or system; the first annotator's where several."""
    found: dict[str, Row] = {}
    for row in read(folder):
        if row["of"] == of:
            found.setdefault(row["id"], row)
    return found


def _check(row: Row, where: str) -> None:
    for key in ("id", "of", "codes"):
        if key not in row:
            raise InputError(f"{where}: {key!r} is missing; add it or remove the line")
    for code in row["codes"]:
        if code not in taxonomy.load():
            raise InputError(f"{where}: {code!r} is not in {taxonomy.PATH}; correct the code")
    if row.get("rating") not in {None, 1, 2, 3, 4, 5}:
        raise InputError(f"{where}: the rating must be 1 to 5, not {row['rating']!r}")
