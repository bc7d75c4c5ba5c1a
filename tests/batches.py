"""A server of OpenAI's files, batches and chat completions, for tests."""

import json
import re
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from endpoint import Answer

UPLOAD, CREATE, LOOK = "POST /files", "POST /batches", r"GET /batches/.+"  # calls


class Server:
    """The server's state, and the faults that a test injects.

    A batch ends when it is first polled, unless the server is `held`. `in_batch` answers its lines,
    `answer` individual requests. With `expire` only so many lines get a reply; `drop` loses the
    lines whose prompt contains it; `status` is the batch's final status. `faults` maps
    "METHOD path" to responses that come first; one with its own Content-Length is cut off.
    `started` is called when a batch has been created, before the response, and `deleting` before a
    file is deleted. Deleted `files` are kept for the test; the server no longer gives them.
    """

    def __init__(self, answer: Answer):
        self.answer = self.in_batch = answer
        self.url = ""
        self.calls: list[str] = []
        self.heads: list[str] = []
        self.files: dict[str, bytes] = {}
        self.deleted: set[str] = set()
        self.batches: dict[str, dict] = {}
        self.asked: list[dict] = []  # bodies of individual requests
        self.faults: dict[str, list[tuple[int, dict[str, str], str]]] = {}
        self.held = False
        self.status = "completed"
        self.expire: int | None = None
        self.drop = ""
        self.started = self.deleting = lambda: None
        self._numbers = iter(range(1, 10_000))
        self._lock = threading.Lock()

    @property
    def uploads(self) -> list[list[dict]]:
        """The lines of each input file."""
        return [_lines(data) for id_, data in self.files.items() if id_.startswith("input")]

    def prompts(self) -> Counter[str]:
        """The number of times each prompt was sent, individually or in a batch."""
        ran = [batch["input_file_id"] for batch in self.batches.values()]
        bodies = [line["body"] for file in ran for line in _lines(self.files[file])]
        return Counter(body["messages"][0]["content"] for body in bodies + self.asked)

    def count(self, call: str) -> int:
        """The number of calls that match."""
        return sum(re.fullmatch(call, found) is not None for found in self.calls)

    def reply(self, method: str, path: str, query: dict, head: str, data: bytes):
        """Status, headers and text of the response to one call."""
        with self._lock:
            self.calls.append(f"{method} {path}")
            self.heads.append(head)
            if faults := self.faults.get(f"{method} {path}"):
                return faults.pop(0)
            if path == "/chat/completions":
                self.asked.append(json.loads(data))
                return self.answer(self.asked[-1])
            found = self._api(method, path, query, head, data)
            if found is None:
                return 404, {}, '{"error": {"code": "not_found"}}'
            return 200, {}, found if isinstance(found, str) else json.dumps(found)

    def _api(self, method, path, query, head, data):
        kind, _, rest = path.strip("/").partition("/")
        if (method, path) == ("POST", "/files"):
            return self._upload(head, data)
        if (method, path) == ("POST", "/batches"):
            return self._create(json.loads(data))
        if (method, path) == ("GET", "/batches"):
            return self._list(query)
        if kind == "batches":
            return self._look(self.batches.get(rest))
        file = rest.removesuffix("/content")
        if file not in self.files or file in self.deleted:
            return None
        return self._delete(file) if method == "DELETE" else self.files.get(file).decode()

    def _delete(self, file):
        self.deleting()
        self.deleted.add(file)
        return {"id": file, "object": "file", "deleted": True}

    def _upload(self, head, data):
        boundary = re.search(r"boundary=(\S+)", head).group(1).encode()
        parts = [part.partition(b"\r\n\r\n") for part in data.split(b"--" + boundary)]
        fields = {
            re.search(rb'name="(\w+)"', top).group(1): body.removesuffix(b"\r\n")
            for top, _, body in parts
            if body
        }
        assert fields[b"purpose"] == b"batch"
        id_ = f"input-{next(self._numbers)}"
        self.files[id_] = fields[b"file"]
        return {"id": id_, "object": "file", "purpose": "batch"}

    def _create(self, asked):
        assert asked["completion_window"] == "24h"
        assert asked["endpoint"] == "/v1/chat/completions"
        id_ = f"batch-{next(self._numbers)}"
        self.batches[id_] = batch = {"id": id_, "status": "in_progress", **asked}
        self.started()
        return batch

    def _list(self, query):
        """Newest first, two to a page."""
        ids = list(self.batches)[::-1]
        start = ids.index(query["after"][0]) + 1 if "after" in query else 0
        page = [self.batches[id_] for id_ in ids[start : start + 2]]
        return {"object": "list", "data": page, "has_more": start + 2 < len(ids)}

    def _look(self, batch):
        if batch and batch["status"] == "in_progress" and not self.held:
            self._run(batch)
        return batch

    def _run(self, batch):
        lines = _lines(self.files[batch["input_file_id"]])
        output, errors = [], []
        for number, line in enumerate(lines):
            if self.drop and self.drop in line["body"]["messages"][0]["content"]:
                continue
            if self.expire is not None and number >= self.expire:
                error = {"code": "batch_expired", "message": "too late"}
                errors.append({"custom_id": line["custom_id"], "response": None, "error": error})
                continue
            status, _, text = self.in_batch(line["body"])
            response = {"status_code": status, "body": _body(text)}
            found = {"custom_id": line["custom_id"], "response": response, "error": None}
            (output if status == 200 else errors).append(found)
        batch |= {"status": self.status, "output_file_id": None, "error_file_id": None}
        for name, found in (("output", output[::-1]), ("error", errors)):
            if found:
                file = batch[f"{name}_file_id"] = f"{name}-{next(self._numbers)}"
                self.files[file] = "\n".join(map(json.dumps, found)).encode()
        batch["request_counts"] = {
            "total": len(lines), "completed": len(output), "failed": len(errors),
        }  # fmt: skip


def _lines(data: bytes) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]


def _body(text: str):
    try:
        return json.loads(text)
    except ValueError:
        return {"error": {"message": text}}


@contextmanager
def serve_batches(answer: Answer, host: str = "127.0.0.1"):
    """Yield the Server; `answer` maps a chat completion's body to the response."""
    held = Server(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"] or 0)))

        def do_GET(self):
            self.answer(b"")

        def do_DELETE(self):
            self.answer(b"")

        def answer(self, data):
            url = urlsplit(self.path)
            path, query = url.path.removeprefix("/v1"), parse_qs(url.query)
            status, headers, text = held.reply(
                self.command, path, query, f"{self.requestline}\n{self.headers}", data
            )
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())
            self.close_connection = "Content-Length" in headers

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a killed client is expected
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    held.url = f"http://{host}:{server.server_port}/v1"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
