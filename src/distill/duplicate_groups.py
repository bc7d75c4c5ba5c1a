"""Groups of exact and near duplicates among the rows of a channel, which need not fit into memory.

1. Map: each shard's texts become sketches (MinHash) and their bands, wherever the engine likes.
2. Reduce: band by band, rows with the same band are candidates (locality-sensitive hashing).
3. The exact Jaccard similarity of two candidates' word 3-grams decides, from the rows read again.

Memory: about 120 bytes a row, and the rows of one shard a process.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]
from numpy.typing import NDArray

from distill.engine import shards
from distill.engine.parts import Parts
from distill.records import Row

PERMUTATIONS = 128
WEIGHTS = (0.02, 0.98)  # of false positives, which cost a comparison, and of false negatives
SHINGLE = 3  # words
_RECENT = 1_024  # rows whose 3-grams are at hand

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Sketch:
    """Makes a part of a shard's texts: for each band, and first for the whole, a digest a text.

    Bytes of a matrix of unsigned integers of 64 bits: bands and one, texts.
    """

    near_duplicate: float

    def __call__(self, texts: list[str]) -> bytes:
        """Return the part."""
        ranges = _ranges(self.near_duplicate)
        digests = [list(_digests(_plain(text), ranges)) for text in texts]
        return np.array(digests, np.uint64).T.tobytes()

    def made_from(self) -> Any:
        """Return what a part depends on beside the texts."""
        return [self.near_duplicate, PERMUTATIONS, WEIGHTS, SHINGLE]


def groups(rows: Sequence[Row], near_duplicate: float, parts: Parts, size: int) -> Places:
    """Return, for each row, the place of the first row of its group.

    Rows are sorted by id. Two belong together if their similarity is at least `near_duplicate`;
    at least 99 of 100 such pairs are found. `size`: the rows of a shard.
    """
    files = parts.make(Sketch(near_duplicate), shards((row["input"] for row in rows), size))
    union = _Union(len(rows))
    bands = len(_ranges(near_duplicate)) + 1

    @lru_cache(_RECENT)
    def shingles(place: int) -> frozenset[str]:
        return _shingles(_plain(rows[place]["input"]))

    def is_near(one: int, other: int) -> bool:
        return _jaccard(shingles(one), shingles(other)) >= near_duplicate

    distinct = union.firsts()
    for band in range(bands):
        for bucket in _buckets(_column(files, band, bands), distinct):
            _join(bucket, union, is_near)
        if band == 0:  # of the whole texts: only the first of equal ones goes on
            distinct = union.firsts()
    return union.roots()


class _Union:
    """Which rows belong together; the root of a group is its first row."""

    def __init__(self, size: int):
        self._parent = array("q", range(size))

    def root(self, place: int) -> int:
        parent = self._parent
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def roots(self) -> Places:
        return np.fromiter(map(self.root, range(len(self._parent))), np.int64)

    def firsts(self) -> Places:
        """Return the places of the rows that are their groups' first."""
        roots = self.roots()
        return np.flatnonzero(roots == np.arange(len(roots)))


def _join(bucket: Iterable[int], union: _Union, is_near: Callable[[int, int], bool]) -> None:
    """Join the rows of a bucket that are near each other; those already joined are not compared."""
    clusters: list[list[int]] = []
    for place in bucket:
        own, others = [place], []
        for cluster in clusters:
            if union.root(cluster[0]) == union.root(place):
                own = [*cluster, *own]
            elif any(is_near(one, place) for one in cluster):
                union.join(cluster[0], place)
                own = [*cluster, *own]
            else:
                others.append(cluster)
        clusters = [*others, own]


def _buckets(keys: NDArray[np.uint64], places: Places) -> Iterator[list[int]]:
    """Yield the places, out of `places`, of the rows with the same key, if they are several."""
    order = places[np.argsort(keys[places], kind="stable")]
    changes = np.flatnonzero(np.diff(keys[order])) + 1
    starts = np.concatenate([[0], changes])
    ends = np.concatenate([changes, [len(order)]])
    for which in np.flatnonzero(ends - starts > 1):
        yield order[starts[which] : ends[which]].tolist()


def _column(files: Iterable[Path], band: int, bands: int) -> NDArray[np.uint64]:
    """Return the digests of one band of all rows."""
    columns = [np.empty(0, np.uint64)]
    for file in files:
        rows = file.stat().st_size // (8 * bands)
        columns.append(np.fromfile(file, np.uint64, count=rows, offset=8 * rows * band))
    return np.concatenate(columns)


@cache
def _ranges(near_duplicate: float) -> list[tuple[int, int]]:
    """Return the bands of a sketch: first value, and behind the last one."""
    index = MinHashLSH(near_duplicate * 0.9, num_perm=PERMUTATIONS, weights=WEIGHTS)
    return list(index.hashranges)


def _digests(text: str, ranges: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield the digest of a text, and of each band of its sketch."""
    yield _digest(text.encode("utf-8", "surrogatepass"))
    sketch = _EMPTY.copy()
    sketch.update_batch(
        [shingle.encode("utf-8", "surrogatepass") for shingle in sorted(_shingles(text))]
    )
    yield from (_digest(sketch.hashvalues[start:end].tobytes()) for start, end in ranges)


_EMPTY = MinHash(num_perm=PERMUTATIONS, seed=1)


def _digest(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _shingles(text: str) -> frozenset[str]:
    words = text.split()
    last = max(1, len(words) - SHINGLE + 1)
    return frozenset(" ".join(words[i : i + SHINGLE]) for i in range(last))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)
