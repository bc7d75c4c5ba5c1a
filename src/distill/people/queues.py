"""Sampling for annotation: which summaries experts annotate, and in what order.

Of a version its audit rows are sampled, of a system its test rows, at random by a seed and as many
per channel as its audit split has. Several versions and systems are mixed in one queue, in random
order: annotating it finds the teacher's errors and calibrates the judge at once, and nobody knows
whose summary is next. Of each channel `overlap` rows, an equal share of each source, are shared:
every expert annotates them. Every other row is for one expert: each has a random order of their
own, and rows that somebody has annotated drop out, so the work is distributed among however many
experts there are, and none waits for one who left. The annotator "adjudicated" has the shared rows
on which experts differ, those with the most disputed codes first.
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

Key = tuple[str, str]  # of, id


@dataclass(frozen=True)
class Sampling:
    """What decides the sample: `sizes` is the number of rows by channel."""

    settings: Annotation
    versions: Collection[str]  # the sources that are versions; the others are systems
    sizes: Mapping[str, int]
    seed: int


@dataclass(frozen=True)
class Item:
    """One summary to annotate; every expert annotates the `shared` ones."""

    id: str
    of: str
    channel: str
    text: str
    summary: str
    shared: bool
    source: str | None = None  # annotations.FEEDBACK, or None where sampled at random

    @property
    def key(self) -> Key:
        """Return what tells it from all other summaries."""
        return self.of, self.id

    @property
    def handle(self) -> str:
        """Return what the page calls it: an id may tell a test row from an audit row."""
        return annotations.digest("/".join(self.key))[:6]


@dataclass(frozen=True)
class Queue:
    """One expert's rows: annotated ones in the order of annotation, and open ones in order."""

    items: Mapping[Key, Item]
    own: Mapping[Key, Row]  # the expert's annotations
    open: tuple[Key, ...]
    total: int

    @property
    def done(self) -> int:
        """Rows of this queue that need nothing more from this expert."""
        return self.total - len(self.open)


def load(sampling: Sampling) -> list[Item]:
    """Read the rows of the sources that stages have written, and sample those to annotate."""
    disliked, later = complaints(), pending(sampling)
    present = [of for of in sampling.settings.sources if of not in later]
    return mixed(sampling, [sample(sampling, of, disliked) for of in present or later])


def pending(sampling: Sampling) -> list[str]:
    """Return the versions and systems that no stage has written yet, such as untrained runs."""
    return [of for of in sampling.settings.sources if not _folder(sampling, of).exists()]


def _folder(sampling: Sampling, of: str) -> Path:
    return paths.dataset(of) if of in sampling.versions else paths.predictions(of)


def sample(sampling: Sampling, of: str, disliked: Collection[str]) -> list[Item]:
    """Read and sample the rows of one version or system; see `sampled`."""
    if of in sampling.versions:
        return sampled(sampling, of, records.read(paths.dataset(of)), "audit", disliked)
    tests = {row["id"]: row for row in records.read(paths.split("test"))}
    rows = (tests[row["id"]] | row for row in records.read(paths.predictions(of)))
    return sampled(sampling, of, rows, "test", disliked)


def files(sampling: Sampling) -> list[Path]:
    """Return the folders that `load` reads."""
    folders = [_folder(sampling, of) for of in sampling.settings.sources]
    return [paths.FEEDBACK, paths.split("test"), *folders]


def sampled(
    sampling: Sampling, of: str, rows: Iterable[Row], split: str, disliked: Collection[str]
) -> list[Item]:
    """Return the sample of a split, the shared rows first, and all rows from feedback.

    `disliked` are the ids of rows whose readers complained.
    """
    settings = sampling.settings
    candidates = (row for row in rows if row["split"] == split or row["id"] in disliked)
    ranked = sorted(candidates, key=lambda row: _rank(sampling.seed, row["id"]))
    by_channel: dict[str, list[str]] = {channel: [] for channel in sampling.sizes}
    for row in ranked:
        if row["split"] == split and row["channel"] in by_channel:
            by_channel[row["channel"]].append(row["id"])
    chosen = [ids[: sampling.sizes[channel]] for channel, ids in by_channel.items()]
    random = {row_id for ids in chosen for row_id in ids}
    share = _share(settings.overlap, settings.sources, of)
    shared = {row_id for ids in chosen for row_id in ids[:share]}
    complained = [row for row in ranked if row["id"] in disliked and row["id"] not in random]
    return [
        *(_item(row, of, shared=True) for row in ranked if row["id"] in shared),
        *(_item(row, of, shared=False) for row in ranked if row["id"] in random - shared),
        *(_item(row, of, shared=False, source=annotations.FEEDBACK) for row in complained),
    ]


def _share(overlap: int, sources: list[str], of: str) -> int:
    """Return how many of the overlapping rows are of this source; the first ones get the rest."""
    whole, rest = divmod(overlap, len(sources))
    return whole + (sources.index(of) < rest)


def mixed(sampling: Sampling, samples: Iterable[list[Item]]) -> list[Item]:
    """Return the samples as one, in random order: shared rows, others, then those from feedback."""
    items = [item for one in samples for item in one]
    items.sort(key=lambda item: _rank(sampling.seed, *item.key))
    shared = [item for item in items if item.shared]
    others = [item for item in items if not item.shared and item.source is None]
    disliked = [item for item in items if item.source]
    return [*shared, *others, *disliked[: sampling.settings.feedback]]


def _item(row: Row, of: str, shared: bool, source: str | None = None) -> Item:
    text = annotations.annotated_text(row)
    return Item(row["id"], of, row["channel"], row["input"], text, shared, source)


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
    by_key = {item.key: item for item in items}
    done: dict[str, dict[Key, Row]] = defaultdict(dict)  # annotator -> summary -> annotation
    for row in annotated:
        item = by_key.get((row["of"], row["id"]))
        if item and annotations.is_of(row, item.summary):
            done[row["annotator"]][item.key] = row
    own = done.pop(annotator, {})
    if annotator == annotations.ADJUDICATED:
        disputed = _disputed(done)
        todo = [key for key in disputed if key not in own]
        return Queue(by_key, own, tuple(todo), len({*disputed, *own}))
    by_others = {key for annotations_of in done.values() for key in annotations_of}
    shared = [item.key for item in by_key.values() if item.shared]
    others = [item.key for item in by_key.values() if not item.shared]
    others.sort(key=lambda key: _rank(sampling.seed, annotator, *key))
    todo = [key for key in shared if key not in own]
    todo += [key for key in others if key not in own and key not in by_others]
    return Queue(by_key, own, tuple(todo), len(by_key))


def _disputed(done: Mapping[str, Mapping[Key, Row]]) -> list[Key]:
    """Return the summaries whose annotators chose other codes or ratings, by disputed codes."""
    by_key: dict[Key, list[Row]] = defaultdict(list)
    for of_one in done.values():
        for key, row in of_one.items():
            by_key[key].append(row)
    found = {}
    for key, rows in by_key.items():
        ticked = [set(row["codes"]) for row in rows]
        codes = set.union(*ticked) - set.intersection(*ticked)
        if codes or len({row.get("rating") for row in rows}) > 1:
            found[key] = len(codes)
    return sorted(found, key=lambda key: (-found[key], key[::-1]))


def _rank(*parts: object) -> bytes:
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8")).digest()
