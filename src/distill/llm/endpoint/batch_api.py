"""OpenAI's files and batches endpoints: the words of the protocol, and patience with its faults.

Source: OpenAI's API reference, "Files" and "Batch" (POST /files, GET /files/{id}/content,
POST /batches, GET /batches/{id}, GET /batches).

A line of the input file, and one of the output or error file:

    {"custom_id": "9f86...", "method": "POST", "url": "/v1/chat/completions", "body": {...}}
    {"custom_id": "9f86...", "response": {"status_code": 200, "body": {...}}, "error": null}
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import aiohttp

from distill.errors import BatchError
from distill.llm.endpoint.client import FAULTS, TOLD, Endpoint, address, pause
from distill.llm.endpoint.dialect import parsed
from distill.llm.messages import Reply

REQUESTS, BYTES = 50_000, 200_000_000  # the most that one file may hold
ANSWERED_BY = "/v1/chat/completions"
UNKNOWN = "unknown to the server"
ENDED = {"completed", "failed", "expired", "cancelled", UNKNOWN}
VOID = {400, 404, 422}  # of a refusal that is about what was asked, not about who asks
OUTAGE = 3600.0  # seconds of faults that the wait for a submitted batch outlives
SLOWEST = 250_000  # bytes a second that an upload or a download moves at the least
PAGE = "100"  # batches in one answer of the list
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")

Answer = tuple[int, bytes, float]


@dataclass(frozen=True)
class State:
    """What the server says of one batch; `files` hold its replies and errors, `code` its own."""

    status: str
    done: int
    total: int
    files: tuple[str, ...]
    code: str

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in ENDED


def line(key: str, body: dict[str, Any]) -> bytes:
    """One request of an input file."""
    asked = {"custom_id": key, "method": "POST", "url": ANSWERED_BY, "body": body}
    return json.dumps(asked).encode() + b"\n"


def replies(lines: BinaryIO, model: str) -> Iterator[tuple[str, Reply]]:
    """Yield (key, reply) for each line of an output or error file that can be read."""
    for text in lines:
        try:
            found = json.loads(text)
            key, response = found["custom_id"], found["response"]
            status, content = int(response["status_code"]), json.dumps(response["body"]).encode()
        except (ValueError, LookupError, TypeError):
            continue  # also what never ran: its response is null
        yield str(key), parsed(status, content, model)


class BatchApi:
    """The calls. Each has a deadline and is tried again while the server's fault may pass.

    All raise BatchError where it does not, or where the server refuses.
    """

    def __init__(self, endpoint: Endpoint):
        self.endpoint, self.config = endpoint, endpoint.config

    async def upload(self, lines: BinaryIO) -> str:
        """Upload an input file; return the id that the server gives it."""
        size = lines.seek(0, os.SEEK_END)

        async def once() -> Answer:
            lines.seek(0)
            form = aiohttp.FormData({"purpose": "batch"})
            copy = os.fdopen(os.dup(lines.fileno()), "rb")  # a form closes what it has sent
            form.add_field("file", copy, filename="requests.jsonl")
            with copy:
                return await self._call("POST", "files", size, data=form)

        content = await self._answer("the upload of a batch's file", once, self.config.patience)
        return str(_object(content, "id")["id"])

    async def create(self, file: str) -> str:
        """The id of the one batch that runs this file: it is made only where there is none.

        Where the server's answer did not arrive, or was not noted, an earlier try has made it.
        """
        asked = {
            "input_file_id": file,
            "endpoint": ANSWERED_BY,
            "completion_window": "24h",
            "metadata": {"stage": self.endpoint.stage},
        }

        async def once() -> Answer:
            found = await self._batch_of(file)
            if found is not None:
                return 200, json.dumps(found).encode(), 0
            headers = {"Content-Type": "application/json"}
            return await self._call("POST", "batches", data=json.dumps(asked), headers=headers)

        content = await self._answer("the start of a batch", once, self.config.patience)
        return str(_object(content, "id")["id"])

    async def _batch_of(self, file: str) -> dict[str, Any] | None:
        query = {"limit": PAGE}
        while True:
            what, patience = "the list of batches", self.config.patience
            page = _object(await self._get(what, "batches", patience, query=query), "data")
            for batch in page["data"]:
                if batch.get("input_file_id") == file:
                    return dict(batch)
            if not page["data"] or not page.get("has_more"):
                return None
            query["after"] = page["data"][-1]["id"]

    async def state(self, batch: str) -> State:
        """How far a batch is; UNKNOWN where the server does not know it."""
        what, path = f"the state of batch {batch}", f"batches/{batch}"
        found = _object(await self._get(what, path, OUTAGE, lost=b"{}"))
        counts = found.get("request_counts") or {}
        files = (found.get("output_file_id"), found.get("error_file_id"))
        return State(
            status=str(found.get("status", UNKNOWN)),
            done=int(counts.get("completed") or 0) + int(counts.get("failed") or 0),
            total=int(counts.get("total") or 0),
            files=tuple(str(file) for file in files if file),
            code=_code(found.get("errors")),
        )

    async def download(self, file: str, into: BinaryIO) -> None:
        """Append a file's lines to `into`; a file that the server no longer has is empty."""
        start = into.tell()

        async def once() -> Answer:
            into.seek(start)
            into.truncate()
            return await self._call("GET", f"files/{file}/content", BYTES, into=into)

        await self._answer(f"the download of {file}", once, OUTAGE, lost=b"")
        into.write(b"\n")

    async def _get(
        self,
        what: str,
        path: str,
        patience: float,
        query: Mapping[str, str] | None = None,
        lost: bytes | None = None,
    ) -> bytes:
        async def once() -> Answer:
            return await self._call("GET", path, params=query)

        return await self._answer(what, once, patience, lost)

    async def _call(self, method: str, path: str, size: int = 0, **sent: Any) -> Answer:
        deadline = self.config.timeout + size / SLOWEST
        url = address(self.config.base_url, path)
        return await self.endpoint.call(method, url, deadline, **sent)

    async def _answer(
        self,
        what: str,
        once: Callable[[], Awaitable[Answer]],
        patience: float,
        lost: bytes | None = None,
    ) -> bytes:
        """The content of a good answer; `lost` in the place of one that says 404."""
        now = asyncio.get_running_loop().time
        until, tries = now() + patience, 0
        while True:
            status, content, after = await once()
            if 200 <= status < 300:
                return content
            if status == 404 and lost is not None:
                return lost
            reply = parsed(status, content, "") if status else Reply(error=content.decode())
            tries += 1
            wait = pause(after, tries)
            if reply.error not in FAULTS:
                raise self._refused(what, status, reply)
            if now() + wait > until:
                raise self._failed(what, reply)
            if wait >= TOLD:
                print(
                    f"{self._where(what)}: {reply.error}; the next try is in {wait:.0f} s",
                    file=sys.stderr,
                )
            await asyncio.sleep(wait)

    def _where(self, what: str) -> str:
        return f"{self.endpoint.stage}: {what} at {self.endpoint.url.host}"

    def _refused(self, what: str, status: int, reply: Reply) -> BatchError:
        return BatchError(
            f"{self._where(what)}: {reply.detail}; mend what it refuses, or set batch: false for"
            f" {self.config.model} in llms (params.yaml) where the server knows no batches",
            void=status in VOID,
        )

    def _failed(self, what: str, reply: Reply) -> BatchError:
        return BatchError(
            f"{self._where(what)}: {reply.error} {reply.detail}".rstrip()
            + "; run again when the server answers: what was submitted is then waited for, and"
            " not submitted again"
        )


def _object(content: bytes, *names: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= set(names):
        raise BatchError(
            "the server's answer is not one of OpenAI's batch API; set batch: false for its models"
            " in llms (params.yaml)"
        )
    return found


def _code(errors: Any) -> str:
    """The code of a batch's first error; never its words, which may repeat a message."""
    try:
        code = str(errors["data"][0]["code"])
    except (LookupError, TypeError):
        return ""
    return code if _CODE.fullmatch(code) else ""
