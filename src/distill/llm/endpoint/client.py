"""One endpoint: every request ends in a reply, by its deadline and within the budget."""

import asyncio
import itertools
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO

import aiohttp
from yarl import URL

from distill.errors import ParamsError
from distill.llm.endpoint.dialect import Dialect, body, parsed
from distill.llm.endpoint.hosts import is_inside
from distill.llm.endpoint.pace import Pace, Rate, backoff
from distill.llm.messages import Reply, Request, settled
from distill.llm.settings import OpenAI, Price
from distill.llm.store import Store

FAULTS = {"rate_limited", "server_error", "timed_out", "unparsable"}  # of a response: may pass
SPOILT = {"empty", "unparsable"}  # of an answer: is asked for once more
PATIENT = 5  # times as many retries where the server says "later"
ASKER = {401, 402, 404, 429}  # of a refusal that is about key, purse or model, and not a row
PIECE = 2**20  # bytes of a download in memory
TOKEN = 4  # characters, as far as is known before the reply
FREE = Price(prompt=0, completion=0)
LONGEST_ASKED = 900.0  # seconds that a server may ask to wait
TOLD = 5.0  # seconds of waiting that a user is told about
AGAIN = "This is not in the form that was asked for. Answer again, in that form, and nothing else."


class Endpoint:
    """A client of one model for one stage.

    What may pass is tried again with growing waits, while other requests go on: up to `retries`
    times where others meanwhile have replies, and otherwise while there is `patience`. Raises
    ParamsError where a key's environment variable is not set.
    """

    def __init__(
        self, config: OpenAI, stage: str, store: Store, price: Price, budget: float | None
    ):
        self.config, self.stage, self.store = config, stage, store
        self.model = config.model
        self.price, self.budget = price, budget
        self.headers = _headers(config)
        self.url = address(config.base_url, "chat/completions")
        self.dialect = Dialect()
        self._rates = Rate(config.requests_per_minute), Rate(config.tokens_per_minute)
        self._ages = itertools.count()
        self._is_known = False  # to take such requests as it is asked

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Connections, for as long as requests run, and a pace that is found out anew.

        No proxy of the environment stands before an inside host.
        """
        self.pace = Pace(self.config.concurrency, *self._rates, self.config.patience)
        self.resting = 0  # requests that wait before they are tried again
        async with aiohttp.ClientSession(
            headers=self.headers,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=not is_inside(self.config),
        ) as self._http:
            yield

    def found(self) -> None:
        """Note that a reply of before is kept: what is refused now may be refused for its words."""
        self._is_known = True

    async def answer(self, request: Request) -> Reply:
        """Ask until there is an answer, or no use in asking on; its cost is that of all tries."""
        age, tries, spoilt, asked = next(self._ages), 0, 0, request
        spent, others = Reply(), self.pace.replies
        while True:
            reply, wait = await self._samples(asked, age, tries)
            spent = _sum(spent, reply)
            found = settled(request, reply)
            problem = found.error
            if reply.error in FAULTS and not self.pace.given_up:
                tries += 1
                limit = self.config.retries * (PATIENT if reply.error == "rate_limited" else 1)
                if tries > limit and self.pace.replies > others:
                    break  # others have replies since: it is this request that has none
                self.resting += 1
                await asyncio.sleep(wait)
                self.resting -= 1
            elif problem in SPOILT and not spoilt:
                spoilt += 1
                asked = _corrected(request, reply)
            else:
                break
        if problem == "truncated":  # it was paid for, so it is cached as it is
            found = reply
        return replace(
            found,
            prompt_tokens=spent.prompt_tokens,
            completion_tokens=spent.completion_tokens,
            dollars=spent.dollars,
        )

    async def _samples(self, request: Request, age: int, tries: int) -> tuple[Reply, float]:
        """All samples that are wanted, also from a server that gives one at a time."""
        reply, wait = await self._exchange(request, request.samples, age, tries)
        while not reply.error and len(reply.texts) < request.samples:
            missing = request.samples - len(reply.texts)
            more, wait = await self._exchange(request, missing, age, tries)
            reply = replace(
                _sum(more, reply),
                text=reply.text,
                more=(*reply.more, *more.texts),
                logprobs=reply.logprobs,
                truncated=reply.truncated or more.truncated,
            )
        return reply, wait

    async def _exchange(
        self, request: Request, samples: int, age: int, tries: int
    ) -> tuple[Reply, float]:
        """One request and its reply, with the seconds to wait before it is tried again."""
        characters = sum(len(message["content"]) for message in request.messages)
        tokens = characters / TOKEN + samples * self.config.max_tokens
        async with self.pace.turn(age, tokens) as era:
            if self.pace.given_up:
                return Reply(error=self.pace.given_up, detail="not sent", model=self.model), 0
            if spent := self._spent():
                return Reply(error="over_budget", detail=spent, model=self.model), 0
            began = asyncio.get_running_loop().time()
            spoken = replace(self.dialect)
            status, content, after = await self.call(
                "POST",
                self.url,
                self.config.timeout,
                data=json.dumps(body(self.config, request, spoken, samples)).encode(),
                headers={"Content-Type": "application/json"},
            )
            seconds = asyncio.get_running_loop().time() - began
        if self.dialect.learn(spoken, status, content):
            return await self._exchange(request, samples, age, tries)
        reply = parsed(status, content, self.model) if status else Reply(error=content.decode())
        if reply.error in FAULTS:
            wait = pause(after, tries + 1)
            self._tell(reply.error, self.pace.refused(era, reply.error, wait, asked=bool(after)))
            return reply, wait
        if status == 200:
            self.pace.taken(era, seconds, reply.prompt_tokens + reply.completion_tokens - tokens)
            reply = replace(
                reply, dollars=self.price.dollars(reply.prompt_tokens, reply.completion_tokens)
            )
            self.store.pay(self.stage, reply, characters)
        elif status in ASKER or not self._is_known:
            self.pace.wrong()
        return reply, 0

    def _spent(self) -> str:
        """The budget, where nothing of it is left beside what waiting batches may cost."""
        if self.budget is None:
            return ""
        reserved = self.store.pending_dollars()
        if self.store.dollars() + reserved < self.budget:
            return ""
        batches = f" (with ${reserved:,.2f} for batches that are not here yet)" if reserved else ""
        return f"${self.budget:,.2f}{batches}"

    async def call(
        self, method: str, url: URL, timeout: float, into: BinaryIO | None = None, **sent: Any
    ) -> tuple[int, bytes, float]:
        """Status, content and Retry-After in seconds; status 0 and a reason without a response.

        The content of a good response is written to `into` where that is given. What is `sent` is
        aiohttp's: data, headers.
        """
        try:
            async with (
                asyncio.timeout(timeout),
                self._http.request(method, url, allow_redirects=False, **sent) as response,
            ):
                if into is not None and response.status == 200:
                    async for piece in response.content.iter_chunked(PIECE):
                        into.write(piece)
                return response.status, await response.read(), _retry_after(response.headers)
        except TimeoutError:
            return 0, b"timed_out", 0
        except aiohttp.ClientError:
            return 0, b"server_error", 0

    def _tell(self, reason: str, wait: float) -> None:
        if wait >= TOLD:
            print(
                f"{self.stage}: {self.url.host} takes nothing ({reason}); the next try is in"
                f" {wait:.0f} s, the last after {self.config.patience:.0f} s without a reply",
                file=sys.stderr,
            )


def _sum(first: Reply, second: Reply) -> Reply:
    """The first reply with what both cost."""
    return replace(
        first,
        prompt_tokens=first.prompt_tokens + second.prompt_tokens,
        completion_tokens=first.completion_tokens + second.completion_tokens,
        dollars=first.dollars + second.dollars,
    )


def _corrected(request: Request, reply: Reply) -> Request:
    """The request, with the answer that could not be used where there is one."""
    if not reply.text:
        return request
    said = [{"role": "assistant", "content": reply.text}, {"role": "user", "content": AGAIN}]
    return replace(request, messages=[*request.messages, *said])


def _headers(config: OpenAI) -> dict[str, str]:
    found = {name: _secret(config, name, value) for name, value in config.headers.items()}
    if config.api_key_env is not None:
        key = _variable(config, config.api_key_env, "api_key_env")
        bearer = config.api_key_header == "Authorization"
        found[config.api_key_header] = f"Bearer {key}" if bearer else key
    return found


def _secret(config: OpenAI, name: str, value: str) -> str:
    return _variable(config, value[1:], f"headers.{name}") if value.startswith("$") else value


def _variable(config: OpenAI, name: str, where: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ParamsError(
            f"the environment variable {name} is not set; it must hold what {config.base_url}"
            f" asks for (params.yaml, {where} of {config.model})"
        )
    return value


def address(base_url: str, path: str) -> URL:
    """The address of one of the API's paths; what follows a "?" in `base_url` stays behind it."""
    url = URL(base_url)
    return url.with_path(f"{url.raw_path.rstrip('/')}/{path}", encoded=True).with_query(url.query)


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks to wait, 0 where it does not say or cannot be read."""
    asked = headers.get("Retry-After", "")
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def pause(after: float, tries: int) -> float:
    """Seconds until another try: as the server asks, or growing and never quite the same."""
    return min(after, LONGEST_ASKED) if after else backoff(tries) * random.uniform(0.5, 1.0)
