"""Stages over faulty servers: they stop early, say why, and keep good outputs."""

import re
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from endpoint import completion, echo, model, said, serve
from field import SUMMARY, refused, summaries
from stages import configure, stage, summarized

from distill import paths, records
from distill.errors import EndpointError, RowError
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Request
from distill.llm.store import Store
from distill.tasks.summarize import format


@contextmanager
def speaking(sent):
    """Yield the port of a server that sends the same to whoever connects, and hangs up."""

    class Handler(StreamRequestHandler):
        def handle(self):
            self.request.recv(1 << 16)
            self.wfile.write(sent)

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def outcome(answer, total, limit, **changes):
    """Ask about rows as a stage does; return the error and the number of requests."""
    with serve(answer, latency=0.02) as (url, received):
        provider = model(url, concurrency=2, **changes)
        ledger = Ledger("label", "org", limit, total)
        texts = ({"id": f"row-{n}", "text": f"say {n}."} for n in range(total))

        def request(row):
            chat = [{"role": "user", "content": row["text"]}]
            return Request(row["id"], "summarize", chat, parse=format.normalize)

        with pytest.raises((RowError, EndpointError)) as raised, ledger:
            for row, reply in ask(provider, ledger.entered(texts), request, ledger):
                if reply.error:
                    ledger.quarantine(row["id"], reply.error, reply.detail, reply.text)
                else:
                    ledger.ok()
        return str(raised.value), received


def test_once_more_rows_have_failed_than_allowed_no_further_call_is_paid(workspace):
    message, received = outcome(lambda body: refused(400, code="content_policy"), 500, 0.02)
    assert "row" in message
    assert re.search(r"\(refused 1\d: HTTP 400 content_policy\)", message)
    assert "more than max_quarantined 0.02 allows; nothing more was asked" in message
    assert len(received) <= 11 + 2 * 4
    assert "\n" not in message


def test_where_most_first_replies_have_the_wrong_form_a_stage_stops_with_an_example(workspace):
    message, received = outcome(lambda body: completion("I am happy to help."), 500, 0.9)
    [unusable] = map(int, re.findall(r"unparsable (\d+)", message))
    assert 10 <= unusable <= 10 + 2 * 4  # and what was in flight
    assert "most of the replies so far" in message
    assert len(received) <= 2 * (10 + 2 * 4)
    [first, *_] = records.read(paths.quarantine("label", "org"))
    assert first["reply"] == "I am happy to help."
    assert "happy" not in message


def test_what_is_in_flight_when_a_stage_stops_is_kept(workspace):
    def answer(body):
        return completion(SUMMARY) if said(body) > "say 1." else refused(400, code="no")

    _, received = outcome(answer, 500, 0.0)
    good = [body for body in received if said(body) > "say 1."]
    assert sum(spent.calls for spent in Store().spent()) == len(good)


def test_nobody_answers_is_said_in_seconds(split):
    with serve(echo) as (url, _):
        pass
    configure(url)
    began = time.monotonic()
    failed = stage("label")
    assert failed.returncode == 1
    assert failed.stderr.startswith(
        f"error: label org: nobody answers at {url}/chat/completions (connection refused)"
    )
    assert "correct base_url" in failed.stderr
    assert failed.stderr.count("\n") == 1
    assert time.monotonic() - began < 40


@pytest.mark.parametrize(
    ("sent", "scheme", "words"),
    [
        (b"SSH-2.0-OpenSSH_9\r\n", "http", "no HTTP at http://127.0.0.1:"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "https", "(no tls, the server speaks http)"),
        (b"", "http", "(connection closed); start the server"),
    ],
)
def test_a_server_of_another_protocol_is_named(split, sent, scheme, words):
    with speaking(sent) as port:
        configure(f"{scheme}://127.0.0.1:{port}/v1")
        failed = stage("label")
    assert words in failed.stderr
    assert failed.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://user@other.example/login?key=1", "https://other.example"),
        (
            "https://other.example/v1/chat/completions/",
            "https://other.example/v1/chat/completions/",
        ),
        ("/login", "http://127.0.0.1:"),
    ],
)
def test_a_redirect_is_not_followed_and_says_where_it_leads(split, location, shown):
    with serve(lambda body: (301, {"Location": location}, "")) as (url, received):
        configure(url)
        failed = stage("label")
    assert f"HTTP 301 leads to {shown}" in failed.stderr
    assert "login" not in failed.stderr
    assert len(received) < 30


def test_a_failing_run_never_replaces_good_outputs(split):
    with serve(summarized) as (url, _):
        configure(url)
        assert stage("label").returncode == 0
    before = {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()}
    Path(".distill/replies.sqlite").unlink()
    with serve(lambda body: completion("no")) as (url, _):
        configure(url)
        assert stage("label").returncode == 1
    kept = {path: path.read_bytes() for path in before if paths.QUARANTINE not in path.parents}
    assert kept == {path: before[path] for path in kept}
    assert not list(Path("data").rglob("*.new"))


def test_a_page_that_is_no_completion_is_given_up_in_seconds(workspace):
    began = time.monotonic()
    found, _ = summaries(lambda body: (200, {}, "<html>Welcome</html>"), 50, patience=60)
    assert {reply.error for reply in found} == {"unparsable"}
    assert time.monotonic() - began < 40
