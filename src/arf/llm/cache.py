"""Replies that were paid for once are kept, so an interrupted stage pays only for what is new."""

import hashlib
import json

from arf.llm import Reply, Request, settled
from arf.llm.pool import Answerer
from arf.llm.store import Store
from arf.params import OpenAI


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
        if kept is not None and settled(request, kept).error in ("", "truncated"):
            return kept
        return None

    def key(self, request: Request) -> str:
        """The digest under which the reply to a request is kept."""
        asked = [self.model, request.messages, request.schema, request.samples, request.logprobs]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class Cached(Replies):
    """Answers from the store where it can, and keeps each reply the moment it comes."""

    def __init__(self, inner: Answerer, config: OpenAI, store: Store, version: str = ""):
        super().__init__(config, store, version)
        self.inner = inner

    async def answer(self, request: Request) -> Reply:
        """The kept reply if there is one, and otherwise a fresh one."""
        key = self.key(request)
        kept = self.kept(key, request)
        if kept is not None:
            return kept
        reply = await self.inner.answer(request)
        if not reply.error:
            self.store.keep(key, reply, self.config.max_tokens)
        return reply
