"""A chat completions endpoint on one core, with faults on demand: python server.py <core>

Prints its port, then answers until it is killed. Its replies depend on the prompt alone, so every
answer can be checked; which request meets which fault depends on `seed`, the row and how often it
was asked. Written on asyncio's protocols, without a web framework, to stay faster than any client.

    POST /v1/chat/completions
    POST /configure    {"latency": 0.1, "faults": {"429": 0.1}, ...}: see Config; counts restart
    GET  /stats        the counts
    GET  /wait/1000    the counts, once so many requests had a good answer, or after WAIT seconds
"""

import asyncio
import hashlib
import json
import os
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ROW = re.compile(r"order 07-(\d{7})")
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
GARBAGE = b'<html><body>upstream connect error</body></html>{"choices": ['
WAIT = 0.5
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Config:
    """`faults` maps a kind to its share of the requests, `broken` rows never get an answer.

    The kinds: 429, 500, hang (accepted, never answered; only the first time that a row is asked, so
    that one deadline can be enough), empty (no content), length (cut off, with that finish_reason)
    and garbage (a body that is no JSON). `retry_after` goes with every 429.
    """

    latency: float = 0.0
    faults: dict[str, float] = field(default_factory=dict)
    retry_after: int | None = None
    broken: list[int] = field(default_factory=list)
    seed: int = 4


def answer(prompt: str) -> str:
    """Return the one right answer to a prompt."""
    row, digest = _row(prompt), zlib.crc32(prompt.encode())
    return (
        f"<ul><li>Customer asks where order {row} is</li><li>Customer wants the money back</li>"
        f"<li>Customer gives the reference {digest}</li></ul>"
    )


def _row(prompt: str) -> int:
    found = ROW.search(prompt)
    return int(found[1]) if found else -1


class Endpoint:
    """The settings and the counts, shared by all connections."""

    def __init__(self) -> None:
        self.waiting: tuple[int, Callable[[], None]] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.configure({})

    def configure(self, values: dict[str, Any]) -> None:
        """Take other settings and forget what was counted."""
        self.config = Config(**values)
        self.asked: Counter[int] = Counter()  # requests by prompt
        self.good: set[int] = set()  # prompts that had a good answer
        self.counts: Counter[str] = Counter()
        self.open = 0

    def fault(self, row: int, attempt: int) -> str:
        """Draw a kind of fault, or "" for none."""
        if row in self.config.broken:
            return "500"
        drawn = hashlib.blake2b(f"{self.config.seed} {row} {attempt}".encode(), digest_size=6)
        share = int.from_bytes(drawn.digest(), "big") / 2**48
        for kind, part in self.config.faults.items():
            if share < part:
                return "" if kind == "hang" and attempt > 1 else kind
            share -= part
        return ""

    def take(self, prompt: str) -> str:
        """Count a request; return the fault that it is to meet."""
        key = hash(prompt)
        self.asked[key] += 1
        self.open += 1
        self.counts["requests"] += 1
        self.counts["again"] += key in self.good
        self.counts["most_open"] = max(self.counts["most_open"], self.open)
        return self.fault(_row(prompt), self.asked[key])

    def done(self, prompt: str, fault: str) -> None:
        """Count a request that was answered, with or without a fault."""
        self.open -= 1
        if fault:
            self.counts[fault] += 1
            return
        self.counts["good"] += 1
        self.good.add(hash(prompt))
        if self.waiting and self.waiting[0] <= self.counts["good"]:
            self.release()

    def wait(self, count: int, tell: Callable[[], None]) -> None:
        """Call `tell` once so many answers were good, or after WAIT seconds."""
        self.waiting = (count, tell)
        if self.counts["good"] >= count:
            self.release()
        else:
            self.timer = asyncio.get_running_loop().call_later(WAIT, self.release)

    def release(self) -> None:
        """Tell whoever waits."""
        if self.timer:
            self.timer.cancel()
        if self.waiting:
            self.waiting[1]()
        self.waiting = self.timer = None

    def lost(self) -> None:
        """Count a request whose client went away."""
        self.open -= 1
        self.counts["abandoned"] += 1

    def stats(self) -> bytes:
        """The counts as JSON."""
        names = ("requests", "good", "again", "abandoned", "most_open")
        return json.dumps({**dict.fromkeys(names, 0), **self.counts}).encode()


class Connection(asyncio.Protocol):
    """One client's connection: one request at a time."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.received = b""
        self.prompt: str | None = None  # of the request that is not yet answered
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport: Any = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Notice an answer that nobody waits for."""
        if self.timer:
            self.timer.cancel()
        if self.prompt is not None:
            self.endpoint.lost()

    def data_received(self, data: bytes) -> None:
        """Route a request once it has come in whole."""
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.received[:end]
        length = LENGTH.search(head)
        size = end + 4 + (int(length[1]) if length else 0)
        if len(self.received) < size:
            return
        body, self.received = self.received[end + 4 : size], self.received[size:]
        self.route(head.split(b" ", 2)[1].decode(), body)

    def route(self, path: str, body: bytes) -> None:
        """Answer a control's request now, a model's after the latency."""
        if path.endswith("/chat/completions"):
            messages = json.loads(body)["messages"]
            if not messages:  # curator looks at the headers of this error
                self.send(400, b'{"error": {"message": "no messages"}}')
                return
            self.prompt = str(messages[-1]["content"])
            fault = self.endpoint.take(self.prompt)
            if fault == "hang":
                return
            if latency := self.endpoint.config.latency:
                loop = asyncio.get_running_loop()
                self.timer = loop.call_later(latency, self.complete, fault)
            else:
                self.complete(fault)
        elif path == "/configure":
            self.endpoint.configure(json.loads(body))
            self.send(200, b"{}")
        elif path.startswith("/wait/"):
            count = int(path.rpartition("/")[2])
            self.endpoint.wait(count, lambda: self.send(200, self.endpoint.stats()))
        elif path == "/stats":
            self.send(200, self.endpoint.stats())
        else:
            self.send(404, b"{}")

    def complete(self, fault: str) -> None:
        """Answer a model's request."""
        prompt, self.prompt, self.timer = str(self.prompt), None, None
        self.endpoint.done(prompt, fault)
        if fault == "429":
            wait = self.endpoint.config.retry_after
            extra = "" if wait is None else f"Retry-After: {wait}\r\n"
            self.send(429, b'{"error": {"message": "slow down"}}', extra)
        elif fault == "500":
            self.send(500, b'{"error": {"message": "internal"}}')
        elif fault == "garbage":
            self.send(200, GARBAGE)
        else:
            self.send(200, completion(prompt, fault))

    def send(self, status: int, body: bytes, extra: str = "") -> None:
        """Write a response."""
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{extra}\r\n"
        )
        self.transport.write(head.encode() + body)


def completion(prompt: str, fault: str) -> bytes:
    """Return the body of a chat completion."""
    text = answer(prompt)
    if fault == "empty":
        text = ""
    if fault == "length":
        text = text[: len(text) // 2]
    message = {"role": "assistant", "content": text}
    finish = "length" if fault == "length" else "stop"
    asked, said = len(prompt) // 4, len(text) // 4
    return json.dumps(
        {
            "id": f"chatcmpl-{zlib.crc32(prompt.encode())}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {
                "prompt_tokens": asked,
                "completion_tokens": said,
                "total_tokens": asked + said,
            },
        }
    ).encode()


async def main() -> None:
    """Serve on a free port."""
    endpoint = Endpoint()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(endpoint), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(main())
