"""The batch API against a real HTTP server: half the price, and no request paid twice."""

import io
import json
import threading
import time
from contextlib import redirect_stderr

import pytest
from batches import CREATE, LOOK, UPLOAD, serve_batches
from endpoint import completion, echo, requests, wait_until
from stages import GOOD

from distill import params
from distill.errors import BatchError, BudgetError
from distill.ledger import Ledger
from distill.llm import pending
from distill.llm.ask import ask
from distill.llm.endpoint import batch_file
from distill.llm.endpoint.batch_results import Polling
from distill.llm.settings import Costs, OpenAI, Price
from distill.llm.store import Store
from distill.privacy.seal import SAMPLE_KEY, seal
from distill.providers import remote
from distill.tasks import request


def model(url, budget=None, price=None, **changes):
    """The provider of a model with `batch: true`, as a stage connects to it."""
    values = {"retries": 1, "timeout": 5, "patience": 1, "batch": True, **changes}
    entry = OpenAI(provider="openai", model="m", base_url=url, **values)
    costs = Costs(budget=budget, prices={"large": price} if price else {})
    settings = params.load().model_copy(update={"costs": costs})
    provider = remote(entry, settings, "label", "large")
    provider.polling = Polling(first=0.01, longest=0.05)
    return provider


def texts(provider, asked):
    return [reply.text or reply.error for reply in provider.complete(asked)]


# Files and order


def test_all_but_the_first_go_in_one_file_and_come_back_in_order(workspace):
    with serve_batches(echo) as server:
        assert texts(model(server.url), requests(50)) == [f"SAY {n}." for n in range(50)]
    assert len(server.asked) == 1  # the ordinary way shows at once whether it can work
    [lines] = server.uploads
    assert len(lines) == 49
    assert len({line["custom_id"] for line in lines}) == 49
    line = lines[0]
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert line["body"] == server.asked[0] | {"messages": requests(2)[1].messages}
    assert max(server.prompts().values()) == 1


def test_without_batch_no_file_is_made(workspace):
    with serve_batches(echo) as server:
        texts(model(server.url, batch=False), requests(5))
    assert set(server.calls) == {"POST /chat/completions"}


def test_a_file_holds_so_many_requests(workspace, monkeypatch):
    monkeypatch.setattr(batch_file, "REQUESTS", 10)
    with serve_batches(echo) as server:
        assert texts(model(server.url), requests(25)) == [f"SAY {n}." for n in range(25)]
    assert [len(lines) for lines in server.uploads] == [9, 10, 5]
    assert max(server.prompts().values()) == 1


def test_a_file_holds_so_many_bytes(workspace, monkeypatch):
    monkeypatch.setattr(batch_file, "BYTES", 3_000)
    with serve_batches(echo) as server:
        assert texts(model(server.url), requests(25)) == [f"SAY {n}." for n in range(25)]
    sizes = [len(data) for id_, data in server.files.items() if id_.startswith("input")]
    assert len(sizes) > 2
    assert max(sizes) <= 3_000
    assert max(server.prompts().values()) == 1


def test_the_same_words_are_asked_once(workspace):
    with serve_batches(echo) as server:
        twice = requests(3) + requests(3)
        assert texts(model(server.url), twice) == ["SAY 0.", "SAY 1.", "SAY 2."] * 2
    assert set(server.prompts().values()) == {1}


def test_the_servers_words_are_learned_before_the_batch(workspace):
    def newer(body):
        if "max_tokens" in body:
            return 400, {}, "use max_completion_tokens"
        return echo(body)

    with serve_batches(newer) as server:
        texts(model(server.url), requests(5))
    assert len(server.asked) == 2
    [lines] = server.uploads
    assert all("max_completion_tokens" in line["body"] for line in lines)


