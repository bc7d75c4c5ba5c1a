"""Files and batches of OpenAI's API, by the openai SDK.

Retries and deadlines are ours: the SDK stops after a number of tries, where a paid batch must
outlive an hour's outage; it would create a second batch where the response to the first was lost;
and its timeout is per read, which a server that sends a byte a minute never meets.
"""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, BinaryIO, TypeVar

from yarl import URL

from distill.errors import BatchError
from distill.llm.endpoint.batch_file import BYTES, COMPLETIONS
from distill.llm.endpoint.client import NOTICE, TRANSIENT, Endpoint, retry_delay
from distill.llm.endpoint.hosts import is_inside
from distill.llm.endpoint.responses import parsed
from distill.llm.endpoint.transport import headers, retry_after
from distill.llm.messages import Reply
from distill.llm.settings import OpenAI

UNKNOWN = "unknown to the server"
FINAL = {"completed", "failed", "expired", "cancelled", UNKNOWN}  # statuses
INVALID = {400, 404, 422}  # rejections of a request as such, and not of its sender
OUTAGE = 3600.0  # seconds of failures that the wait for a submitted batch tolerates
MIN_BANDWIDTH = 250_000  # bytes per second of an upload or a download
CHUNK = 2**20  # bytes of a download in memory
PAGE = 100  # batches per page of the list
DELETIONS = 3  # attempts to delete a file
LONGEST_DELAY = 5.0  # seconds between two of them
STANDARD_HEADERS = {"accept", "content-length", "content-type", "host", "transfer-encoding"}
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")

T = TypeVar("T")


@dataclass(frozen=True)
class State:
    """The state of one batch; `files` hold its replies and errors, `code` is its error's."""

    status: str
    done: int = 0
    total: int = 0
    files: tuple[str, ...] = ()
    code: str = ""

    @property
    def is_final(self) -> bool:
        """Whether the batch has ended, well or not."""
        return self.status in FINAL


@asynccontextmanager
async def connected(endpoint: Endpoint) -> AsyncIterator["BatchApi"]:
    """Hold connections open. The SDK is loaded here, since every stage would load it for 0.5 s."""
    sdk = import_module("openai")
    async with _client(sdk, endpoint.config) as client:
        yield BatchApi(endpoint, sdk, client)


def _client(sdk: Any, config: OpenAI) -> Any:
    """Return a client that sends the config's headers only: none of OPENAI_* variables."""
    url, own = URL(config.base_url), headers(config)

    async def set_headers(request: Any) -> None:
        for name in set(request.headers) - STANDARD_HEADERS:
            del request.headers[name]
        request.headers.update(own)

    return sdk.AsyncOpenAI(
        api_key="unused",
        base_url=str(url.with_query(None)),
        default_query=dict(url.query),
        max_retries=0,
        http_client=sdk.DefaultAsyncHttpxClient(
            event_hooks={"request": [set_headers]},
            follow_redirects=False,
            timeout=None,
            trust_env=not is_inside(config),
        ),
    )


