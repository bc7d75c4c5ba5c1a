"""Client of one endpoint: each request ends in a reply, within its retries and the budget."""

import asyncio
import itertools
import json
import math
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from distill.llm.endpoint.dialect import Dialect, Trial, body, mentioned
from distill.llm.endpoint.limits import SharedRateLimit
from distill.llm.endpoint.pace import Pace, backoff
from distill.llm.endpoint.responses import CHARACTERS_PER_TOKEN, Refusal, Response, parsed
from distill.llm.endpoint.transport import CLOSED, Transport
from distill.llm.endpoint.transport import Response as HTTPResponse
from distill.llm.messages import Reply, Request, settled
from distill.llm.settings import OpenAI, Price
from distill.llm.store import Store
from distill.llm.wrappers import without_reasoning

TRANSIENT = {"rate_limited", "server_error", "timed_out", "unparsable", "unreachable"}  # faults
MALFORMED = {"empty", "unparsable"}  # faults of an answer, which is asked for once more
RATE_LIMIT_FACTOR = 5  # times as many retries for a 429, since the server says "later"
CALLER_STATUSES = {401, 402, 404, 429}  # auth, billing or model errors, which affect every request
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
        self._taken: set[str] = set()  # parameters of accepted requests
        self.trouble = ""  # detail of the last fault
        self.asked: set[str] = set()  # rows with a malformed reply from a batch, a second ask next
        name = f"{config.base_url} {config.model}"
        self._rate_limits = (
            SharedRateLimit(config.requests_per_minute, store, f"{name} requests"),
            SharedRateLimit(config.tokens_per_minute, store, f"{name} tokens"),
        )
        self._ages = itertools.count()
        self._has_cache_hits = False
        self._has_warned = False

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Hold connections open, with a new congestion window."""
        self.pace = Pace(self.config.concurrency, *self._rate_limits, self.config.patience)
        self.backing_off = 0  # requests that wait before a retry
        self._stopped = asyncio.Event()
        async with self.transport.session():
            yield

    def stop(self) -> None:
        """Send nothing more; requests in flight end, and those that wait before a retry do not."""
        self.pace.stop()
        self._stopped.set()

    def note_cache_hit(self) -> None:
        """Record that the model has answered before: a rejection may then be about one prompt."""
        self._has_cache_hits = True

    async def answer(self, request: Request) -> Reply:
        """Return the reply to a request, with the cost of all its tries."""
        age, retries, current = next(self._ages), 0, request
        corrections = 1 if request.id in self.asked else 0
        cost, earlier_replies = Reply(calls=0), self.pace.replies
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
            calls=cost.calls,
        )

    def _is_exhausted(self, reply: Reply, retries: int, earlier_replies: int) -> bool:
        """Whether the retries are used up, while other requests have succeeded."""
        factor = RATE_LIMIT_FACTOR if reply.error == "rate_limited" else 1
        return retries > self.config.retries * factor and self.pace.replies > earlier_replies

    async def _back_off(self, seconds: float) -> None:
        self.backing_off += 1
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), seconds)
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
        """Send one request; return its reply and the seconds to wait before a retry.

        A request that is refused for a parameter is sent again without it.
        """
        trial = Trial(self.dialect)
        while True:
            reply, wait, refusal, sent = await self._send(request, samples, age, retries, trial)
            if refusal is None or not trial.goes_on(refusal, sent, self.dialect):
                break
        if refusal is None and reply.calls and reply.error not in TRANSIENT:
            self._adopt(trial)
            self._taken |= sent.keys()
        elif refusal is not None and reply.error not in TRANSIENT:
            self._count_rejection(refusal)
            detail = f"{reply.detail} {mentioned(refusal, sent)}".rstrip()
            reply = replace(reply, detail=detail)
        return reply, wait

    async def _send(
        self, request: Request, samples: int, age: int, retries: int, trial: Trial
    ) -> tuple[Reply, float, Refusal | None, dict[str, Any]]:
        estimate = request.characters / CHARACTERS_PER_TOKEN + samples * self.config.max_tokens
        async with self.pace.slot(age, estimate) as epoch:
            if self.pace.tripped:
                detail = self.trouble if self.pace.tripped == "unreachable" else "not sent"
                return self._unsent(self.pace.tripped, detail), 0, None, {}
            if exhausted := self._exhausted_budget():
                return self._unsent("over_budget", exhausted), 0, None, {}
            start = asyncio.get_running_loop().time()
            sent = body(self.config, request, trial.following(self.dialect), samples)
            response = await self.transport.post(json.dumps(sent).encode())
            latency = asyncio.get_running_loop().time() - start
        if not response.status:
            reply, refusal = self._lost(response, request), None
        else:
            found = parsed(response.status, response.content, self.config.model)
            reply, refusal = self._paid(found, request), found.refusal
            if response.detail:
                reply = replace(reply, detail=f"{reply.detail} {response.detail}")
        if reply.calls:
            self.store.add_cost(self.stage, reply, request.characters)
        if reply.error in TRANSIENT:
            self.trouble = reply.detail
            wait = retry_delay(response.retry_after, retries + 1)
            is_servers = bool(response.retry_after)
            self._report(reply, self.pace.failed(epoch, reply.error, wait, is_servers))
            return reply, wait, refusal, sent
        if refusal is None:
            tokens = reply.prompt_tokens + reply.completion_tokens
            self.pace.succeeded(epoch, latency, tokens - estimate)
        return reply, 0, refusal, sent

    def _count_rejection(self, refusal: Refusal) -> None:
        if refusal.status in CALLER_STATUSES or not self._has_cache_hits:
            self.pace.rejected()

    def _adopt(self, trial: Trial) -> None:
        """Use the dialect of an accepted request for all others, and say so once.

        A parameter that the server has taken in another request was refused for the row's sake.
        """
        learned = Dialect(self.dialect.without | (trial.dialect.without - self._taken))
        if changes := learned.changes(self.dialect):
            self.dialect = learned
            print(
                f"{self.stage}: {self.transport.url.host} refuses a parameter: {changes} from now"
                " on",
                file=sys.stderr,
            )

    def _unsent(self, error: str, detail: str) -> Reply:
        return Reply(error=error, detail=detail, model=self.config.model, calls=0)

    def _lost(self, lost: HTTPResponse, request: Request) -> Reply:
        """Return a reply that did not come; its prompt counts where the model may have answered.

        A server that only hangs up, and never replied, is none.
        """
        if lost.detail == CLOSED and not self.pace.replies:
            return self._unsent("unreachable", self.transport.silent(CLOSED))
        reply = self._unsent(lost.failure, lost.detail)
        return self._priced(replace(reply, calls=1), request) if lost.is_paid else reply

    def _paid(self, response: Response, request: Request) -> Reply:
        """Return a response's reply with its cost, by its length where tokens are not counted."""
        if response.refusal is not None:
            return response.reply
        if not (response.has_usage or response.reply.error or self._has_warned):
            self._has_warned = True
            print(
                f"{self.stage}: {self.transport.url.host} does not say how many tokens a reply"
                f" takes: they are reckoned, {CHARACTERS_PER_TOKEN} characters each",
                file=sys.stderr,
            )
        return self._priced(response.reply, request)

    def _priced(self, reply: Reply, request: Request) -> Reply:
        return priced(reply, request.characters, self.price)

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
        calls=reply.calls + other.calls,
    )


def priced(reply: Reply, characters: int, price: Price) -> Reply:
    """Return a reply with its dollars; a prompt without a count of tokens costs by its length."""
    prompt = reply.prompt_tokens or math.ceil(characters / CHARACTERS_PER_TOKEN)
    dollars = price.dollars(prompt, reply.completion_tokens)
    return replace(reply, prompt_tokens=prompt, dollars=dollars)


def _corrected(request: Request, reply: Reply) -> Request:
    """Return the request, followed by its malformed answer, if there is one, and a correction."""
    if not (text := without_reasoning(reply.text)):
        return request
    answer = {"role": "assistant", "content": text}
    correction = {"role": "user", "content": CORRECTION}
    return replace(request, messages=[*request.messages, answer, correction])


def retry_delay(retry_after: float, tries: int) -> float:
    """Return the seconds before a retry: the server's own, or backoff with jitter."""
    if retry_after:
        return min(retry_after, MAX_RETRY_AFTER)
    return backoff(tries) * random.uniform(0.5, 1.0)
