"""Client of one endpoint: each request ends in a reply, within its retries and the budget."""

import asyncio
import itertools
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from distill.llm.endpoint.dialect import Dialect, body, parsed
from distill.llm.endpoint.pace import Pace, RateLimit, backoff
from distill.llm.endpoint.transport import Response, Transport
from distill.llm.messages import Reply, Request, settled
from distill.llm.settings import OpenAI, Price
from distill.llm.store import Store

TRANSIENT = {"rate_limited", "server_error", "timed_out", "unparsable"}  # faults of a response
MALFORMED = {"empty", "unparsable"}  # faults of an answer, which is asked for once more
RATE_LIMIT_FACTOR = 5  # times as many retries for a 429, since the server says "later"
CALLER_STATUSES = {401, 402, 404, 429}  # auth, billing or model errors, which affect every request
CHARACTERS_PER_TOKEN = 4  # assumed of a prompt before its reply says
MAX_RETRY_AFTER = 900.0  # seconds
NOTICE = 5.0  # seconds of a pause from which the user is informed
CORRECTION = "The answer is not in the requested form. Answer again, in that form only."
FREE = Price(prompt=0, completion=0)


class Endpoint:
    """A client of one model for one stage.

    A transient failure is retried with backoff while other requests go on: up to `retries` times
    if others have succeeded meanwhile, and otherwise until `patience` ends. Raises ParamsError if a
    key's environment variable is unset.
    """

    def __init__(
        self, config: OpenAI, stage: str, store: Store, price: Price, budget: float | None
    ):
        self.config, self.stage, self.store = config, stage, store
        self.price, self.budget = price, budget
        self.transport = Transport(config, "chat/completions")
        self.dialect = Dialect()
        self._rate_limits = (
            RateLimit(config.requests_per_minute),
            RateLimit(config.tokens_per_minute),
        )
        self._ages = itertools.count()
        self._has_cache_hits = False

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Hold connections open, with a new congestion window."""
        self.pace = Pace(self.config.concurrency, *self._rate_limits, self.config.patience)
        self.backing_off = 0  # requests that wait before a retry
        async with self.transport.session():
            yield

    def note_cache_hit(self) -> None:
        """Record that the model has answered before: a rejection may then be about one prompt."""
        self._has_cache_hits = True

    async def answer(self, request: Request) -> Reply:
        """Return the reply to a request, with the cost of all its tries."""
        age, retries, corrections, current = next(self._ages), 0, 0, request
        cost, earlier_replies = Reply(), self.pace.replies
        while True:
            reply, wait = await self._samples(current, age, retries)
            cost = _with_cost(cost, reply)
            result = settled(request, reply)
            if reply.error in TRANSIENT and not self.pace.tripped:
                retries += 1
                if self._is_exhausted(reply, retries, earlier_replies):
                    break
                await self._back_off(wait)
            elif result.error in MALFORMED and not corrections:
                corrections += 1
                current = _corrected(request, reply)
            else:
                break
        if result.error == "truncated":  # it was paid for, so it is cached as it is
            result = reply
        return replace(
            result,
            prompt_tokens=cost.prompt_tokens,
            completion_tokens=cost.completion_tokens,
            dollars=cost.dollars,
        )

    def _is_exhausted(self, reply: Reply, retries: int, earlier_replies: int) -> bool:
        """Whether the retries are used up, while other requests have succeeded."""
        factor = RATE_LIMIT_FACTOR if reply.error == "rate_limited" else 1
        return retries > self.config.retries * factor and self.pace.replies > earlier_replies

    async def _back_off(self, seconds: float) -> None:
        self.backing_off += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.backing_off -= 1

    async def _samples(self, request: Request, age: int, retries: int) -> tuple[Reply, float]:
        """Return all samples of a request, also from a server that ignores `n`."""
        reply, wait = await self._exchange(request, request.samples, age, retries)
        while not reply.error and len(reply.texts) < request.samples:
            missing = request.samples - len(reply.texts)
            more, wait = await self._exchange(request, missing, age, retries)
            reply = replace(
                _with_cost(more, reply),
                text=reply.text,
                more=(*reply.more, *more.texts),
                logprobs=reply.logprobs,
                truncated=reply.truncated or more.truncated,
            )
        return reply, wait

    async def _exchange(
        self, request: Request, samples: int, age: int, retries: int
    ) -> tuple[Reply, float]:
        """Send one request; return its reply and the seconds to wait before a retry."""
        estimate = request.characters / CHARACTERS_PER_TOKEN + samples * self.config.max_tokens
        async with self.pace.slot(age, estimate) as epoch:
            if self.pace.tripped:
                return self._unsent(self.pace.tripped, "not sent"), 0
            if exhausted := self._exhausted_budget():
                return self._unsent("over_budget", exhausted), 0
            start = asyncio.get_running_loop().time()
            dialect = replace(self.dialect)
            content = json.dumps(body(self.config, request, dialect, samples))
            response = await self.transport.post(content.encode())
            latency = asyncio.get_running_loop().time() - start
        if self.dialect.learn(dialect, response.status, response.content):
            return await self._exchange(request, samples, age, retries)
        reply = self._reply(response)
        if reply.error in TRANSIENT:
            wait = retry_delay(response.retry_after, retries + 1)
            is_servers = bool(response.retry_after)
            self._report(reply, self.pace.failed(epoch, reply.error, wait, is_servers))
            return reply, wait
        if response.status == 200:
            tokens = reply.prompt_tokens + reply.completion_tokens
            self.pace.succeeded(epoch, latency, tokens - estimate)
            self.store.add_cost(self.stage, reply, request.characters)
        elif response.status in CALLER_STATUSES or not self._has_cache_hits:
            self.pace.rejected()
        return reply, 0

    def _unsent(self, error: str, detail: str) -> Reply:
        return Reply(error=error, detail=detail, model=self.config.model)

    def _reply(self, response: Response) -> Reply:
        if not response.status:
            return Reply(error=response.failure)
        reply = parsed(response.status, response.content, self.config.model)
        dollars = self.price.dollars(reply.prompt_tokens, reply.completion_tokens)
        return replace(reply, dollars=dollars)

    def _exhausted_budget(self) -> str:
        """Return the budget as text if nothing of it is left, pending batches included."""
        if self.budget is None:
            return ""
        reserved = self.store.pending_dollars()
        if self.store.spent_dollars() + reserved < self.budget:
            return ""
        batches = f" (${reserved:,.2f} of it reserved for pending batches)" if reserved else ""
        return f"${self.budget:,.2f}{batches}"

    def _report(self, reply: Reply, pause: float) -> None:
        if pause >= NOTICE:
            print(
                f"{self.stage}: {self.transport.url.host} accepts no requests ({reply.error});"
                f" next retry in {pause:.0f} s, the last after {self.config.patience:.0f} s"
                " without a reply",
                file=sys.stderr,
            )


def _with_cost(reply: Reply, other: Reply) -> Reply:
    """Return the reply with the cost of both."""
    return replace(
        reply,
        prompt_tokens=reply.prompt_tokens + other.prompt_tokens,
        completion_tokens=reply.completion_tokens + other.completion_tokens,
        dollars=reply.dollars + other.dollars,
    )


def _corrected(request: Request, reply: Reply) -> Request:
    """Return the request, followed by its malformed answer, if there is one, and a correction."""
    if not reply.text:
        return request
    answer = {"role": "assistant", "content": reply.text}
    correction = {"role": "user", "content": CORRECTION}
    return replace(request, messages=[*request.messages, answer, correction])


def retry_delay(retry_after: float, tries: int) -> float:
    """Return the seconds before a retry: the server's own, or backoff with jitter."""
    if retry_after:
        return min(retry_after, MAX_RETRY_AFTER)
    return backoff(tries) * random.uniform(0.5, 1.0)