class BatchApi:
    """The calls. Each has a deadline, and transient failures are retried.

    All raise BatchError when the retries end, or when the server rejects the request.
    """

    def __init__(self, endpoint: Endpoint, sdk: Any, client: Any):
        self.stage, self.config, self.client = endpoint.stage, endpoint.config, client
        self.host = endpoint.transport.url.host
        # a download that breaks off raises an error of the SDK's HTTP library
        self._errors = (TimeoutError, sdk.APIError, import_module("httpx2").HTTPError)

    async def upload(self, lines: BinaryIO) -> str:
        """Upload an input file from disk; return its id."""
        size = lines.seek(0, os.SEEK_END)

        async def send() -> str:
            lines.seek(0)
            file = ("requests.jsonl", lines)
            created = self.client.files.create(file=file, purpose="batch")
            return _text((await self._timed(created, size)).id)

        return await self._retried("the upload of a batch's file", send, self.config.patience)

    async def create(self, file: str) -> str:
        """Return the id of the batch of this input file, which is created unless it exists.

        An earlier attempt may have created it, if the response was lost or not recorded.
        """

        async def send() -> str:
            if existing := await self._find(file):
                return existing
            created = self.client.batches.create(
                input_file_id=file,
                endpoint=COMPLETIONS,
                completion_window="24h",
                metadata={"stage": self.stage},
            )
            return _text((await self._timed(created)).id)

        return await self._retried("the start of a batch", send, self.config.patience)

    async def _find(self, file: str) -> str | None:
        page: Any = None

        async def send() -> list[str]:
            nonlocal page
            batches = page.get_next_page() if page else self.client.batches.list(limit=PAGE)
            page = await self._timed(batches)
            return [
                _text(batch.id)
                for batch in page.data
                if batch.input_file_id == file and batch.status not in ("failed", "cancelled")
            ]

        while page is None or page.has_next_page():
            found = await self._retried("the list of batches", send, self.config.patience)
            if found:
                return found[0]
        return None

    async def state(self, batch: str) -> State:
        """Return the state of a batch, UNKNOWN if the server has lost it."""

        async def send() -> State:
            found = await self._timed(self.client.batches.retrieve(batch))
            counts = found.request_counts
            files = (found.output_file_id, found.error_file_id)
            return State(
                status=_text(found.status),
                done=(counts.completed or 0) + (counts.failed or 0) if counts else 0,
                total=counts.total or 0 if counts else 0,
                files=tuple(str(file) for file in files if file),
                code=_code(found.errors),
            )

        lost = State(UNKNOWN)
        return await self._retried(f"the state of batch {batch}", send, OUTAGE, missing=lost)

    async def download(self, file: str, into: BinaryIO) -> None:
        """Append a file's lines to `into`; none if the server no longer has the file."""
        start = into.tell()

        async def send() -> bool:
            into.seek(start)
            into.truncate()
            await self._timed(self._stream(file, into), BYTES)
            return True

        await self._retried(f"the download of {file}", send, OUTAGE, missing=False)
        into.write(b"\n")

    async def _stream(self, file: str, into: BinaryIO) -> None:
        async with self.client.files.with_streaming_response.content(file) as response:
            async for chunk in response.iter_bytes(CHUNK):
                into.write(chunk)

    async def delete(self, file: str) -> str:
        """Delete a file; return why the server may still have it, "" if it has it no more."""
        reason, delay = "", 0.0
        for tries in range(1, DELETIONS + 1):
            await asyncio.sleep(min(delay, LONGEST_DELAY))
            try:
                found = await self._timed(self.client.files.delete(file))
                return "" if found.deleted is True else "it does not say that it did"
            except self._errors as error:
                status, reply, wait = _failure(error)
            except (AttributeError, TypeError, ValueError):
                return "the response is not one of OpenAI's API"
            if status == 404:
                return ""
            reason, delay = reply.detail or reply.error, retry_delay(wait, tries)
            if reply.error not in TRANSIENT:
                break
        return reason

    async def _timed(self, call: Awaitable[Any], size: int = 0) -> Any:
        async with asyncio.timeout(self.config.timeout + size / MIN_BANDWIDTH):
            return await call

    async def _retried(
        self,
        action: str,
        send: Callable[[], Awaitable[T]],
        patience: float,
        missing: T | None = None,
    ) -> T:
        """Return what `send` returns, or `missing`, if given, where the server answers 404."""
        now = asyncio.get_running_loop().time
        start, tries = now(), 0
        deadline = start + patience
        name = f"{self.stage}: {action} at {self.host}"
        while True:
            try:
                return await send()
            except self._errors as error:
                status, reply, wait = _failure(error)
            except (AttributeError, TypeError, ValueError) as error:
                raise self._incompatible(name) from error
            if status == 404 and missing is not None:
                return missing
            if reply.error not in TRANSIENT:
                raise self._rejected(name, status, reply)
            tries += 1
            delay = retry_delay(wait, tries)
            if reply.error == "rate_limited":  # such as a full queue, which others empty
                deadline = max(deadline, start + OUTAGE)
            if now() + delay > deadline:
                raise _exhausted(name, reply)
            if delay >= NOTICE:
                print(f"{name}: {reply.error}; next retry in {delay:.0f} s", file=sys.stderr)
            await asyncio.sleep(delay)

    def _rejected(self, name: str, status: int, reply: Reply) -> BatchError:
        return BatchError(
            f"{name}: {reply.detail}; correct what the server rejects, or set batch: false for"
            f" {self.config.model} in endpoints (params.yaml) if the server has no batch API",
            void=status in INVALID,
        )

    def _incompatible(self, name: str) -> BatchError:
        return BatchError(
            f"{name}: the response is not one of OpenAI's batch API; set batch: false for"
            f" {self.config.model} in endpoints (params.yaml)"
        )


def _exhausted(name: str, reply: Reply) -> BatchError:
    return BatchError(
        f"{name}: {reply.error} {reply.detail}".rstrip()
        + "; run again when the server answers: a submitted batch is then waited for, and not"
        " submitted again"
    )


def _failure(error: Exception) -> tuple[int, Reply, float]:
    """Return the HTTP status (0 without a response), the failure and Retry-After in seconds."""
    response: Any = getattr(error, "response", None)
    if response is None:
        reason = "timed_out" if isinstance(error, TimeoutError) else "server_error"
        return 0, Reply(error=reason), 0.0
    status = response.status_code
    return status, parsed(status, response.content, "").reply, retry_after(response.headers)


def _text(value: Any) -> str:
    """Return a required value of a response, which the SDK sets to None if it is missing."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _code(errors: Any) -> str:
    """Return the code of a batch's first error, without its text, which may quote a message."""
    code = str(getattr(errors.data[0], "code", "")) if errors and errors.data else ""
    return code if _CODE.fullmatch(code) else ""
