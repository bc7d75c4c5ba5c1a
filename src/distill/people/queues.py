"""Sampling for annotation: which summaries experts annotate, and in what order.

Of a version its audit rows are sampled, of a system its test rows, at random by a seed and as many
per channel as its audit split has. The first `overlap` rows of each channel are shared: every
expert annotates them. Every other row is for one expert: each has a random order of their own, and
rows that somebody has annotated drop out, so the work is distributed among however many experts
there are, and none waits for one who left. The annotator "adjudicated" has the shared rows on which
experts differ, those with the most disputed codes first.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from distill import paths, records
from distill.errors import InputError
from distill.people import annotations
from distill.people.settings import Annotation
from distill.records import Row

VOTES = ("up", "down")


@dataclass(frozen=True)
class Sampling:
    """What decides the sample: `sizes` is the number of rows by channel."""

    settings: Annotation
    is_version: bool  # or else a system
    sizes: Mapping[str, int]
    seed: int


@dataclass(frozen=True)
class Item:
    """One summary to annotate; every expert annotates the `shared` ones."""

    id: str
    channel: str
    text: str
    summary: str
    shared: bool
    source: str | None = None  # annotations.FEEDBACK, or None where sampled at random


@dataclass(frozen=True)
class Queue:
    """One expert's rows: annotated ones in the order of annotation, and open ones in order."""

    items: Mapping[str, Item]
    own: Mapping[str, Row]  # id -> the expert's annotation
    open: tuple[str, ...]
    total: int

    @property
    def done(self) -> int:
        """Rows of this queue that need nothing more from this expert."""
        return self.total - len(self.open)


def load(sampling: Sampling) -> list[Item]:
    """Read the rows and sample the summaries to annotate."""
    of = sampling.settings.of
    if sampling.is_version:
        return sample(sampling, records.read(paths.dataset(of)), "audit", complaints())
    tests = {row["id"]: row for row in records.read(paths.split("test"))}
    rows = (tests[row["id"]] | row for row in records.read(paths.predictions(of)))
    return sample(sampling, rows, "test", complaints())


def sources(sampling: Sampling) -> list[Path]:
    """Return the folders that `load` reads."""
    of = sampling.settings.of
    if sampling.is_version:
        return [paths.dataset(of), paths.FEEDBACK]
    return [paths.predictions(of), paths.split("test"), paths.FEEDBACK]


def sample(
    sampling: Sampling, rows: Iterable[Row], split: str, disliked: Collection[str]
) -> list[Item]:
    """Return the sample of a split: the shared rows, the others, then those from feedback.

    `disliked` are the ids of rows whose readers complained.
    """
    candidates = (row for row in rows if row["split"] == split or row["id"] in disliked)
    ranked = sorted(candidates, key=lambda row: _rank(sampling.seed, row["id"]))
    by_channel: dict[str, list[str]] = {channel: [] for channel in sampling.sizes}
    for row in ranked:
        if row["split"] == split and row["channel"] in by_channel:
            by_channel[row["channel"]].append(row["id"])
    chosen = [ids[: sampling.sizes[channel]] for channel, ids in by_channel.items()]
    random = {row_id for ids in chosen for row_id in ids}
    shared = {row_id for ids in chosen for row_id in ids[: sampling.settings.overlap]}
    complained = [row for row in ranked if row["id"] in disliked and row["id"] not in random]
    return [
        *(_item(row, shared=True) for row in ranked if row["id"] in shared),
        *(_item(row, shared=False) for row in ranked if row["id"] in random - shared),
        *(
            _item(row, shared=False, source=annotations.FEEDBACK)
            for row in complained[: sampling.settings.feedback]
        ),
    ]


def _item(row: Row, shared: bool, source: str | None = None) -> Item:
    text = annotations.annotated_text(row)
    return Item(row["id"], row["channel"], row["input"], text, shared, source)


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


def queue(
    sampling: Sampling, items: Iterable[Item], annotator: str, annotated: Iterable[Row]
) -> Queue:
    """Return one expert's queue; `annotated` are all experts' annotations."""
    by_id = {item.id: item for item in items}
    done: dict[str, dict[str, Row]] = defaultdict(dict)  # annotator -> id -> annotation
    for row in annotated:
        item = by_id.get(row["id"]) if row["of"] == sampling.settings.of else None
        if item and annotations.is_of(row, item.summary):
            done[row["annotator"]][row["id"]] = row
    own = done.pop(annotator, {})
    if annotator == annotations.ADJUDICATED:
        disputed = _disputed(done)
        todo = [row_id for row_id in disputed if row_id not in own]
        return Queue(by_id, own, tuple(todo), len({*disputed, *own}))
    by_others = {row_id for annotations_of in done.values() for row_id in annotations_of}
    shared = [item.id for item in by_id.values() if item.shared]
    others = [item.id for item in by_id.values() if not item.shared]
    others.sort(key=lambda row_id: _rank(sampling.seed, annotator, row_id))
    todo = [row_id for row_id in shared if row_id not in own]
    todo += [row_id for row_id in others if row_id not in own and row_id not in by_others]
    return Queue(by_id, own, tuple(todo), len(by_id))


def _disputed(done: Mapping[str, Mapping[str, Row]]) -> list[str]:
    """Return the ids of rows whose annotators chose other codes or ratings, by disputed codes."""
    by_row: dict[str, list[Row]] = defaultdict(list)
    for of_one in done.values():
        for row_id, row in of_one.items():
            by_row[row_id].append(row)
    found = {}
    for row_id, rows in by_row.items():
        ticked = [set(row["codes"]) for row in rows]
        codes = set.union(*ticked) - set.intersection(*ticked)
        if codes or len({row.get("rating") for row in rows}) > 1:
            found[row_id] = len(codes)
    return sorted(found, key=lambda row_id: (-found[row_id], row_id))


def _rank(*parts: object) -> bytes:
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8")).digest()
