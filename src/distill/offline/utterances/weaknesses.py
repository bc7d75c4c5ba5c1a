"""The weaknesses of a student that a request for texts shows: what it takes for what."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from distill.records import Row

Request = Mapping[str, Any]  # see `writer`
Pair = tuple[str, str]  # a class or type, and what it is taken for, "" where that is not known


def weaknesses(request: Request) -> Counter[Pair]:
    """Return how often each class or type was taken for which other one.

    Where the writer is not told what is right, the classes or types of all rows.
    """
    wrong = [row for row in shown(request) if row["right"] is False]
    if any(row["right"] is not None for row in shown(request)):
        pairs = [pair for row in wrong for pair in _mistakes(row, request)]
    else:
        pairs = [(label, "") for row in shown(request) for label in labels(row["answer"])]
    return Counter(pair for pair in pairs if pair[0] in request["labels"])


def shown(request: Request) -> Sequence[Row]:
    """Return the rows that a request shows, none where it shows no rows."""
    found: Sequence[Row] = request.get("shown", ())
    return found


def _mistakes(row: Row, request: Request) -> Iterator[Pair]:
    if request["task"] == "entities":
        yield from _wrong_spans(row)
        return
    other = row["prediction"]
    yield row["answer"], other if other in request["labels"] else ""


def labels(answer: Any) -> list[str]:
    """Return the class of an answer, or the type of each of its spans."""
    return [answer] if isinstance(answer, str) else [span["type"] for span in answer]


def _wrong_spans(row: Row) -> Iterator[Pair]:
    """Yield the type of each gold span that was not found, with the type found in its place."""
    found = {(span["start"], span["end"]): span["type"] for span in row["prediction"] or ()}
    for span in row["answer"]:
        other = found.get((span["start"], span["end"]), "")
        if other != span["type"]:
            yield span["type"], other