def test_several_samples_come_in_one_line(workspace):
    def two(body):
        status, headers, text = echo(body)
        found = json.loads(text)
        return status, headers, json.dumps(found | {"choices": found["choices"] * body["n"]})

    with serve_batches(two) as server:
        replies = list(model(server.url).complete(requests(3, samples=2)))
    assert [reply.texts for reply in replies] == [(f"SAY {n}.",) * 2 for n in range(3)]
    assert len(server.asked) == 1


def test_samples_that_a_batch_did_not_bring_are_asked_for(workspace):
    with serve_batches(echo) as server:
        replies = list(model(server.url).complete(requests(3, samples=2)))
    assert [reply.texts for reply in replies] == [(f"SAY {n}.",) * 2 for n in range(3)]
    assert len(server.asked) == 3 * 2


# Cache and costs


def test_a_rerun_makes_no_call(workspace):
    with serve_batches(echo) as server:
        texts(model(server.url), requests(10))
        server.calls.clear()
        assert texts(model(server.url), requests(10)) == [f"SAY {n}." for n in range(10)]
        assert server.calls == []


def test_only_changed_rows_are_asked_again(workspace):
    with serve_batches(echo) as server:
        texts(model(server.url), requests(10))
        changed = requests(7) + requests(3, "new")
        assert texts(model(server.url), changed)[7:] == ["NEW 0.", "NEW 1.", "NEW 2."]
    assert [len(lines) for lines in server.uploads] == [9, 2]
    assert set(server.prompts().values()) == {1}


def test_a_batch_costs_its_share_of_the_price(workspace):
    price = Price(prompt=1_000, completion=2_000)  # a cent and a cent for a reply
    with serve_batches(echo) as server:
        replies = list(model(server.url, price=price).complete(requests(11)))
    [spent] = Store().spent()
    assert (spent.stage, spent.model, spent.calls) == ("label", "m", 11)
    assert (spent.prompt_tokens, spent.completion_tokens) == (110, 55)
    assert spent.characters == sum(len(r.messages[0]["content"]) for r in requests(11))
    assert spent.dollars == pytest.approx(0.02 + 10 * 0.01)
    assert sum(reply.dollars for reply in replies) == pytest.approx(spent.dollars)


def test_a_line_that_comes_twice_is_paid_for_once(workspace):
    class Doubled(dict):
        def get(self, id_, default=None):
            found = super().get(id_, default)
            return b"\n".join([found, found]) if "output" in id_ else found

    with serve_batches(echo) as server:
        server.files = Doubled()
        texts(model(server.url), requests(5))
    assert [spent.calls for spent in Store().spent()] == [5]


def captured_stderr():
    """Capture stderr so that it can be read while threads still write to it."""
    return redirect_stderr(io.StringIO())


def test_two_that_want_the_same_at_the_same_time_make_one_batch_and_pay_once(workspace):
    found = []

    def run():
        found.append(texts(model(server.url), requests(5)))

    with serve_batches(echo) as server, captured_stderr() as said:
        server.held = True
        both = [threading.Thread(target=run, daemon=True) for _ in range(2)]
        for thread in both:
            thread.start()
        wait_until(lambda: said.getvalue().count("waits for batch batch-2") == 2)
        server.held = False
        for thread in both:
            thread.join()
    assert found == [[f"SAY {n}." for n in range(5)]] * 2
    assert set(server.prompts().values()) == {1}
    assert [spent.calls for spent in Store().spent()] == [5]


@pytest.mark.parametrize("looked_at", ["pending batches", "cache"])
def test_a_batch_that_comes_while_another_run_looks_for_it_is_made_once(
    workspace, looked_at, monkeypatch
):
    found = []

    def run():
        found.append(texts(model(server.url), requests(5)))

    with serve_batches(echo) as server, captured_stderr() as said:
        server.held = True
        first = threading.Thread(target=run, daemon=True)
        first.start()
        wait_until(lambda: "waits for batch batch-2" in said.getvalue())
        second = model(server.url)
        in_cache = looked_at == "cache"
        owner, name = (second.cached, "cached") if in_cache else (pending, "batches_of")
        look = getattr(owner, name)

        def slow(*arguments):
            seen = look(*arguments)
            if not in_cache or arguments[1].id == "row-4":  # the last one
                server.held = False
                first.join()
            return seen

        monkeypatch.setattr(owner, name, slow)
        found.append(texts(second, requests(5)))
    assert found == [[f"SAY {n}." for n in range(5)]] * 2
    assert set(server.prompts().values()) == {1}
    assert [spent.calls for spent in Store().spent()] == [5]


