"""Any endpoint that speaks OpenAI's chat completions."""

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

import httpx

from arf.errors import ParamsError
from arf.llm import Reply, Request
from arf.llm.gate import is_inside
from arf.params import OpenAI

RETRIED = {408, 429, 500, 502, 503, 504}
LONGEST_WAIT = 60.0


class Endpoint:
    """A plain client: `concurrency` requests in flight, retries with growing waits.

    A request that fails for good becomes a Reply with `error` set to one of rate_limited,
    timed_out, server_error, refused, unparsable or empty. Raises ParamsError where the key's
    environment variable is not set.
    """

    def __init__(self, config: OpenAI):
        self.config = config
        self.headers = _headers(config)

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request in order; memory does not grow with their number."""
        requests = iter(requests)
        with self._client() as client, ThreadPoolExecutor(self.config.concurrency) as pool:
            ahead: deque[Future[Reply]] = deque(
                pool.submit(self._answer, client, request)
                for request in islice(requests, 2 * self.config.concurrency)
            )
            while ahead:
                reply = ahead.popleft().result()
                for request in islice(requests, 1):
                    ahead.append(pool.submit(self._answer, client, request))
                yield reply

    def _client(self) -> httpx.Client:
        """No redirect is followed, and no proxy of the environment stands before an inside host."""
        limits = httpx.Limits(max_connections=self.config.concurrency)
        return httpx.Client(
            base_url=self.config.base_url,
            headers=self.headers,
            timeout=self.config.timeout,
            limits=limits,
            follow_redirects=False,
            transport=httpx.HTTPTransport(limits=limits) if is_inside(self.config) else None,
        )

    def _answer(self, client: httpx.Client, request: Request) -> Reply:
        reply = Reply(error="server_error")
        for attempt in range(self.config.retries + 1):
            reply, wait = self._try(client, request, 2.0**attempt)
            if not wait or attempt == self.config.retries:
                break
            time.sleep(min(wait, LONGEST_WAIT))
        return reply

    def _try(self, client: httpx.Client, request: Request, wait: float) -> tuple[Reply, float]:
        """Return the reply and the seconds to wait before another attempt, 0 where it is final."""
        body = {
            "model": self.config.model,
            "messages": request.messages,
            "temperature": self.config.temperature,
            "max_tokens": self.config.max_tokens,
        }
        try:
            response = client.post("chat/completions", json=body)
        except httpx.TimeoutException:
            return Reply(error="timed_out"), wait
        except httpx.TransportError:
            return Reply(error="server_error"), wait
        if response.status_code in RETRIED:
            limited = response.status_code == 429
            asked = response.headers.get("retry-after", "")
            return (
                Reply(error="rate_limited" if limited else "server_error"),
                float(asked) if asked.replace(".", "", 1).isdigit() else wait,
            )
        if not response.is_success:
            return Reply(error="refused"), 0
        return _parsed(response), 0


def _headers(config: OpenAI) -> dict[str, str]:
    if config.api_key_env is None:
        return {}
    key = os.environ.get(config.api_key_env)
    if not key:
        raise ParamsError(
            f"the environment variable {config.api_key_env} is not set; it must hold the key of"
            f" {config.base_url} (params.yaml, api_key_env of {config.model})"
        )
    return {"Authorization": f"Bearer {key}"}


def _parsed(response: httpx.Response) -> Reply:
    try:
        body: dict[str, Any] = response.json()
        choice = body["choices"][0]
        text = choice["message"]["content"]
        usage = body.get("usage") or {}
    except (ValueError, LookupError, TypeError):
        return Reply(error="unparsable")
    if not text:
        return Reply(error="empty")
    return Reply(
        text=text,
        truncated=choice.get("finish_reason") == "length",
        prompt_tokens=usage.get("prompt_tokens", 0),
        completion_tokens=usage.get("completion_tokens", 0),
    )
