"""Annotations of summaries by experts: data/annotations/<annotator>.jsonl.

{"id": "botchat-000123", "of": "org", "rating": 3, "codes": ["unn_content_redundant"], "note": "",
 "digest": "9f2c51d80a4e"}

`of` names the dataset version or the system that wrote the summary. `digest` identifies the text
that was annotated: once the summary changes, its annotation no longer counts. Without a digest an
annotation counts for whatever the summary is. `"source": "feedback"` says that the row was sampled
because its reader complained, so it does not show how frequent errors are.

Of several experts on one row the majority decides: a code counts where at least half of those who
annotated the row ticked it. A tie counts, because experts overlook an error more easily than they
see one that is not there, and a tie can be adjudicated. The rating is the median.
`"adjudicated": true` is what experts agreed on after a discussion. It outranks all other
annotations of the row, and agreement is measured without it. Adjudicated annotations are written by
the annotator "adjudicated", into a file of their own, so that each expert's independent annotation
stays.
"""

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from distill import paths, records
from distill.errors import InputError
from distill.records import Row
from distill.tasks.summarize import taxonomy

FEEDBACK = "feedback"
ADJUDICATED = "adjudicated"  # the annotator whose annotations outrank the others
KEY = ("id", "of")


def path(annotator: str) -> Path:
    """Return one expert's file."""
    return paths.ANNOTATIONS / f"{annotator}.jsonl"


def read(folder: Path = paths.ANNOTATIONS) -> Iterator[Row]:
    """Yield every annotation with its `annotator` and `where` it stands, file by file.

    Raises InputError naming file and line for a torn line, a missing key, an id or a note that is
    no text, a code that is not in the taxonomy, a rating that is not 1 to 5, or a `source` or
    `adjudicated` of another value.
    """
    for line in paths.left_behind_in(folder, "*.jsonl"):
        print(line, file=sys.stderr)
    for file in sorted(folder.glob("*.jsonl")):
        for number, row in enumerate(records.read(file), start=1):
            where = f"{file}:{number}"
            check(row, where)
            yield {**row, "annotator": file.stem, "where": where}


def digest(text: str) -> str:
    """Return the 12 hexadecimal digits (SHA-256) by which a text is recognised."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def annotated_text(row: Row) -> str:
    """Return the text that experts annotate: a system's output, or a dataset version's target."""
    return str(row["output"] if "output" in row else row["target"])


def is_of(annotation: Row, text: str) -> bool:
    """Return whether an annotation is of this very text."""
    return annotation.get("digest") in (None, digest(text))


def load(of: str, rows: Iterable[Row], folder: Path = paths.ANNOTATIONS) -> dict[str, Row]:
    """Return id -> the merged annotation of the `rows` of one version; see `merged`."""
    by_id: dict[str, list[Row]] = defaultdict(list)
    for annotation in current(of, rows, read(folder)):
        by_id[annotation["id"]].append(annotation)
    return {row_id: merged(found) for row_id, found in by_id.items()}


def merged(found: Sequence[Row]) -> Row:
    """Return the annotation by majority of one summary's annotations, none of them outranked.

    {"id": "botchat-000123", "of": "org", "rating": 3.0, "codes": ["unn_content_redundant"],
     "votes": {"unn_content_redundant": 2}, "note": "ana: said twice; ben: see turn 3",
     "annotators": ["ana", "ben", "eva"], "adjudicated": false}

    `rating` is the median, None where nobody rated. `votes` counts the annotators of each of the
    `codes`. `source` is FEEDBACK where no expert met the row at random, else it is absent.
    """
    votes = Counter(code for one in found for code in dict.fromkeys(one["codes"]))
    codes = [code for code in taxonomy.load() if votes[code] and 2 * votes[code] >= len(found)]
    ratings = [one["rating"] for one in found if one.get("rating") is not None]
    row = {
        "id": found[0]["id"],
        "of": found[0]["of"],
        "rating": float(median(ratings)) if ratings else None,
        "codes": codes,
        "votes": {code: votes[code] for code in codes},
        "note": _joined_notes(found),
        "annotators": [one["annotator"] for one in found],
        "adjudicated": all(one.get("adjudicated", False) for one in found),
    }
    from_feedback = all(one.get("source") == FEEDBACK for one in found)
    return row | ({"source": FEEDBACK} if from_feedback else {})


def _joined_notes(found: Sequence[Row]) -> str:
    if len(found) == 1:
        return str(found[0].get("note") or "")
    return "; ".join(f"{one['annotator']}: {one['note']}" for one in found if one.get("note"))


def decisive(found: Sequence[Row]) -> Sequence[Row]:
    """Return the adjudicated annotations, or verdicts, of one thing; all where there are none."""
    return [row for row in found if row.get("adjudicated")] or found


def current(of: str, rows: Iterable[Row], annotations: Iterable[Row]) -> Iterator[Row]:
    """Yield the annotations that count for the `rows` of one version or system, row by row.

    Adjudicated annotations outrank the others of their row. An annotation of an earlier text is
    reported on stderr, with file and line.
    """
    by_id: dict[str, list[Row]] = defaultdict(list)
    for annotation in annotations:
        if annotation["of"] == of:
            by_id[annotation["id"]].append(annotation)
    for row in rows if by_id else ():
        found = []
        for annotation in by_id.get(row["id"], ()):
            if is_of(annotation, annotated_text(row)):
                found.append(annotation)
            else:
                print(
                    f"{annotation['where']}: the summary of {row['id']} in {of} has changed since;"
                    " this annotation does not count until the row is annotated again",
                    file=sys.stderr,
                )
        yield from decisive(found)


def put(annotator: str, row: Row) -> None:
    """Save one annotation, which replaces the expert's earlier one of the same summary."""
    adjudicated = {"adjudicated": True} if annotator == ADJUDICATED else {}
    records.put(path(annotator), row | adjudicated, KEY)