def test_a_batch_whose_submission_takes_longer_than_patience_is_made_once(workspace):
    found = []
    waits = "label: waits for another process, which submits a batch"

    def run():
        found.append(texts(model(server.url, patience=0.2, timeout=60), requests(5)))

    with serve_batches(echo) as server, captured_stderr() as said:
        reply = server.reply

        def slow(method, path, *rest):
            if f"{method} {path}" == UPLOAD:
                wait_until(lambda: waits in said.getvalue())
            return reply(method, path, *rest)

        server.reply = slow
        both = [threading.Thread(target=run, daemon=True) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
    assert found == [[f"SAY {n}." for n in range(5)]] * 2
    assert set(server.prompts().values()) == {1}
    assert waits in said.getvalue()


def test_an_error_amid_the_replies_leaves_none_paid_twice(workspace):
    def broken(text):
        if text == "SAY 2.":
            raise MemoryError

    with serve_batches(echo) as server:
        with pytest.raises(MemoryError):
            texts(model(server.url), requests(5, parse=broken))
        assert texts(model(server.url), requests(5)) == [f"SAY {n}." for n in range(5)]
    assert set(server.prompts().values()) == {1}
    assert [spent.calls for spent in Store().spent()] == [5]


def test_the_key_is_sent_and_is_in_no_file(workspace, monkeypatch):
    monkeypatch.setenv("MY_KEY", "s3cret")
    with serve_batches(echo) as server:
        texts(model(server.url, api_key_env="MY_KEY", headers={"X-Team": "$MY_KEY"}), requests(5))
    assert all("Authorization: Bearer s3cret" in head for head in server.heads)
    assert all("X-Team: s3cret" in head for head in server.heads)
    kept = [path for path in workspace.rglob("*") if path.is_file()]
    assert not any(b"s3cret" in path.read_bytes() for path in kept)
    assert not any(b"s3cret" in data for data in server.files.values())


def test_variables_of_the_sdk_reach_no_server(workspace, monkeypatch):
    names = ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET")
    for name in names:
        monkeypatch.setenv(f"OPENAI_{name}", "s3cret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: s3cret\nAuthorization: s3cret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9")
    with serve_batches(echo) as server:
        texts(model(f"{server.url}?api-version=1"), requests(5))
    assert len(server.batches) == 1
    assert not any("s3cret" in head for head in server.heads)
    assert all("api-version=1" in head for head in server.heads)


@pytest.mark.parametrize("call", [UPLOAD, CREATE, "GET /batches", "GET /batches/batch-2"])
@pytest.mark.parametrize("page", ["<html>sign in</html>", "[]", '{"data": 3}', '"ok"'])
def test_a_page_in_the_place_of_an_answer_is_an_error_with_the_remedy(workspace, call, page):
    with serve_batches(echo) as server:
        server.faults[call] = [(200, {"Content-Type": "application/json"}, page)]
        with pytest.raises(BatchError, match=r"label: the .+ at .+ not one of OpenAI's batch API"):
            texts(model(server.url), requests(5))
        assert texts(model(server.url), requests(5)) == [f"SAY {n}." for n in range(5)]
    assert len(server.batches) == 1


def test_no_redirect_of_a_batch_is_followed(workspace):
    with serve_batches(echo) as server, serve_batches(echo) as other:
        server.faults[UPLOAD] = [(307, {"Location": f"{other.url}/files"}, "")]
        with pytest.raises(BatchError, match="HTTP 307"):
            texts(model(server.url), requests(5))
    assert other.calls == []


# Partial failures


def no_refusal(text):
    if "sorry" in text:
        raise ValueError("a refusal")
    return text


def test_what_fails_in_a_batch_alone_is_asked_in_the_ordinary_way(workspace):
    bad = {
        "say 2.": (500, {}, "broken"),
        "say 3.": completion("sorry"),
        "say 4.": completion(""),
        "say 5.": (200, {}, "<html>"),
    }
    with serve_batches(echo) as server:
        server.in_batch = lambda body: bad.get(body["messages"][0]["content"]) or echo(body)
        server.drop = "say 6."
        provider = model(server.url)
        assert texts(provider, requests(9, parse=no_refusal)) == [f"SAY {n}." for n in range(9)]
    assert len(server.batches) == 1
    again = sorted(body["messages"][0]["content"] for body in server.asked)
    assert again == ["say 0.", "say 2.", "say 3.", "say 4.", "say 5.", "say 6."]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((400, {}, "no such words"), "refused"),
        (completion("cut", finish="length"), "truncated"),
        (completion("sorry"), "unparsable"),
        (completion(""), "empty"),
    ],
)
def test_a_row_ends_with_the_reason_that_it_has_without_batches(workspace, answer, reason):
    def bad(body):
        return answer if body["messages"][0]["content"].startswith("say 3.") else echo(body)

    asked = requests(6, parse=no_refusal)
    found = {}
    for way in (True, False):
        with serve_batches(bad) as server:
            rows_ = [{"id": request.id} for request in asked]
            pairs = ask(model(server.url, batch=way), rows_, lambda row: asked[int(row["id"][4:])])
            found[way] = [(reply.error, reply.text) for _, reply in pairs]
    assert found[True] == found[False]
    assert [error for error, _ in found[True]] == ["", "", "", reason, "", ""]


