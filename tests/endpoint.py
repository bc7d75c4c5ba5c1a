"""A server of OpenAI's chat completions, and a provider that uses it, for tests."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from distill import params
from distill.llm.messages import Request
from distill.llm.settings import Costs, OpenAI
from distill.providers import remote

Answer = Callable[[dict], tuple[int, dict[str, str], str]]


def completion(text, finish="stop"):
    """A good answer: status, headers, body."""
    body = {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }
    return 200, {}, json.dumps(body)


def said(body):
    """The first message of a request."""
    return body["messages"][0]["content"]


def echo(body):
    """Answer a prompt with itself, in capitals."""
    return completion(said(body).upper())


def requests(count, text="say", **asked):
    """Requests of so many rows: "say 0.", "say 1." and so on."""
    return [
        Request(f"row-{n}", "summarize", [{"role": "user", "content": f"{text} {n}."}], **asked)
        for n in range(count)
    ]


def model(url, costs=None, **changes):
    """The provider of an endpoint, as the label stage connects to it."""
    values = {"retries": 3, "timeout": 5, "patience": 3, **changes}
    entry = OpenAI(provider="openai", model="m", base_url=url, **values)
    settings = params.load().model_copy(update={"costs": costs or Costs()})
    return remote(entry, settings, "label", "large")


def replies(url, count, asked=None, **changes):
    """The replies to so many requests."""
    return list(model(url, **changes).complete(requests(count, **(asked or {}))))


class Server(ThreadingHTTPServer):
    """A server with a queue long enough for all connections of a client."""

    daemon_threads = True
    request_queue_size = 128


@contextmanager
def serve(answer: Answer, latency: float = 0.0, host: str = "127.0.0.1"):
    """Yield (base_url, bodies received); `answer` maps a request's body to the response."""
    received: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received.append(
                {
                    **body,
                    "authorization": self.headers.get("Authorization"),
                    "request": f"{self.requestline}\n{self.headers}",
                }
            )
            time.sleep(latency)
            status, headers, text = answer(body)
            data = text.encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = Server((host, 0), Handler)
    server.handle_error = lambda *_: None  # a client that gave up is expected
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://{host}:{server.server_port}/v1", received
    finally:
        server.shutdown()
        server.server_close()


def wait_until(ready):
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.005)
