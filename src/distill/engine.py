"""How a function goes over many rows: in one process at first, then on all cores."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

MANY = 5_000  # rows after which all cores are worth their start, and rows handed to them at a time
_CHUNK = 100  # rows in one message to a process

Given = TypeVar("Given")
Made = TypeVar("Made")


def in_parallel(work: Callable[[Given], Made], rows: Iterable[Given]) -> Iterator[Made]:
    """Yield work(row) of every row, in the rows' order.

    The first 5,000 rows are done in this process, all others on all cores. The function and rows
    must be picklable. The function goes to each process once, not with every row, and may be large.
    """
    rows = iter(rows)
    yield from map(work, islice(rows, MANY))
    batch = list(islice(rows, MANY))
    if not batch:
        return
    with ProcessPoolExecutor(initializer=_begin, initargs=(work,)) as pool:
        while batch:
            yield from pool.map(_do, batch, chunksize=_CHUNK)
            batch = list(islice(rows, MANY))


_work: list[Callable[[Any], Any]] = []  # in a process of the pool: its function


def _begin(work: Callable[[Any], Any]) -> None:
    _work.append(work)


def _do(row: Any) -> Any:
    return _work[-1](row)
