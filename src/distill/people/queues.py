"""Which summaries experts annotate, and in what order.

Of a version its audit rows are drawn, of a system its test rows: per channel as many as
`sizes.audit` says, at random by `seed`. The first `annotation.overlap` of each channel are
everyone's. The others each expert meets in an order of their own, without those that somebody has
done: so they are dealt out among however many experts there are, and none waits for one who left.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from distill import paths, records
from distill.errors import InputError
from distill.params.arf import Params
from distill.people import annotations
from distill.records import Row

VOTES = ("up", "down")


@dataclass(frozen=True)
class Item:
    """One summary to annotate; `shared` ones are every expert's."""

    id: str
    channel: str
    text: str
    summary: str
    shared: bool
    source: str | None = None  # annotations.FEEDBACK, or None where drawn at random


@dataclass(frozen=True)
class Queue:
    """One expert's rows: done by them in the order of doing, and open ones in the order to do."""

    items: Mapping[str, Item]
    own: Mapping[str, Row]  # id -> the expert's annotation
    open: tuple[str, ...]
    total: int

    @property
    def done(self) -> int:
        """Rows of this queue that need nothing more from this expert."""
        return self.total - len(self.open)


def load(params: Params) -> list[Item]:
    """Read and draw the summaries of `annotation.of`."""
    of = params.annotation.of
    if of in params.versions:
        rows = list(records.read(paths.dataset(of)))
        return draw(params, rows, "audit", complaints())
    tests = {row["id"]: row for row in records.read(paths.split("test"))}
    rows = [tests[row["id"]] | row for row in records.read(paths.predictions(of))]
    return draw(params, rows, "test", complaints())


def sources(params: Params) -> list[Path]:
    """The folders that `load` reads."""
    of = params.annotation.of
    if of in params.versions:
        return [paths.dataset(of), paths.FEEDBACK]
    return [paths.predictions(of), paths.split("test"), paths.FEEDBACK]


def draw(params: Params, rows: Iterable[Row], split: str, disliked: set[str]) -> list[Item]:
    """Return the drawn rows: the shared ones, the others, then those drawn from feedback."""
    ranked = sorted(rows, key=lambda row: _rank(params.seed, row["id"]))
    drawn: dict[str, list[Row]] = {channel: [] for channel in params.channels}
    for row in ranked:
        sizes = params.split.sizes.get(row["channel"])
        if sizes and row["split"] == split and len(drawn[row["channel"]]) < sizes.audit:
            drawn[row["channel"]].append(row)
    overlap = params.annotation.overlap
    shared = {row["id"] for mine in drawn.values() for row in mine[:overlap]}
    random = {row["id"] for mine in drawn.values() for row in mine}
    complained = [row for row in ranked if row["id"] in disliked - random]
    return [
        *(_item(row, shared=True) for row in ranked if row["id"] in shared),
        *(_item(row, shared=False) for row in ranked if row["id"] in random - shared),
        *(
            _item(row, shared=False, source=annotations.FEEDBACK)
            for row in complained[: params.annotation.feedback]
        ),
    ]


def _item(row: Row, shared: bool, source: str | None = None) -> Item:
    return Item(row["id"], row["channel"], row["input"], annotations.written(row), shared, source)


def complaints(folder: Path = paths.FEEDBACK) -> set[str]:
    """Return the ids whose last vote is down: {"id": "botchat-000123", "vote": "down"}.

    Raises InputError naming file and line for a vote that is neither up nor down.
    """
    votes: dict[str, str] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for number, row in enumerate(records.read(file), start=1):
            if "id" not in row or row.get("vote") not in VOTES:
                problem = 'expected {"id": ..., "vote": "up" or "down"}; correct it'
                raise InputError(f"{file}:{number}: {problem}")
            votes[row["id"]] = row["vote"]
    return {row_id for row_id, vote in votes.items() if vote == "down"}


def queue(params: Params, items: Iterable[Item], annotator: str, marks: Iterable[Row]) -> Queue:
    """Return the expert's queue, given all experts' annotations."""
    by_id = {item.id: item for item in items}
    done: dict[str, dict[str, Row]] = defaultdict(dict)  # annotator -> id -> annotation
    for mark in marks:
        item = by_id.get(mark["id"]) if mark["of"] == params.annotation.of else None
        if item and annotations.is_of(mark, item.summary):
            done[mark["annotator"]][mark["id"]] = mark
    own = done[annotator]
    others = {row_id for name in done if name != annotator for row_id in done[name]}
    shared = [item.id for item in by_id.values() if item.shared]
    dealt = [item.id for item in by_id.values() if not item.shared]
    dealt.sort(key=lambda row_id: _rank(params.seed, annotator, row_id))
    todo = [row_id for row_id in shared if row_id not in own]
    todo += [row_id for row_id in dealt if row_id not in own and row_id not in others]
    return Queue(by_id, own, tuple(todo), len(by_id))


def _rank(*parts: object) -> bytes:
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8")).digest()