def test_a_truncated_reply_is_not_asked_again(workspace):
    def cut(body):
        return completion("cut", finish="length")

    with serve_batches(cut) as server:
        texts(model(server.url), requests(5))
        texts(model(server.url), requests(5))
    assert set(server.prompts().values()) == {1}


@pytest.mark.parametrize("status", ["expired", "cancelled", "failed"])
def test_an_ended_batch_gives_what_it_has_and_the_rest_is_asked(workspace, capsys, status):
    with serve_batches(echo) as server:
        server.status, server.expire = status, 0 if status == "failed" else 4
        assert texts(model(server.url), requests(10)) == [f"SAY {n}." for n in range(10)]
    assert len(server.asked) == 10 - server.expire
    said = capsys.readouterr().err
    assert f"label: batch batch-2 is {status}, with {server.expire} of 9 replies" in said
    assert said.count("\n") == 1


def test_a_batch_that_the_server_lost_is_asked_one_by_one(workspace, capsys):
    with serve_batches(echo) as server:
        server.started = server.batches.clear
        assert texts(model(server.url), requests(4)) == [f"SAY {n}." for n in range(4)]
    assert "batch batch-2 is unknown to the server" in capsys.readouterr().err
    assert Store().pending_dollars() == 0


def test_lines_that_cannot_be_read_are_asked_again(workspace):
    class Torn(dict):
        def get(self, id_, default=None):
            found = super().get(id_, default)
            return found[:-30] + b'\n\n[]\n{"custom_id": "x"}' if "output" in id_ else found

    with serve_batches(echo) as server:
        server.files = Torn()
        assert texts(model(server.url), requests(5)) == [f"SAY {n}." for n in range(5)]
    assert len(server.asked) == 2


# Transient failures


def test_faults_that_pass_are_waited_out(workspace):
    soon = {"Retry-After": "0.01"}
    busy = [(429, soon, "slow down"), (503, soon, "broken"), (500, {}, "")]
    with serve_batches(echo) as server:
        for call in (UPLOAD, CREATE, "GET /batches", "GET /batches/batch-2"):
            server.faults[call] = list(busy)
        server.faults["GET /files/output-3/content"] = list(busy)
        found = texts(model(server.url, patience=30), requests(5))
        assert not any(server.faults.values())
    assert found == [f"SAY {n}." for n in range(5)]
    assert len(server.uploads) == len(server.batches) == 1
    assert set(server.prompts().values()) == {1}


