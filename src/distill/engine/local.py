"""Shards on the cores of this machine; few of them in this process alone."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

from distill.engine.parts import Named, Shard, Work
from distill.errors import EngineError

FEW = 10  # shards that are not worth the start of processes
_AHEAD = 2  # shards a process that are read before they are needed


def each(work: Work, shards: Iterable[Named]) -> Iterator[tuple[str, bytes]]:
    """Yield the part of each shard, as soon as it is made.

    More than ten shards go to a process for each core that this one may use. The function goes to
    each process once, not with every shard, and may be large. Raises EngineError where a process is
    killed.
    """
    shards = iter(shards)
    first = list(islice(shards, FEW + 1))
    if len(first) <= FEW:
        yield from ((name, work(shard)) for name, shard in first)
        return
    with ProcessPoolExecutor(_cores(), initializer=_begin, initargs=(work,)) as pool:
        try:
            yield from _windowed(pool, chain(first, shards))
        except BrokenProcessPool as error:
            if error.__cause__:  # an exception of the function that cannot be pickled
                raise
            raise EngineError(
                "a process of the stage was killed, probably because memory ran out; free memory"
                " and run again, which goes on with the finished parts, or lower engine.rows in"
                " params.yaml, which takes less memory and makes all parts anew"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _windowed(pool: ProcessPoolExecutor, shards: Iterable[Named]) -> Iterator[tuple[str, bytes]]:
    """Keep two shards a process in flight, so that memory does not grow with the corpus."""
    room = _AHEAD * (_cores() or os.cpu_count() or 1)
    pending: set[Future[tuple[str, bytes]]] = set()
    for name, shard in shards:
        pending.add(pool.submit(_do, name, shard))
        if len(pending) >= room:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


def _cores() -> int | None:
    """Return the number of cores that this process may use, None where the system limits none.

    A scheduler such as Slurm's gives a job a few of a machine's.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


_work: list[Work] = []  # in a process of the pool: its function


def _begin(work: Work) -> None:
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # as in a shell's background jobs
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C reaches all: the stage reports it
    _work.append(work)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the stage is killed; it would wait for shards for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _do(name: str, shard: Shard) -> tuple[str, bytes]:
    return name, _work[-1](shard)
