"""Provider that asks through the batch API: about half the price, replies within a day.

Source: OpenAI's guide "Batch". The replies of a batch go into the reply cache. Then every request
takes the ordinary path, which finds them there, and sends individually what failed, expired or is
missing.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

from distill.errors import BatchError, BudgetError
from distill.llm import pending
from distill.llm.cache import Cached
from distill.llm.endpoint import batch_file
from distill.llm.endpoint.batch_api import BatchApi, connected
from distill.llm.endpoint.batch_results import (
    Downloaded,
    Polling,
    delete,
    download,
    report,
    scratch_file,
)
from distill.llm.endpoint.client import Endpoint
from distill.llm.endpoint.dialect import body
from distill.llm.endpoint.gate import Gate
from distill.llm.endpoint.pool import Pool
from distill.llm.endpoint.responses import CHARACTERS_PER_TOKEN
from distill.llm.messages import Reply, Request
from distill.llm.pending import Batch

SLACK = 64  # bytes by which a line may grow when the server's dialect has been learned
SUBMISSION = hashlib.sha256(b"submission of a batch").hexdigest()  # a key for single-flight

Window = dict[str, Request]  # by cache key, which is the line's custom_id


class Batches:
    """A provider that submits batches first and then answers from the pool.

    A batch is recorded in the store, with the keys it covers, before it is created: after a kill
    the next run waits for it and does not create another. The first request of a run is sent
    individually, so that a wrong key or model fails within seconds, and the server's dialect is
    known, before a batch waits for a day.

    Raises BudgetError, with nothing submitted, if a batch might cost more than the budget has left,
    and BatchError if the server has no batch API or does not answer for long.
    """

    def __init__(
        self,
        pool: Pool,
        endpoint: Endpoint,
        cached: Cached,
        gate: Gate | None,
        polling: Polling | None = None,
    ):
        self.pool, self.endpoint, self.cached, self.gate = pool, endpoint, cached, gate
        self.polling = polling or Polling()
        self.store, self.stage, self.config = endpoint.store, endpoint.stage, endpoint.config
        self._has_sent_first = False

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order, one input file's worth at a time."""
        with self.pool.running():
            for window in self._windows(requests):
                found = self.pool.run(self._fill_cache(dict(window)))
                costs, malformed = found.costs, self._final(found)
                self.endpoint.asked |= {
                    request.id for key, request in window if key in found.malformed
                }
                replies = self.pool.complete(
                    request for key, request in window if key not in malformed
                )
                for key, _ in window:
                    reply = malformed[key] if key in malformed else next(replies)
                    dollars = 0 if key in malformed else costs.pop(key, 0)
                    yield replace(reply, dollars=reply.dollars + dollars)

    def _final(self, found: Downloaded) -> dict[str, Reply]:
        """Return the malformed replies that are not asked for again: most of a batch."""
        return found.malformed if 2 * len(found.malformed) > len(found.costs) else {}

    def _windows(self, requests: Iterable[Request]) -> Iterator[list[tuple[str, Request]]]:
        """Cut where a file would be full; cached requests count, so that a rerun cuts alike."""
        window: list[tuple[str, Request]] = []
        size = 0
        for request in requests:
            key = self.cached.key(request)
            length = len(self._line(key, request)) + SLACK
            is_full = len(window) == batch_file.REQUESTS or size + length > batch_file.BYTES
            if window and is_full:
                yield window
                window, size = [], 0
            window.append((key, request))
            size += length
        if window:
            yield window

    def _line(self, key: str, request: Request) -> bytes:
        content = body(self.config, request, self.endpoint.dialect, request.samples)
        return batch_file.line(key, content)

    async def _fill_cache(self, window: Window) -> Downloaded:
        """Cache the replies that batches bring."""
        whole = Downloaded({}, {})
        if not any(self._is_miss(key, request) for key, request in window.items()):
            return whole
        async with connected(self.endpoint) as api:
            async with self._submission_turn():
                # In this order: a batch that another process downloads meanwhile is then a hit.
                known = pending.batches_of(self.store, window)
                misses = {key: asked for key, asked in window.items() if self._is_miss(key, asked)}
                batches = [batch for batch in known if not misses.keys().isdisjoint(batch.prompts)]
                new, costs = await self._submit_new(api, misses, batches)
                batches = [await self._created(api, batch) for batch in [*batches, *new]]
            downloads = (
                download(api, self.endpoint, batch, misses, self.polling) for batch in batches
            )
            whole.costs.update(costs)
            for downloaded in await asyncio.gather(*downloads):
                whole.costs.update(downloaded.costs)
                whole.malformed.update(downloaded.malformed)
            return whole

    @asynccontextmanager
    async def _submission_turn(self) -> AsyncIterator[None]:
        """Serialize submissions across processes, however long one takes."""
        while True:
            async with self.cached.single_flight(SUBMISSION) as is_claimed:
                if is_claimed:
                    yield
                    return
            report(self.stage, "waits for another process, which submits a batch")

    def _is_miss(self, key: str, request: Request) -> bool:
        """Whether a request that may be sent has no cached reply."""
        is_allowed = self.gate is None or self.gate.allows(request)
        return is_allowed and self.cached.cached(key, request) is None

    async def _submit_new(
        self, api: BatchApi, misses: Window, batches: list[Batch]
    ) -> tuple[list[Batch], dict[str, float]]:
        """Submit the misses that no batch covers; return their batch and what was paid at once."""
        covered = {key for batch in batches for key in batch.prompts}
        new = {key: request for key, request in misses.items() if key not in covered}
        if not new:
            return [], {}
        dollars = self._highest_cost(new.values())
        costs = await self._send_first(new)
        rest = {key: request for key, request in new.items() if key not in costs}
        return [await self._submit(api, rest, dollars)] if rest else [], costs

    def _highest_cost(self, requests: Iterable[Request]) -> float:
        """Estimate the dollars of a batch; raises BudgetError if the budget has less left."""
        prompt_tokens, completion_tokens = 0.0, 0
        for request in requests:
            prompt_tokens += request.characters / CHARACTERS_PER_TOKEN
            completion_tokens += request.samples * self.config.max_tokens
        dollars = self.endpoint.price.as_batch().dollars(prompt_tokens, completion_tokens)
        budget = self.endpoint.budget
        if budget is None:
            return dollars
        reserved = self.store.pending_dollars()
        left = budget - self.store.spent_dollars() - reserved
        if dollars > left:
            raise BudgetError(
                f"{self.stage}: a batch may cost ${dollars:.4f} (every reply as long as max_tokens"
                f" {self.config.max_tokens} allows) and was not submitted: costs.budget has"
                f" ${max(left, 0):.4f} left, after ${reserved:.4f} reserved for pending batches;"
                f" raise costs.budget or lower max_tokens of {self.config.model} (params.yaml), or"
                " set its batch: false to send requests until the budget is spent"
            )
        return dollars

    async def _send_first(self, new: Window) -> dict[str, float]:
        """Send the run's first request individually; return its cost if it has a reply."""
        if self._has_sent_first:
            return {}
        self._has_sent_first = True
        key, request = next(iter(new.items()))
        reply = await self.cached.answer(request)
        return {} if reply.error else {key: reply.dollars}

    async def _submit(self, api: BatchApi, window: Window, dollars: float) -> Batch:
        """Upload an input file and record its keys, before the batch itself is created."""
        with scratch_file(self.store) as lines:
            lines.writelines(self._line(key, request) for key, request in window.items())
            file = await api.upload(lines)
        prompts = {key: request.characters for key, request in window.items()}
        return pending.add(self.store, Batch(file, prompts, self.config.max_tokens, dollars))

    async def _created(self, api: BatchApi, batch: Batch) -> Batch:
        if batch.id:
            return batch
        try:
            id_ = await api.create(batch.file)
        except BatchError as error:
            if error.void:  # the server rejects the file: the next run uploads another
                with self.store.transaction():
                    pending.remove(self.store, batch)
                await delete(api, self.stage, batch.file)
            raise
        return pending.set_id(self.store, batch, id_)