def drop(annotator: str, row_id: str, of: str) -> None:
    """Remove one annotation from the expert's file."""
    records.drop(path(annotator), {"id": row_id, "of": of})


def check_adjudicated(row: Row, where: str) -> None:
    """Raise InputError where `adjudicated` is neither true nor false nor left out."""
    if not isinstance(row.get("adjudicated", False), bool):
        problem = f"must be true, false or left out, not {row['adjudicated']!r}"
        raise InputError(f"{where}: adjudicated {problem}; correct it")


def check(row: Row, where: str) -> None:
    """Raise InputError for an annotation that `read` would not accept; see there."""
    for key in (*KEY, "codes"):
        if key not in row:
            raise InputError(f"{where}: {key!r} is missing; add it or remove the line")
    check_texts(row, where, *KEY)
    if not isinstance(row["codes"], list):
        raise InputError(f"{where}: codes must be a list, not {row['codes']!r}; correct it")
    for code in row["codes"]:
        if not isinstance(code, str) or code not in taxonomy.load():
            raise InputError(f"{where}: {code!r} is not in {taxonomy.PATH}; correct the code")
    rating = row.get("rating")
    if rating is not None and not (type(rating) is int and 1 <= rating <= 5):
        raise InputError(f"{where}: the rating must be 1 to 5, not {rating!r}; correct it")
    if row.get("source") not in (None, FEEDBACK):
        problem = f"source must be {FEEDBACK!r} or left out, not {row['source']!r}; correct it"
        raise InputError(f"{where}: {problem}")
    check_adjudicated(row, where)


def check_texts(row: Row, where: str, *keys: str) -> None:
    """Raise InputError where one of these, the note or the digest is no text that can be stored."""
    for key in (*keys, "note", "digest"):
        value = row.get(key)
        if value is None and key not in keys:
            continue
        try:
            empty = key in keys and not value
            if not isinstance(value, str) or empty:
                raise InputError(f"{where}: {key} must be a text, not {value!r}; correct it")
            value.encode("utf-8")
        except UnicodeEncodeError as error:  # half of a surrogate pair
            raise InputError(f"{where}: {key} is no valid Unicode; correct it") from error
