"""The batch API: a stage's requests in files, for about half the price, within a day.

Source: OpenAI's guide and API reference, "Batch". The replies of a batch go to the store of kept
replies. Then everything is asked in the ordinary way, which finds them there, and so also asks for
what failed, expired or is missing.
"""

import asyncio
import hashlib
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import BinaryIO

from distill.errors import BatchError, BudgetError, StoreError
from distill.llm.cache import Cached
from distill.llm.endpoint import batch_api as api
from distill.llm.endpoint.client import TOKEN, Endpoint
from distill.llm.endpoint.dialect import body
from distill.llm.endpoint.gate import Gate
from distill.llm.endpoint.pool import Pool
from distill.llm.messages import Reply, Request, settled
from distill.llm.store import Pending

SLACK = 64  # bytes by which a line may grow once the server's dialect is known
SUBMITTING = hashlib.sha256(b"a batch is being submitted").hexdigest()  # beside replies' keys
TOLD = 60.0  # seconds between two lines about a batch that is waited for

Asked = dict[str, Request]  # by the key under which the reply is kept, which is the custom_id


@dataclass(frozen=True)
class Polling:
    """Seconds between two looks at a batch: the first, the longest, and the growth between."""

    first: float = 1.0
    longest: float = 60.0
    growth: float = 1.5