def test_retry_after_is_honoured(workspace):
    with serve_batches(echo) as server:
        server.faults[UPLOAD] = [(429, {"Retry-After": "0.6"}, "")]
        began = time.monotonic()
        texts(model(server.url, patience=30), requests(3))
    assert time.monotonic() - began > 0.6


def test_a_lost_answer_makes_no_second_batch(workspace):
    with serve_batches(echo) as server:
        server.started = lambda: time.sleep(0.6)  # longer than the client waits
        provider = model(server.url, timeout=0.5, patience=30)
        assert texts(provider, requests(5)) == [f"SAY {n}." for n in range(5)]
    assert len(server.batches) == 1


def test_a_server_without_batches_is_an_error_with_the_remedy(workspace):
    with serve_batches(echo) as server:
        server.faults[UPLOAD] = [(404, {}, "")]
        with pytest.raises(BatchError, match=r"label: the upload .*HTTP 404.* set batch: false"):
            texts(model(server.url), requests(5))
    assert len(server.asked) == 1


def test_a_server_that_stays_down_is_an_error_and_the_next_run_goes_on(workspace):
    with serve_batches(echo) as server:
        server.faults[CREATE] = [(503, {"Retry-After": "0.1"}, "")] * 100
        with pytest.raises(BatchError, match="run again when the server answers"):
            texts(model(server.url, patience=0.3), requests(5))
        server.faults = {"GET /batches": [(401, {}, "")]}
        with pytest.raises(BatchError, match="HTTP 401"):
            texts(model(server.url), requests(5))
        assert texts(model(server.url), requests(5)) == [f"SAY {n}." for n in range(5)]
    assert len(server.uploads) == len(server.batches) == 1


def test_a_file_that_the_server_refuses_is_uploaded_anew_by_the_next_run(workspace):
    with serve_batches(echo) as server:
        server.faults[CREATE] = [(400, {}, '{"error": {"code": "file_expired"}}')]
        with pytest.raises(BatchError, match="HTTP 400 file_expired"):
            texts(model(server.url), requests(5))
        assert texts(model(server.url), requests(5)) == [f"SAY {n}." for n in range(5)]
    assert len(server.uploads) == 2
    assert len(server.batches) == 1


def test_a_download_that_breaks_off_starts_over(workspace):
    with serve_batches(echo) as server:
        cut = '{"custom_id": "x"}\n' * 500
        server.faults["GET /files/output-3/content"] = [(200, {"Content-Length": "99999"}, cut)]
        assert texts(model(server.url), requests(5)) == [f"SAY {n}." for n in range(5)]
    assert len(server.asked) == 1


def test_a_refused_key_forgets_no_batch(workspace):
    with serve_batches(echo) as server:
        server.held = True
        server.faults["GET /batches/batch-2"] = [(401, {}, "")]
        with pytest.raises(BatchError, match=r"the state of batch batch-2 .*HTTP 401"):
            texts(model(server.url), requests(5))
        server.held = False
        assert texts(model(server.url), requests(5)) == [f"SAY {n}." for n in range(5)]
    assert len(server.uploads) == len(server.batches) == 1
    assert set(server.prompts().values()) == {1}


def test_progress_is_reported_once_a_minute_with_id_and_counts(workspace, capsys):
    with serve_batches(echo) as server:
        server.held = True
        provider = model(server.url)

        def release(call=server.reply):
            def looked(method, path, *rest):
                server.held = server.count(LOOK) < 8
                return call(method, path, *rest)

            return looked

        server.reply = release()
        texts(provider, requests(5))
    assert server.count(LOOK) > 8
    said = capsys.readouterr().err
    assert said == "label: waits for batch batch-2 (in_progress): 0 of 4 requests are done\n"


