"""Waits for submitted batches, moves their replies into the cache, and deletes their files."""

import asyncio
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

from distill.errors import BatchError, StoreError
from distill.llm import pending
from distill.llm.endpoint import batch_file
from distill.llm.endpoint.batch_api import BatchApi, State
from distill.llm.endpoint.client import MALFORMED, Endpoint, priced
from distill.llm.messages import Reply, Request, settled
from distill.llm.pending import Batch
from distill.llm.store import Store

REPORT_INTERVAL = 60.0  # seconds between two progress reports
DAY = 86_400.0  # seconds in which a server must take a batch
LONGEST_WAIT = 600.0  # seconds before a refused batch is created again
PASSING = re.compile(  # codes of batches that the server may take later
    r"^(?!.*(?:billing|quota)).*(?:token_limit|enqueued|queue|rate_limit|too_many|capacity|overload"
    r"|unavailable|server_error|internal_error|timeout)",
    flags=re.IGNORECASE,
)


@dataclass(frozen=True)
class Polling:
    """Seconds between two polls of a batch: the first, the longest, and the growth factor."""

    first: float = 1.0
    longest: float = 60.0
    growth: float = 1.5


class Downloaded(NamedTuple):
    """What batches brought: costs in dollars by key, and the replies in the wrong form."""

    costs: dict[str, float]
    malformed: dict[str, Reply]
    usable: int = 0


async def download(
    api: BatchApi,
    endpoint: Endpoint,
    batch: Batch,
    requests: Mapping[str, Request],
    polling: Polling,
) -> Downloaded:
    """Wait for a batch, cache its replies, and delete its files at the provider.

    `requests` are those of this run, by key: their replies are checked before they are cached.
    """
    batch, state = await _accepted(api, endpoint, batch, polling)
    with scratch_file(endpoint.store) as lines:
        for file in state.files:
            await api.download(file, lines)
        lines.seek(0)
        with endpoint.store.transaction(durable=True):
            if not pending.remove(endpoint.store, batch):
                return Downloaded({}, {})  # another process has cached its replies
            found = _cache(endpoint, batch, requests, lines)
    await delete(api, endpoint.stage, batch.file, *state.files)
    if state.status != "completed":
        report(
            endpoint.stage,
            f"batch {batch.id} is {state.status} {state.code}".rstrip()
            + f", with {found.usable} of {len(batch.prompts)} replies; the rest is sent"
            " individually",
        )
    return found


async def delete(api: BatchApi, stage: str, *files: str) -> None:
    """Delete files at the provider; one that may still be there is reported, and no error."""
    reasons = await asyncio.gather(*map(api.delete, files))
    for file, reason in zip(files, reasons, strict=True):
        if reason:
            report(
                stage, f"{file} of a batch may still be at {api.host} ({reason}); delete it there"
            )


async def _accepted(
    api: BatchApi, endpoint: Endpoint, batch: Batch, polling: Polling
) -> tuple[Batch, State]:
    """Return a batch that has ended, and its state.

    A batch that the server refuses for a passing reason, such as a full queue, is created again
    from its file, for as long as a batch may take; what it would cost individually is not paid.
    """
    wait, deadline = polling.first, time.monotonic() + DAY
    while True:
        state = await _final_state(api, endpoint.stage, batch, polling)
        if state.status != "failed" or not PASSING.search(state.code) or state.files:
            return batch, state
        if time.monotonic() + wait > deadline:
            raise BatchError(
                f"{endpoint.stage}: the server has refused a batch for a day ({state.code}); run"
                " again later, or set batch: false for the endpoint"
            )
        report(endpoint.stage, f"batch {batch.id} is refused for now ({state.code}); it waits")
        batch = pending.set_id(endpoint.store, batch, "")  # a killed stage creates it, too
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
        batch = pending.set_id(endpoint.store, batch, await api.create(batch.file))


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
) -> Downloaded:
    """Cache the usable replies in `lines`, and book all."""
    price = endpoint.price.as_batch()
    costs: dict[str, float] = {}
    malformed: dict[str, Reply] = {}
    usable = 0
    for key, response in batch_file.responses(lines, endpoint.config.model):
        if key not in batch.prompts or key in costs or response.refusal is not None:
            continue
        reply = priced(response.reply, batch.prompts[key], price)
        endpoint.store.add_cost(endpoint.stage, reply, batch.prompts[key])
        costs[key] = reply.dollars
        request = requests.get(key)
        result = reply if request is None else settled(request, reply)
        if result.error in MALFORMED:
            malformed[key] = result
        elif _is_usable(result, request):
            endpoint.store.put(key, reply, batch.max_tokens)
            usable += 1
    return Downloaded(costs, malformed, usable)


def _is_usable(reply: Reply, request: Request | None) -> bool:
    """Whether to cache a reply; one to a request of another run is checked when it is used."""
    has_all_samples = request is None or len(reply.texts) >= request.samples
    return has_all_samples and reply.error in ("", "truncated")


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
