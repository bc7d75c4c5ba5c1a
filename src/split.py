"""Assign every interaction to test, dev, audit or train: `python src/split.py`.

in   {"id": "botchat-000123", "channel": "botchat", "input": "Customer: ...", "cleared": "9f86..."}
out  the same row with {"split": "train", "task": "summarize"}

Exact and near duplicates stay together. Groups are ranked by a hash of their smallest id: the
first fill test, the next dev, then audit, then train, so that a new row moves few others. Rows
beyond `train` are left over. With `split.test_ids`, a pattern of ids, the test rows are drawn from
the matching rows and all other splits from the rest: a test set that was collected apart.

Rows stay in their files, and are read one at a time (distill/duplicate_groups.py).
"""

import hashlib
import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from distill import engine, params, paths, records, stage
from distill.duplicate_groups import Places, groups
from distill.errors import InputError
from distill.ledger import Ledger
from distill.params.arf import Sizes, Split
from distill.records import Row
from distill.row_file import RowFile

HELD_OUT = ("test", "dev", "audit")
SPLITS = (*HELD_OUT, "train")
TASK = "summarize"  # what ARF asks of every row


def split(rows: Sequence[Row], firsts: Places, name: str, settings: Split) -> dict[str, Places]:
    """Return the places of one channel's rows in each split; all others are left over.

    `rows` are in id order, and `firsts` has the place of the first row of each row's group. A group
    of duplicates of which some ids match `test_ids` and others do not is left over. Raises
    InputError where the channel has too few rows for its held-out sizes.
    """
    sizes = settings.sizes[name]
    room = {part: getattr(sizes, part) for part in SPLITS}
    _check_room(len(rows), name, sizes)
    ranks, matches = _ranks(rows), _matches(rows, settings.test_ids)
    members = np.bincount(firsts)
    matching = np.bincount(firsts, matches)
    chosen = np.full(len(rows), -1, np.int8)  # of each group's first row: its place in SPLITS
    heads = np.flatnonzero(members)
    for head in heads[np.argsort(ranks[heads])]:
        size = members[head]
        for part in _choices(int(size), int(matching[head]), settings.test_ids):
            if room[part] >= size:
                room[part] -= int(size)
                chosen[head] = SPLITS.index(part)
                break
    _check_filled(room, name, settings)
    return {part: np.flatnonzero(chosen[firsts] == at) for at, part in enumerate(SPLITS)}


def _ranks(rows: Sequence[Row]) -> NDArray[np.bytes_]:
    """Return the SHA-256 of each row's id, by which groups are ranked."""
    digests = (hashlib.sha256(row["id"].encode("utf-8")).digest() for row in rows)
    return np.fromiter(digests, "S32", len(rows))


def _matches(rows: Sequence[Row], pattern: str | None) -> NDArray[np.bool_]:
    """Return which rows have an id that matches a shell pattern; none does without a pattern."""
    if pattern is None:
        return np.zeros(len(rows), np.bool_)
    return np.fromiter((fnmatchcase(row["id"], pattern) for row in rows), np.bool_, len(rows))


def _choices(size: int, matching: int, pattern: str | None) -> tuple[str, ...]:
    """Return the splits that may take a group of `size` rows of which some match the pattern."""
    if pattern is None:
        return SPLITS
    if matching:
        return ("test",) if matching == size else ()
    return SPLITS[1:]


def _check_filled(room: dict[str, int], name: str, settings: Split) -> None:
    """Raise InputError where a held-out split has room left, or train no row."""
    for part in HELD_OUT:
        if room[part]:
            reserved = f" and split.test_ids is {settings.test_ids!r}" if settings.test_ids else ""
            raise InputError(
                f"{name}: {room[part]} rows short in {part}, because near duplicates stay together"
                f"{reserved}; lower split.sizes.{name}.{part} or raise split.near_duplicate in"
                " params.yaml"
            )
    if room["train"] == settings.sizes[name].train:
        raise InputError(
            f"{name}: no row is left for train, because near duplicates stay together; raise"
            f" split.sizes.{name}.train or split.near_duplicate in params.yaml, or add interactions"
        )


def _check_room(count: int, name: str, sizes: Sizes) -> None:
    needed = sum(getattr(sizes, part) for part in HELD_OUT)
    if count <= needed:
        raise InputError(
            f"{name}: {count} rows, but sizes ask for {needed} (test + dev + audit) and train needs"
            f" at least one more; lower split.sizes.{name} in params.yaml or add interactions"
        )


def _assigned(rows: Sequence[Row], places: Places, part: str) -> Iterator[Row]:
    return (rows[place] | {"split": part, "task": TASK} for place in places.tolist())


def main() -> None:
    """Read the anonymized channels and write the four splits and the ledger."""
    args = stage.parser(__doc__).parse_args()
    settings = params.load(args.params)
    with (
        engine.kept("split", "all", settings.engine) as parts,
        ExitStack() as files,
        Ledger("split", "all") as ledger,
    ):
        channels = []
        for name in settings.channels:
            rows = files.enter_context(RowFile(paths.anonymized(name)))
            firsts = groups(rows, settings.split.near_duplicate, parts, settings.engine.rows)
            places = split(rows, firsts, name, settings.split)
            channels.append((rows, places))
            passed = sum(map(len, places.values()))
            ledger.enter(len(rows))
            ledger.ok(passed)
            ledger.left_over(len(rows) - passed)
        for part in SPLITS:
            several = (_assigned(rows, places[part], part) for rows, places in channels)
            records.write_shards(
                paths.split(part), heapq.merge(*several, key=lambda row: row["id"])
            )


if __name__ == "__main__":
    stage.main(main)