# The budget


def test_a_batch_that_might_cost_more_than_is_left_is_not_submitted(workspace):
    price = Price(prompt=0, completion=1_000, batch=0.5)  # 10 x 1024 tokens: $5.12 in a batch
    with serve_batches(echo) as server:
        with pytest.raises(BudgetError) as refusal:
            texts(model(server.url, budget=5, price=price), requests(10))
        assert server.calls == []
        texts(model(server.url, budget=5.13, price=price), requests(10))
    said = str(refusal.value)
    assert said.startswith("label: a batch may cost $5.1200 ")
    assert "has $5.0000 left" in said
    assert "raise costs.budget" in said


def test_what_a_waiting_batch_may_cost_is_not_left(workspace):
    pending.add(Store(), pending.Batch("input-1", {"key": 10}, max_tokens=1024, dollars=4))
    price = Price(prompt=0, completion=1_000)
    with serve_batches(echo) as server:
        with pytest.raises(BudgetError, match=r"\$1.0000 left, after \$4.0000 reserved"):
            texts(model(server.url, budget=5, price=price), requests(3))
        assert server.calls == []


def test_the_ordinary_way_leaves_what_a_waiting_batch_may_cost(workspace):
    pending.add(Store(), pending.Batch("input-1", {"key": 10}, max_tokens=1024, dollars=4))
    price = Price(prompt=0, completion=1_000_000)  # five dollars for a reply
    with serve_batches(echo) as server:
        replies = list(
            model(server.url, budget=8, price=price, batch=False, concurrency=1).complete(
                requests(3)
            )
        )
    assert [reply.error for reply in replies] == ["", "over_budget", "over_budget"]
    assert replies[1].detail == "$8.00 ($4.00 of it reserved for pending batches)"


# The gate


def test_a_row_that_was_not_cleared_is_in_no_file(workspace, elsewhere):
    text = "Customer: the {} never came"
    found = [
        {
            "id": f"botchat-{n:06d}",
            "channel": "botchat",
            "task": "summarize",
            "input": text.format(thing),
        }
        for n, thing in enumerate(["kettle", "lamp", "carpet", "mirror"])
    ]
    policy = params.load().anonymize
    for row in found[::2]:
        row["cleared"] = seal(row, policy, SAMPLE_KEY)
    with serve_batches(lambda body: completion(GOOD), host=elsewhere) as server:
        replies = [reply.error for _, reply in ask(model(server.url), found, request)]
    assert replies == ["", "not_cleared", "", "not_cleared"]
    sent = json.dumps([server.asked, server.uploads])
    assert "kettle" in sent
    assert "carpet" in sent
    assert "lamp" not in sent
    assert "mirror" not in sent
    assert len(server.uploads) == 1


def test_a_text_that_goes_with_another_rows_seal_is_in_no_file(workspace, elsewhere):
    row = {
        "id": "botchat-000001",
        "channel": "botchat",
        "task": "summarize",
        "input": "Customer: the lamp",
    }
    sealed = row | {"cleared": seal(row, params.load().anonymize, SAMPLE_KEY)}

    def swapped(row):
        return request(row | {"input": "Customer: the kettle"})

    with serve_batches(echo, host=elsewhere) as server:
        replies = [reply.error for _, reply in ask(model(server.url), [sealed, sealed], swapped)]
    assert replies == ["not_cleared"] * 2
    assert server.calls == []


def test_the_ledger_shows_what_a_batch_cost(workspace):
    price = Price(prompt=1_000, completion=2_000)
    with serve_batches(echo) as server, Ledger("label", "x", 1) as ledger:
        asked = requests(5)
        found = [{"id": f"row-{n}"} for n in range(5)]
        for _ in ask(
            model(server.url, price=price),
            ledger.entered(found),
            lambda row: asked[int(row["id"][4:])],
            ledger,
        ):
            ledger.ok()
        assert ledger._dollars == pytest.approx(0.02 + 4 * 0.01)
