"""Where a function over the shards of a stage's rows is computed: on this machine or a cluster.

with engine.kept("anonymize", "botchat", settings.engine) as parts:
    made = parts.make(work, shards, made_from)      # one file a shard, in the shards' order

A shard is a list of rows, or of anything else that JSON can hold. A part is what `work` made of
one shard. Parts survive a kill of the stage, and are deleted once the block has ended well.
"""

import importlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from filelock import FileLock, Timeout

from distill import paths
from distill.engine import local
from distill.engine.parts import Parts
from distill.engine.settings import Local, Ray

Item = TypeVar("Item")


@contextmanager
def kept(stage: str, key: str, settings: Local | Ray) -> Iterator[Parts]:
    """Yield the parts of one stage and key; a second run of the same waits for the first."""
    folder = paths.parts(stage, key)
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"{stage} {key}: waiting for another run of this stage", flush=True)
        lock.acquire()
    try:
        each = local.each
        if isinstance(settings, Ray):  # an optional package, which only this kind imports
            each = importlib.import_module("distill.engine.ray").connected(settings.address)
        yield Parts(folder, each)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def shards(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield the items in lists of `size`, the last of which may be shorter."""
    items = iter(items)
    while shard := list(islice(items, size)):
        yield shard
