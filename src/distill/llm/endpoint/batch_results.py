"""Waits for submitted batches and moves their replies into the cache."""

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO

from distill.errors import StoreError
from distill.llm import pending
from distill.llm.endpoint import batch_file
from distill.llm.endpoint.batch_api import BatchApi, State
from distill.llm.endpoint.client import Endpoint, priced
from distill.llm.messages import Reply, Request, settled
from distill.llm.pending import Batch
from distill.llm.store import Store

REPORT_INTERVAL = 60.0  # seconds between two progress reports


@dataclass(frozen=True)
class Polling:
    """Seconds between two polls of a batch: the first, the longest, and the growth factor."""

    first: float = 1.0
    longest: float = 60.0
    growth: float = 1.5


async def download(
    api: BatchApi,
    endpoint: Endpoint,
    batch: Batch,
    requests: Mapping[str, Request],
    polling: Polling,
) -> dict[str, float]:
    """Wait for a batch and cache its replies; return their costs in dollars by key.

    `requests` are those of this run, by key: their replies are checked before they are cached.
    """
    state = await _final_state(api, endpoint.stage, batch, polling)
    with scratch_file(endpoint.store) as lines:
        for file in state.files:
            await api.download(file, lines)
        lines.seek(0)
        with endpoint.store.transaction():
            if not pending.remove(endpoint.store, batch):
                return {}  # another process has cached its replies
            costs, usable = _cache(endpoint, batch, requests, lines)
    if state.status != "completed":
        report(
            endpoint.stage,
            f"batch {batch.id} is {state.status} {state.code}".rstrip()
            + f", with {usable} of {len(batch.prompts)} replies; the rest is sent individually",
        )
    return costs


async def _final_state(api: BatchApi, stage: str, batch: Batch, polling: Polling) -> State:
    wait, last_report = polling.first, -REPORT_INTERVAL
    while True:
        state = await api.state(batch.id)
        if state.is_final:
            return state
        if time.monotonic() - last_report >= REPORT_INTERVAL:
            last_report = time.monotonic()
            done = f"{state.done} of {state.total or len(batch.prompts)} requests are done"
            report(stage, f"waits for batch {batch.id} ({state.status}): {done}")
        await asyncio.sleep(wait)
        wait = min(wait * polling.growth, polling.longest)


def _cache(
    endpoint: Endpoint, batch: Batch, requests: Mapping[str, Request], lines: BinaryIO
) -> tuple[dict[str, float], int]:
    """Cache the replies in `lines`; return the costs by key and the number of usable replies."""
    price = endpoint.price.as_batch()
    costs: dict[str, float] = {}
    usable = 0
    for key, response in batch_file.responses(lines, endpoint.config.model):
        if key not in batch.prompts or key in costs or response.refusal is not None:
            continue
        reply = priced(response.reply, batch.prompts[key], price)
        endpoint.store.add_cost(endpoint.stage, reply, batch.prompts[key])
        costs[key] = reply.dollars
        if _is_usable(reply, requests.get(key)):
            endpoint.store.put(key, reply, batch.max_tokens)
            usable += 1
    return costs, usable


def _is_usable(reply: Reply, request: Request | None) -> bool:
    """Whether to cache a reply; one to a request of another run is checked when it is used."""
    if request is None or reply.error:
        return not reply.error
    has_all_samples = len(reply.texts) >= request.samples
    return has_all_samples and settled(request, reply).error in ("", "truncated")


@contextmanager
def scratch_file(store: Store) -> Iterator[BinaryIO]:
    """Yield a file without a name, of which a kill leaves nothing behind."""
    folder = store.path.parent
    try:
        with TemporaryFile(dir=folder) as lines:
            yield lines
    except OSError as error:
        raise StoreError(
            f"{folder}: the file of a batch cannot be written ({error}); free disk space or correct"
            " its permissions and run again: a submitted batch is waited for"
        ) from error


def report(stage: str, message: str) -> None:
    """Inform the user about a batch."""
    print(f"{stage}: {message}", file=sys.stderr)
