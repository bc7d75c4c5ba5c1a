"""Reply cache: a request is paid once, so an interrupted stage resumes at its first cache miss."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from distill.llm import pending
from distill.llm.messages import Answerer, Reply, Request, settled
from distill.llm.settings import OpenAI
from distill.llm.single_flight import SingleFlight
from distill.llm.store import Store

FIRST_POLL, LONGEST_POLL = 0.02, 1.0  # seconds between attempts to claim a key


class Replies:
    """The cached replies of one model.

    The key covers endpoint, model, messages, sampling parameters and whatever else shapes the
    answer. It leaves out max_tokens: a complete reply is valid under any cap, a truncated one under
    the same cap only. Failures are not cached, so the next run asks again. `version` distinguishes
    models of the same name.
    """

    def __init__(self, config: OpenAI, store: Store, version: str = ""):
        self.config, self.store = config, store
        self.model = [config.base_url, config.model, version, config.sampling()]

    def key(self, request: Request) -> str:
        """Return the request's cache key, a SHA-256 digest in hex."""
        shape = [self.model, request.messages, request.schema, request.samples, request.logprobs]
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()

    def cached(self, key: str, request: Request) -> Reply | None:
        """Return the cached reply; None for a miss or a reply that the request cannot use."""
        cached = self.store.get(key, self.config.max_tokens)
        if cached is None:
            return None
        reply = settled(request, cached)
        if reply.error == "truncated":
            return cached
        return None if reply.error else reply

    def is_pending(self, request: Request) -> bool:
        """Whether a pending batch will bring the reply."""
        return pending.is_pending(self.store, self.key(request))


class Source(Answerer, Protocol):
    """The provider behind the cache."""

    def note_cache_hit(self) -> None:
        """Record that this model has answered such a request before."""
        ...


class Cached(Replies):
    """Answers from the cache, and on a miss from `inner`, whose replies it stores at once.

    Concurrent requests with the same key share one call, across processes too. `waiting` counts
    the requests that wait for such a call.
    """

    def __init__(self, inner: Source, config: OpenAI, store: Store, version: str = ""):
        super().__init__(config, store, version)
        self.inner = inner
        self.flights = SingleFlight(store)
        self.waiting = 0
        self._calls: dict[str, asyncio.Task[Reply]] = {}  # of this process, by key

    async def answer(self, request: Request) -> Reply:
        """Return the cached reply or a new one; concurrent requests share a failure too."""
        key = self.key(request)
        if key in self._calls:
            self.waiting += 1
            try:
                reply = await asyncio.shield(self._calls[key])
            finally:
                self.waiting -= 1
            return replace(reply, dollars=0.0)
        self._calls[key] = asyncio.ensure_future(self._answer(key, request))
        try:
            return await asyncio.shield(self._calls[key])
        finally:
            del self._calls[key]

    async def _answer(self, key: str, request: Request) -> Reply:
        async with self.single_flight(key):
            cached = self.cached(key, request)
            if cached is not None:
                self.inner.note_cache_hit()
                return cached
            reply = await self.inner.answer(request)
            if not reply.error:
                self.store.put(key, reply, self.config.max_tokens)
            return reply

    @asynccontextmanager
    async def single_flight(self, key: str) -> AsyncIterator[bool]:
        """Wait for the claim on the key and hold it; yield whether it was obtained.

        The wait ends after `patience` seconds, since the process with the claim may be suspended.
        """
        is_claimed = await self._claim(key)
        try:
            yield is_claimed
        finally:
            if is_claimed:
                self.flights.release(key)

    async def _claim(self, key: str) -> bool:
        deadline, poll = time.monotonic() + self.config.patience, FIRST_POLL
        self.waiting += 1
        try:
            while not (is_claimed := self.flights.claim(key)) and time.monotonic() < deadline:
                await asyncio.sleep(poll)
                poll = min(2 * poll, LONGEST_POLL)
        finally:
            self.waiting -= 1
        return is_claimed
