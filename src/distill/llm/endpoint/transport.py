"""HTTP to one endpoint: connections, authentication, deadlines, Retry-After."""

import asyncio
import math
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

from distill.errors import ParamsError
from distill.llm.endpoint.hosts import is_inside
from distill.llm.settings import OpenAI

CONNECT_TIMEOUT = 10.0  # seconds
CLOSED = "connection closed"


@dataclass(frozen=True)
class Response:
    """An HTTP response or, with status 0, the ledger's reason (`failure`) why there is none.

    `retry_after` holds the seconds that the server asks to wait, 0 if it does not; `detail` says
    more of a failure, after which the model may have answered all the same (`is_paid`).
    """

    status: int
    content: bytes = b""
    retry_after: float = 0.0
    failure: str = ""
    detail: str = ""
    is_paid: bool = False


class Transport:
    """Posts JSON to one address. Raises ParamsError if a key's environment variable is unset."""

    def __init__(self, config: OpenAI, path: str):
        self.config = config
        self.headers = headers(config)
        self.url = _address(config.base_url, path)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        """Hold connections open; requests to an inside host bypass the environment's proxies."""
        async with aiohttp.ClientSession(
            headers=self.headers,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
            trust_env=not is_inside(self.config),
        ) as self._http:
            yield

    async def post(self, body: bytes) -> Response:
        """Post a JSON body; redirects are not followed, since no gate has checked their host."""
        content_type = {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(self.config.timeout),
                self._http.post(
                    self.url, data=body, headers=content_type, allow_redirects=False
                ) as response,
            ):
                content = await response.read()
                wait, where = retry_after(response.headers), self._led_to(response)
                return Response(response.status, content, wait, detail=where)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            return Response(0, failure="unreachable", detail=self._nobody_answers(error))
        except TimeoutError:
            return Response(0, failure="timed_out", is_paid=True)
        except aiohttp.ClientPayloadError:  # its status had come
            return Response(0, failure="server_error", detail="reply cut off", is_paid=True)
        except aiohttp.ClientResponseError:
            return Response(0, failure="unreachable", detail=f"no HTTP at {self._shown_address()}")
        except aiohttp.ClientError as error:
            is_closed = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)
            detail = CLOSED if is_closed else ""
            return Response(0, failure="server_error", detail=detail)

    def _nobody_answers(self, error: Exception) -> str:
        cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", error)
        number = getattr(cause, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else getattr(cause, "strerror", None)
        if isinstance(cause, ssl.SSLError):
            is_plain = cause.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
            found = "the server speaks http" if is_plain else str(cause.reason)
            reason = f"no TLS, {found}".replace("_", " ")
        return self.silent(str(reason or "no connection").lower())

    def silent(self, reason: str) -> str:
        """Say that nobody answers, and why."""
        return f"nobody answers at {self._shown_address()} ({reason})"

    def _led_to(self, response: aiohttp.ClientResponse) -> str:
        """Return where a redirect leads, "" without one.

        Another path is not told: a server may repeat what it was asked in it.
        """
        target = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
        try:
            found = self.url.join(URL(target))
            is_same = found.path.strip("/") == self.url.path.strip("/")
            shown = found.origin() if not is_same else found.with_user(None).with_query(None)
        except ValueError:
            return ""
        return f"leads to {shown}" if target else ""

    def _shown_address(self) -> URL:
        return self.url.with_user(None).with_query(None)


def headers(config: OpenAI) -> dict[str, str]:
    """Return the headers that the config asks for, with keys read from the environment."""
    found = {name: _header(config, name, value) for name, value in config.headers.items()}
    if config.api_key_env is not None:
        key = _variable(config, config.api_key_env, "api_key_env")
        is_bearer = config.api_key_header == "Authorization"
        found[config.api_key_header] = f"Bearer {key}" if is_bearer else key
    return found


def _header(config: OpenAI, name: str, value: str) -> str:
    return _variable(config, value[1:], f"headers.{name}") if value.startswith("$") else value


def _variable(config: OpenAI, name: str, where: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ParamsError(
            f"the environment variable {name} is not set; it must hold what {config.base_url}"
            f" asks for (params.yaml, {where} of {config.model})"
        )
    return value


def _address(base_url: str, path: str) -> URL:
    """Return the URL of an API path; a query in `base_url` stays at the end."""
    url = URL(base_url)
    return url.with_path(f"{url.raw_path.rstrip('/')}/{path}", encoded=True).with_query(url.query)


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds of a Retry-After header, 0 if it is missing or malformed."""
    value = headers.get("Retry-After", "")
    try:
        seconds = float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else 0.0
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
