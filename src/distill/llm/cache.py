"""Replies that were paid for once are kept, so an interrupted stage pays only for what is new."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

from distill.llm.endpoint.pool import Answerer
from distill.llm.messages import Reply, Request, settled
from distill.llm.settings import OpenAI
from distill.llm.single_flight import FIRST, LONGEST, asking
from distill.llm.store import Store


class Replies:
    """The replies that are kept for one model.

    The key holds endpoint, model, messages, sampling parameters and what else shapes the answer.
    It leaves out max_tokens: a reply that ended by itself is valid under any cap, a truncated one
    under the same cap only. Failures are not kept, so the next run asks for them again. `version`
    tells apart models that bear the same name.
    """

    def __init__(self, config: OpenAI, store: Store, version: str = ""):
        self.config, self.store = config, store
        self.model = [config.base_url, config.model, version, config.sampling()]

    def kept(self, key: str, request: Request) -> Reply | None:
        """The kept reply, if there is one that this request can use."""
        kept = self.store.reply(key, self.config.max_tokens)
        if kept is None:
            return None
        found = settled(request, kept)
        if found.error == "truncated":
            return kept
        return None if found.error else found

    def is_pending(self, request: Request) -> bool:
        """Whether a batch that was submitted will bring the reply."""
        return self.store.covers(self.key(request))

    def key(self, request: Request) -> str:
        """The digest under which the reply to a request is kept."""
        asked = [self.model, request.messages, request.schema, request.samples, request.logprobs]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class Source(Answerer, Protocol):
    """What answers where nothing is kept."""

    def found(self) -> None:
        """Take note that a reply is kept."""
        ...


class Cached(Replies):
    """Answers from the store where it can, and keeps each reply the moment it comes.

    Nothing is asked twice at the same time either, whoever wants it: another process too.
    """

    def __init__(self, inner: Source, config: OpenAI, store: Store, version: str = ""):
        super().__init__(config, store, version)
        self.inner = inner
        self.asking = asking(store.path.absolute().with_name("asking"))
        self.waiting = 0  # requests for which another asks already
        self._asked: dict[str, asyncio.Task[Reply]] = {}  # of this process, by key

    async def answer(self, request: Request) -> Reply:
        """The kept reply if there is one, and otherwise a fresh one; a failure is shared too."""
        key = self.key(request)
        if key in self._asked:
            self.waiting += 1
            reply = await asyncio.shield(self._asked[key])
            self.waiting -= 1
            return replace(reply, dollars=0.0)
        self._asked[key] = asyncio.ensure_future(self._answer(key, request))
        try:
            return await asyncio.shield(self._asked[key])
        finally:
            del self._asked[key]

    async def _answer(self, key: str, request: Request) -> Reply:
        async with self.alone(key):
            kept = self.kept(key, request)
            if kept is not None:
                self.inner.found()
                return kept
            reply = await self.inner.answer(request)
            if not reply.error:
                self.store.keep(key, reply, self.config.max_tokens)
            return reply

    @asynccontextmanager
    async def alone(self, key: str) -> AsyncIterator[bool]:
        """Wait until no other process asks for it, `patience` at most: it may be stopped.

        Yields whether none does.
        """
        until, pause = time.monotonic() + self.config.patience, FIRST
        self.waiting += 1
        while not (first := self.asking.begin(key)) and time.monotonic() < until:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST)
        self.waiting -= 1
        try:
            yield first
        finally:
            if first:
                self.asking.end(key)