class Batches:
    """A provider that asks through batches first and then through the pool.

    A batch is noted in the store before it is made, with what it covers: after a kill it is waited
    for and not made again. The first request of a run goes the ordinary way, so that a wrong key
    or model is seen, and the server's dialect known, within seconds and not after a day.

    Raises BudgetError where a batch might cost more than is left, with nothing submitted, and
    BatchError where the server takes no batches or is silent for long.
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
        self.api = api.BatchApi(endpoint)
        self.price = endpoint.price.as_batch()
        self._began = False

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order; as many at once as fill a file."""
        with self.pool.running():
            for window in self._windows(requests):
                paid = self.pool.wait_for(self._batched(dict(window)))
                replies = self.pool.complete(request for _, request in window)
                for (key, _), reply in zip(window, replies, strict=True):
                    yield replace(reply, dollars=reply.dollars + paid.pop(key, 0))

    def _windows(self, requests: Iterable[Request]) -> Iterator[list[tuple[str, Request]]]:
        """Cut where a file would be full; what is kept counts too, so a rerun cuts alike."""
        window: list[tuple[str, Request]] = []
        size = 0
        for request in requests:
            key = self.cached.key(request)
            length = len(self._line(key, request)) + SLACK
            if window and size + length > api.BYTES:
                yield window
                window, size = [], 0
            window.append((key, request))
            size += length
            if len(window) == api.REQUESTS:
                yield window
                window, size = [], 0
        if window:
            yield window

    def _line(self, key: str, request: Request) -> bytes:
        asked = body(self.config, request, self.endpoint.dialect, request.samples)
        return api.line(key, asked)

    async def _batched(self, window: Asked) -> dict[str, float]:
        """Get what batches can bring into the store; return the dollars paid, by key."""
        async with self._turn():
            # in this order, or replies that another run keeps meanwhile would be seen in neither
            pending = self.store.pending(window)
            wanted = {key: asked for key, asked in window.items() if self._is_wanted(key, asked)}
            waited = [batch for batch in pending if not wanted.keys().isdisjoint(batch.prompts)]
            covered = {key for batch in waited for key in batch.prompts}
            fresh = {key: asked for key, asked in wanted.items() if key not in covered}
            paid = {}
            if fresh:
                dollars = self._affordable(fresh.values())
                paid = await self._begin(fresh)
                if rest := {key: fresh[key] for key in fresh if key not in paid}:
                    waited.append(await self._submit(rest, dollars))
            waited = [batch if batch.id else await self._start(batch) for batch in waited]
        for brought in await asyncio.gather(*(self._bring(batch, wanted) for batch in waited)):
            paid |= brought
        return paid

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One run after the other notes what is wanted and submits it, however long that takes."""
        while True:
            async with self.cached.alone(SUBMITTING) as first:
                if first:
                    yield
                    return
            self._say("waits for another run, which submits a batch")

    def _is_wanted(self, key: str, request: Request) -> bool:
        cleared = self.gate is None or self.gate.clears(request)
        return cleared and self.cached.kept(key, request) is None

    def _affordable(self, requests: Iterable[Request]) -> float:
        """The most that a batch of them may cost, by estimate."""
        prompts, answers = 0.0, 0
        for request in requests:
            prompts += _characters(request) / TOKEN
            answers += request.samples * self.config.max_tokens
        dollars = self.price.dollars(prompts, answers)
        budget = self.endpoint.budget
        if budget is None:
            return dollars
        reserved = self.store.pending_dollars()
        left = budget - self.store.dollars() - reserved
        if dollars > left:
            raise BudgetError(
                f"{self.stage}: a batch may cost ${dollars:.4f} (every reply as long as max_tokens"
                f" {self.config.max_tokens} allows) and was not submitted: of costs.budget"
                f" ${max(left, 0):.4f} is left beside ${reserved:.4f} for batches that are not"
                " here yet; raise costs.budget or lower max_tokens of"
                f" {self.config.model} (params.yaml), or set its batch: false to ask until the"
                " budget is spent"
            )
        return dollars

    async def _begin(self, fresh: Asked) -> dict[str, float]:
        """Ask for the first one in the ordinary way, once a run; its cost if it has a reply."""
        if self._began:
            return {}
        self._began = True
        key, request = next(iter(fresh.items()))
        reply = await self.cached.answer(request)
        return {} if reply.error else {key: reply.dollars}

    async def _submit(self, asked: Asked, dollars: float) -> Pending:
        """Upload a file and note what it covers, before the batch itself is made."""
        with self._scratch() as lines:
            lines.writelines(self._line(key, request) for key, request in asked.items())
            file = await self.api.upload(lines)
        prompts = {key: _characters(request) for key, request in asked.items()}
        return self.store.pend(Pending(file, prompts, self.config.max_tokens, dollars))

    async def _bring(self, batch: Pending, wanted: Asked) -> dict[str, float]:
        """Wait for a batch and keep its replies; what was paid, by key."""
        state = await self._ended(batch)
        with self._scratch() as lines:
            for file in state.files:
                await self.api.download(file, lines)
            lines.seek(0)
            with self.store.together():
                if not self.store.forget(batch):
                    return {}  # another process has kept its replies
                paid, good = self._keep(batch, wanted, lines)
        if state.status != "completed":
            self._say(
                f"batch {batch.id} is {state.status} {state.code}".rstrip()
                + f", with {good} of {len(batch.prompts)} replies; the rest is asked one by one"
            )
        return paid

    async def _start(self, batch: Pending) -> Pending:
        try:
            id_ = await self.api.create(batch.file)
        except BatchError as error:
            if error.void:  # the file's fault: the next run uploads it anew
                with self.store.together():
                    self.store.forget(batch)
            raise
        return self.store.named(batch, id_)

    async def _ended(self, batch: Pending) -> api.State:
        wait, told = self.polling.first, -TOLD
        while True:
            state = await self.api.state(batch.id)
            if state.has_ended:
                return state
            if time.monotonic() - told >= TOLD:
                told = time.monotonic()
                done = f"{state.done} of {state.total or len(batch.prompts)} requests are done"
                self._say(f"waits for batch {batch.id} ({state.status}): {done}")
            await asyncio.sleep(wait)
            wait = min(wait * self.polling.growth, self.polling.longest)

    def _keep(self, batch: Pending, wanted: Asked, lines: BinaryIO) -> tuple[dict[str, float], int]:
        """Keep and pay for the replies in `lines`: what each cost, and the number of good ones."""
        paid: dict[str, float] = {}
        good = 0
        for key, found in api.replies(lines, self.config.model):
            if key not in batch.prompts or key in paid:
                continue
            cost = self.price.dollars(found.prompt_tokens, found.completion_tokens)
            reply = replace(found, dollars=cost)
            if reply.prompt_tokens or not reply.error:
                self.store.pay(self.stage, reply, batch.prompts[key])
                paid[key] = cost
            if _is_good(reply, wanted.get(key)):
                self.store.keep(key, reply, batch.max_tokens)
                good += 1
        return paid, good

    @contextmanager
    def _scratch(self) -> Iterator[BinaryIO]:
        """A file without a name: a kill leaves nothing of it behind."""
        folder = self.store.path.parent
        try:
            with TemporaryFile(dir=folder) as lines:
                yield lines
        except OSError as error:
            raise StoreError(
                f"{folder}: a batch's lines cannot be written ({error}); free some space or mend"
                " its permissions and run again: a batch that was submitted is waited for"
            ) from error

    def _say(self, words: str) -> None:
        print(f"{self.stage}: {words}", file=sys.stderr)


def _characters(request: Request) -> int:
    return sum(len(message["content"]) for message in request.messages)


def _is_good(reply: Reply, request: Request | None) -> bool:
    """Whether to keep it. What nobody asks for now is kept as it is: the cache looks at its use."""
    if request is None or reply.error:
        return not reply.error
    enough = len(reply.texts) >= request.samples
    return enough and settled(request, reply).error in ("", "truncated")
