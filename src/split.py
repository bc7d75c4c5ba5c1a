"""Assign every interaction to test, dev, audit or train: `python src/split.py`.

in   {"id": "botchat-000123", "channel": "botchat", "input": "Customer: ...", "cleared": "9f86..."}
out  the same row with {"split": "train", "task": "summarize"}

Exact and near duplicates stay together. Groups are ranked by a hash of their smallest id: the
first fill test, the next dev, then audit, then train, so that a new row moves few others. Rows
beyond `train` are left over. With `split.test_ids`, a pattern of ids, the test rows are drawn from
the matching rows and all other splits from the rest: a test set that was collected apart.

All rows of a channel are in memory at once, with their word 3-grams and sketches: about 14 KB a row
of 290 characters (measured with 8,000).
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import partial

from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]

from distill import params, paths, records, stage
from distill.errors import InputError
from distill.ledger import Ledger
from distill.params.arf import Sizes, Split
from distill.records import Row

HELD_OUT = ("test", "dev", "audit")
SPLITS = (*HELD_OUT, "train")
PERMUTATIONS = 128
WEIGHTS = (0.02, 0.98)  # of false positives, which cost a comparison, and of false negatives
SHINGLE = 3  # words
TASK = "summarize"  # what ARF asks of every row


def split(rows: list[Row], name: str, settings: Split) -> tuple[list[Row], list[Row]]:
    """Return one channel's rows with their split, and those left over, both in id order.

    A group of duplicates of which some ids match `test_ids` and others do not is left over. Raises
    InputError where the channel has too few rows for its held-out sizes.
    """
    sizes, near_duplicate = settings.sizes[name], settings.near_duplicate
    room = {part: getattr(sizes, part) for part in SPLITS}
    _check_room(len(rows), name, sizes)
    choices = partial(_choices, matches=_matcher(settings.test_ids))
    assigned, left_over = [], []
    for group in sorted(_groups(rows, near_duplicate), key=lambda group: _rank(group[0]["id"])):
        part = next((part for part in choices(group) if room[part] >= len(group)), None)
        if part is None:
            left_over += group
            continue
        room[part] -= len(group)
        assigned += [row | {"split": part, "task": TASK} for row in group]
    for part in HELD_OUT:
        if room[part]:
            reserved = f" and split.test_ids is {settings.test_ids!r}" if settings.test_ids else ""
            raise InputError(
                f"{name}: {room[part]} rows short in {part}, because near duplicates stay together"
                f"{reserved}; lower split.sizes.{name}.{part} or raise split.near_duplicate in"
                " params.yaml"
            )
    if room["train"] == sizes.train:
        raise InputError(
            f"{name}: no row is left for train, because near duplicates stay together; raise"
            f" split.sizes.{name}.train or split.near_duplicate in params.yaml, or add interactions"
        )
    return sorted(assigned, key=_id), sorted(left_over, key=_id)


def _matcher(pattern: str | None) -> Callable[[Row], bool] | None:
    """Return a predicate of rows whose id matches a shell pattern, None without a pattern."""
    return None if pattern is None else lambda row: fnmatchcase(row["id"], pattern)


def _choices(group: list[Row], matches: Callable[[Row], bool] | None) -> tuple[str, ...]:
    """Return the splits that may take a group of duplicates."""
    if matches is None:
        return SPLITS
    reserved = {matches(row) for row in group}
    if len(reserved) > 1:
        return ()
    return ("test",) if reserved == {True} else SPLITS[1:]


def _check_room(count: int, name: str, sizes: Sizes) -> None:
    needed = sum(getattr(sizes, part) for part in HELD_OUT)
    if count <= needed:
        raise InputError(
            f"{name}: {count} rows, but sizes ask for {needed} (test + dev + audit) and train needs"
            f" at least one more; lower split.sizes.{name} in params.yaml or add interactions"
        )


def _id(row: Row) -> str:
    return str(row["id"])


def _rank(row_id: str) -> bytes:
    return hashlib.sha256(row_id.encode("utf-8")).digest()


def _groups(rows: list[Row], near_duplicate: float) -> list[list[Row]]:
    """Return groups of rows that must share a split, each group in id order."""
    rows = sorted(rows, key=_id)
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in _pairs([row["input"] for row in rows], near_duplicate):
        low, high = sorted((root(i), root(j)))
        parent[high] = low
    groups: dict[int, list[Row]] = defaultdict(list)
    for i, row in enumerate(rows):
        groups[root(i)].append(row)
    return list(groups.values())


def _pairs(texts: list[str], near_duplicate: float) -> Iterable[tuple[int, int]]:
    """Yield the places of two texts whose Jaccard similarity is at least `near_duplicate`.

    Locality-sensitive hashing (MinHash) proposes at least 99 of 100 such pairs, and the exact
    similarity decides.
    """
    first: dict[str, int] = {}
    shingles: dict[int, set[str]] = {}
    index = MinHashLSH(near_duplicate * 0.9, num_perm=PERMUTATIONS, weights=WEIGHTS)
    for i, text in enumerate(texts):
        plain = " ".join(text.split())
        if plain in first:
            yield first[plain], i
            continue
        first[plain], shingles[i] = i, _shingles(plain)
        sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch([shingle.encode("utf-8") for shingle in sorted(shingles[i])])
        for j in index.query(sketch):
            if _jaccard(shingles[i], shingles[j]) >= near_duplicate:
                yield j, i
        index.insert(i, sketch)


def _shingles(text: str) -> set[str]:
    words = text.split()
    last = max(1, len(words) - SHINGLE + 1)
    return {" ".join(words[i : i + SHINGLE]) for i in range(last)}


def _jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b)


def main() -> None:
    """Read the anonymized channels and write the four splits and the ledger."""
    args = stage.parser(__doc__).parse_args()
    settings = params.load(args.params)
    parts: dict[str, list[Row]] = {part: [] for part in SPLITS}
    with Ledger("split", "all") as ledger:
        for name in settings.channels:
            rows = list(ledger.entered(records.read(paths.anonymized(name))))
            assigned, left_over = split(rows, name, settings.split)
            for row in assigned:
                parts[row["split"]].append(row)
            ledger.ok(len(assigned))
            ledger.left_over(len(left_over))
    for part, rows in parts.items():
        records.write_shards(paths.split(part), sorted(rows, key=_id))


if __name__ == "__main__":
    stage.main(main)
