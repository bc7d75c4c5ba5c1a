"""What people said of summaries: data/annotations/<annotator>.jsonl.

{"id": "botchat-000123", "of": "org", "rating": 3, "codes": ["unn_content_redundant"], "note": "",
 "digest": "9f2c51d80a4e"}

`of` names the dataset version or the system that wrote the summary, `digest` tells which text it
was: what was said of a summary that has been made anew counts no more. Without one it counts for
whatever the summary is. `"source": "feedback"` marks a row that was drawn because its reader
complained, so it says nothing of how frequent errors are.
"""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from distill import paths, records
from distill.errors import InputError
from distill.records import Row
from distill.tasks.summarize import taxonomy

FEEDBACK = "feedback"
KEY = ("id", "of")


def path(annotator: str) -> Path:
    """One expert's file."""
    return paths.ANNOTATIONS / f"{annotator}.jsonl"


def read(folder: Path = paths.ANNOTATIONS) -> Iterator[Row]:
    """Yield every annotation with its `annotator` and `where` it stands, file by file.

    Raises InputError naming file and line for a torn line, a missing key, a code that is not in
    the taxonomy, or a rating that is not 1 to 5.
    """
    for file in sorted(folder.glob("*.jsonl")):
        for number, row in enumerate(records.read(file), start=1):
            where = f"{file}:{number}"
            _check(row, where)
            yield {**row, "annotator": file.stem, "where": where}


def digest(text: str) -> str:
    """Return what is kept of a text to know it by."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def written(row: Row) -> str:
    """Return what is annotated: a system's output, or a dataset version's target."""
    return str(row["output"] if "output" in row else row["target"])


def is_of(annotation: Row, summary: str) -> bool:
    """Whether it was said of this very text."""
    return annotation.get("digest") in (None, digest(summary))


def load(of: str, rows: Iterable[Row], folder: Path = paths.ANNOTATIONS) -> dict[str, Row]:
    """Return id -> annotation of the `rows` of one version; the first annotator's where several."""
    found: dict[str, Row] = {}
    for annotation in current(of, rows, read(folder)):
        found.setdefault(annotation["id"], annotation)
    return found


def current(of: str, rows: Iterable[Row], said: Iterable[Row]) -> Iterator[Row]:
    """Yield what was `said` of the `rows` of one version or system as they are now.

    What was said of an earlier text is told on stderr, with file and line.
    """
    by_id: dict[str, list[Row]] = defaultdict(list)
    for annotation in said:
        if annotation["of"] == of:
            by_id[annotation["id"]].append(annotation)
    for row in rows if by_id else ():
        for annotation in by_id.get(row["id"], ()):
            if is_of(annotation, written(row)):
                yield annotation
            else:
                print(
                    f"{annotation['where']}: {of} has another summary of {row['id']} than the one"
                    " that was annotated; it does not count until that is done again",
                    file=sys.stderr,
                )


def put(annotator: str, row: Row) -> None:
    """Save one annotation, in the place of the expert's earlier one of the same summary."""
    records.put(path(annotator), row, KEY)


def drop(annotator: str, row_id: str, of: str) -> None:
    """Take one annotation back."""
    records.drop(path(annotator), {"id": row_id, "of": of})


def _check(row: Row, where: str) -> None:
    for key in (*KEY, "codes"):
        if key not in row:
            raise InputError(f"{where}: {key!r} is missing; add it or remove the line")
    if not isinstance(row["codes"], list):
        raise InputError(f"{where}: codes must be a list, not {row['codes']!r}; correct it")
    for code in row["codes"]:
        if code not in taxonomy.load():
            raise InputError(f"{where}: {code!r} is not in {taxonomy.PATH}; correct the code")
    rating = row.get("rating")
    if rating is not None and not (type(rating) is int and 1 <= rating <= 5):
        raise InputError(f"{where}: the rating must be 1 to 5, not {rating!r}; correct it")
    if row.get("source") not in (None, FEEDBACK):
        problem = f"source must be {FEEDBACK!r} or left out, not {row['source']!r}; correct it"
        raise InputError(f"{where}: {problem}")
