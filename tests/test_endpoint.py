"""One endpoint with all its moods, played by a real HTTP server: every request ends in a reply."""

import gc
import hashlib
import json
import threading
import time
from collections import Counter

import pytest
from endpoint import completion, serve

from arf import params
from arf.errors import ParamsError
from arf.llm import Request, connect
from arf.llm.store import Store
from arf.params import Costs, OpenAI, Price


def requests(count, **asked):
    return [
        Request(f"row-{n}", "summarize", {}, [{"role": "user", "content": f"say {n}."}], **asked)
        for n in range(count)
    ]


def said(body):
    return body["messages"][0]["content"]


def echo(body):
    return completion(said(body).upper())


def model(url, costs=None, **changes):
    """The provider of an endpoint, as a stage connects to it."""
    values = {"retries": 3, "timeout": 5, "patience": 3, **changes}
    entry = OpenAI(provider="openai", model="m", base_url=url, **values)
    settings = {"llms": {"large": entry}, "costs": costs or Costs()}
    return connect(params.load().model_copy(update=settings), "label", "large")


def replies(url, count, asked=None, **changes):
    return list(model(url, **changes).complete(requests(count, **(asked or {}))))


# ------------------------------------------------------------------ faults


def mood(body, tries):
    """What happens to this try of this request, always the same: a number below 100."""
    tries[said(body)] += 1
    text = f"{said(body)} {tries[said(body)]}"
    return hashlib.sha256(text.encode()).digest()[0] * 100 // 256


def test_every_request_ends_in_a_reply_whatever_the_server_does(workspace):
    tries = Counter()

    def moody(body):
        chance = mood(body, tries)
        if chance < 10:
            return 429, {"Retry-After": "0.2"}, "later"
        if chance < 15:
            return 500, {}, "broken"
        if chance < 16:
            time.sleep(2)
        if chance < 17:
            return completion("")
        if chance < 18:
            return completion("cut", finish="length")
        if chance < 19:
            return 200, {}, '{"choices": [{"mess'
        return echo(body)

    with serve(moody) as (url, received):
        began = time.monotonic()
        found = replies(url, 600, timeout=1, asked={"parse": str})
        seconds = time.monotonic() - began
    assert len(found) == 600
    good = [n for n, reply in enumerate(found) if reply.text == f"SAY {n}."]
    cut = [reply for reply in found if reply.truncated]
    lost = [reply for reply in found if reply.error]
    assert len(good) + len(cut) + len(lost) == 600
    assert 0 < len(cut) < 20
    assert len(lost) <= 2
    assert len(received) <= 1.25 * 600
    assert seconds < 20


def test_a_row_that_fails_for_ever_costs_its_own_tries_only(workspace):
    def answer(body):
        return (500, {}, "") if said(body) in ("say 3.", "say 70.") else echo(body)

    with serve(answer) as (url, received):
        found = replies(url, 100, retries=2)
    assert [n for n, reply in enumerate(found) if reply.error] == [3, 70]
    assert found[3].error == "server_error"
    assert found[3].detail == "HTTP 500"
    assert len(received) == 98 + 2 * 3


def test_rows_that_wait_hold_up_no_other(workspace):
    tries = Counter()
    late = [f"say {n}." for n in range(5, 205, 10)]

    def answer(body):
        tries[said(body)] += 1
        if said(body) in late and tries[said(body)] == 1:
            return 429, {"Retry-After": "1.5"}, ""
        return echo(body)

    with serve(answer) as (url, received):
        began = time.monotonic()
        found = replies(url, 300, concurrency=4)
    assert [reply.text for reply in found] == [f"SAY {n}." for n in range(300)]
    assert {said(body) for body in received[-20:]} == set(late)  # after all of the others
    assert time.monotonic() - began >= 1.5


def test_a_server_that_accepts_and_never_answers_is_left_at_the_deadline(workspace):
    def answer(body):
        if said(body) in ("say 1.", "say 5.", "say 9."):
            time.sleep(3)
        return echo(body)

    with serve(answer) as (url, _):
        began = time.monotonic()
        found = replies(url, 200, timeout=0.5, retries=0)
        seconds = time.monotonic() - began
    assert [n for n, reply in enumerate(found) if reply.error == "timed_out"] == [1, 5, 9]
    assert seconds < 2.5


def test_a_server_that_is_down_is_given_up_without_asking_for_every_row(workspace):
    with serve(echo) as (url, _):
        pass
    began = time.monotonic()
    found = replies(url, 500, patience=1)
    assert {reply.error for reply in found} == {"server_error"}
    assert found[-1].detail == "not sent"
    assert time.monotonic() - began < 10


def test_a_wrong_key_is_not_tried_for_every_row(workspace):
    wrong = json.dumps({"error": {"message": "say 0. is secret", "code": "invalid_api_key"}})
    with serve(lambda body: (401, {}, wrong)) as (url, received):
        found = replies(url, 500)
    assert {reply.error for reply in found} == {"refused"}
    assert found[0].detail == "HTTP 401 invalid_api_key"
    assert len(received) < 60


def test_a_row_that_the_server_will_not_take_stops_no_other(workspace):
    def answer(body):
        return (400, {}, "{}") if said(body).endswith("7.") else echo(body)

    with serve(answer) as (url, received):
        found = replies(url, 300)
    assert Counter(reply.error for reply in found) == {"": 270, "refused": 30}
    assert len(received) == 300


def test_an_empty_purse_at_the_server_is_no_reason_to_wait(workspace):
    spent = json.dumps({"error": {"code": "insufficient_quota"}})
    with serve(lambda body: (429, {}, spent)) as (url, received):
        [reply] = replies(url, 1)
    assert reply.error == "refused"
    assert reply.detail == "HTTP 429 insufficient_quota"
    assert len(received) == 1


def test_after_an_outage_it_goes_on(workspace):
    began = time.monotonic()

    def answer(body):
        return (503, {}, "") if time.monotonic() < began + 1.5 else echo(body)

    with serve(answer) as (url, _):
        found = replies(url, 200, retries=8, patience=20)
    assert [reply.text for reply in found] == [f"SAY {n}." for n in range(200)]


# ------------------------------------------------------------------ limits


class Busy:
    """A server that refuses what exceeds its capacity."""

    def __init__(self, capacity, latency=0.02):
        self.capacity, self.latency = capacity, latency
        self.lock, self.running, self.most, self.refused = threading.Lock(), 0, 0, 0

    def __call__(self, body):
        with self.lock:
            if self.running >= self.capacity:
                self.refused += 1
                return 429, {}, ""
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self.latency)
        with self.lock:
            self.running -= 1
        return echo(body)


def test_the_number_in_flight_grows_to_what_the_server_takes(workspace):
    server = Busy(capacity=1000, latency=0.1)
    with serve(server) as (url, _):
        replies(url, 600, concurrency=48)
    assert 32 <= server.most <= 48


def test_the_number_in_flight_falls_to_what_the_server_takes(workspace):
    server = Busy(capacity=8)
    with serve(server) as (url, _):
        found = replies(url, 600, concurrency=64)
    assert not [reply for reply in found if reply.error]
    assert server.refused < 250


def test_requests_per_minute_are_spread_evenly(workspace):
    arrived = []

    def answer(body):
        arrived.append(time.monotonic())
        return echo(body)

    with serve(answer) as (url, _):
        replies(url, 8, requests_per_minute=600)
    assert arrived[-1] - arrived[0] >= 0.65  # seven times a tenth of a second, less the noise


def test_tokens_per_minute_count_what_a_reply_took_in_the_end(workspace):
    arrived = []

    def answer(body):
        arrived.append(time.monotonic())
        return echo(body)

    with serve(answer) as (url, _):
        # 15 tokens a reply are said to be taken, of 100 a second
        replies(url, 8, tokens_per_minute=6000, max_tokens=15, concurrency=1)
    assert 0.8 <= arrived[-1] - arrived[0] <= 2.5


# ------------------------------------------------------------------ what is sent


def test_keys_and_headers_come_from_the_environment(workspace, monkeypatch):
    monkeypatch.setenv("MY_KEY", "s3cret")
    monkeypatch.setenv("MY_TEAM", "support")
    with serve(echo) as (url, received):
        replies(
            f"{url}?api-version=2024-10-21",
            1,
            api_key_env="MY_KEY",
            api_key_header="api-key",
            headers={"X-Team": "$MY_TEAM", "X-Plain": "yes"},
        )
        with pytest.raises(ParamsError, match=r"NO_TEAM is not set.*headers\.X-Team"):
            model(url, headers={"X-Team": "$NO_TEAM"})
    sent = received[0]["request"]
    assert sent.startswith("POST /v1/chat/completions?api-version=2024-10-21 ")
    assert "api-key: s3cret" in sent
    assert "X-Team: support" in sent
    assert "X-Plain: yes" in sent
    assert received[0]["authorization"] is None


def test_sampling_is_what_params_say_and_nothing_else(workspace):
    with serve(echo) as (url, received):
        replies(url, 1, temperature=None, top_p=0.9, seed=3, extra={"repetition_penalty": 1.1})
    names = ("temperature", "top_p", "seed", "repetition_penalty", "n", "logprobs")
    assert {name: received[0].get(name) for name in names} == {
        "temperature": None, "top_p": 0.9, "seed": 3, "repetition_penalty": 1.1, "n": None,
        "logprobs": None,
    }  # fmt: skip


SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def test_a_schema_is_sent_to_a_server_that_knows_them(workspace):
    with serve(echo) as (url, received):
        replies(url, 1, asked={"schema": SCHEMA})
    sent = received[0]["response_format"]
    assert sent["json_schema"] == {"name": "summarize", "strict": True, "schema": SCHEMA}


@pytest.mark.parametrize(
    ("word", "mended"),
    [("response_format", "max_tokens"), ("use max_completion_tokens", "max_completion_tokens")],
)
def test_a_word_that_the_server_does_not_know_is_left_out(workspace, word, mended):
    def answer(body):
        refused = "response_format" if "response_format" in word else "max_tokens"
        return (400, {}, f"unknown: {word}") if refused in body else echo(body)

    with serve(answer) as (url, received):
        found = replies(url, 40, asked={"schema": SCHEMA})
    assert [reply.text for reply in found] == [f"SAY {n}." for n in range(40)]
    assert len(received) <= 40 + 32  # only those that were on their way are sent again
    assert received[-1][mended] == 1024


@pytest.mark.parametrize("at_once", [True, False])
def test_several_samples_from_a_server_that_gives_them_at_once_or_one_by_one(workspace, at_once):
    def answer(body):
        _, headers, text = echo(body)
        found = json.loads(text)
        found["choices"] *= body.get("n", 1) if at_once else 1
        return 200, headers, json.dumps(found)

    with serve(answer) as (url, received):
        [reply] = replies(url, 1, asked={"samples": 3})
    assert reply.texts == ("SAY 0.",) * 3
    assert len(received) == (1 if at_once else 3)
    assert reply.prompt_tokens == 10 * len(received)


# ------------------------------------------------------------------ answers that cannot be used


def number(text):
    return int(text)


def test_an_answer_in_another_form_is_asked_for_once_more(workspace):
    def answer(body):
        return completion("Three!" if len(body["messages"]) == 1 else "3")

    with serve(answer) as (url, received):
        [reply] = replies(url, 1, asked={"parse": number})
    assert (reply.text, reply.error) == ("3", "")
    assert [message["role"] for message in received[1]["messages"]] == ["user", "assistant", "user"]
    assert reply.prompt_tokens == 20


def test_after_that_it_is_unparsable_and_the_next_run_asks_again(workspace):
    with serve(lambda body: completion("Three!")) as (url, received):
        [reply] = replies(url, 1, asked={"parse": number})
        assert reply.error == "unparsable"
        assert len(received) == 2
        replies(url, 1, asked={"parse": number})
        assert len(received) == 4


# ------------------------------------------------------------------ what is kept


def changed(**changes):
    return pytest.param(changes, id=next(iter(changes)))


@pytest.mark.parametrize(
    "changes",
    [
        changed(temperature=0.7),
        changed(seed=1),
        changed(top_p=0.5),
        changed(extra={"min_p": 0.1}),
    ],
)
def test_whatever_shapes_an_answer_makes_another_request(workspace, changes):
    with serve(echo) as (url, received):
        replies(url, 3)
        replies(url, 3, **changes)
    assert len(received) == 6


def test_what_shapes_no_answer_does_not(workspace):
    with serve(echo) as (url, received):
        replies(url, 3)
        replies(url, 3, max_tokens=2048, concurrency=2, retries=1, timeout=9, patience=9)
    assert len(received) == 3


def test_one_row_more_or_another_is_one_request(workspace):
    with serve(echo) as (url, received):
        replies(url, 5)
        replies(url, 6)
        assert len(received) == 6
        rows = requests(6)
        rows[2].messages[0]["content"] = "say something else."
        list(model(url).complete(rows))
        assert len(received) == 7


def test_a_damaged_reply_is_asked_again_and_said_so(workspace, capsys):
    with serve(echo) as (url, received):
        replies(url, 3)
        store = Store()
        with store._using() as db:
            db.execute("UPDATE replies SET reply = replace(reply, 'SAY 1.', 'SAY 9.')")
        again = replies(url, 3)
        assert [reply.text for reply in again] == ["SAY 0.", "SAY 1.", "SAY 2."]
        assert len(received) == 4
        assert "a kept reply is damaged and is asked again" in capsys.readouterr().err
        replies(url, 3)
        assert len(received) == 4


def test_a_damaged_file_is_set_aside_and_said_so(workspace, capsys):
    with serve(echo) as (url, received):
        replies(url, 2)
        path = workspace / ".arf/replies.sqlite"
        gc.collect()  # a connection that is still open would mend the file when it closes
        for file in path.parent.glob("replies.sqlite-*"):
            file.unlink()
        path.write_bytes(b"x" * 5000)
        assert [reply.text for reply in replies(url, 2)] == ["SAY 0.", "SAY 1."]
    assert len(received) == 4
    assert path.with_name("replies.sqlite.damaged").read_bytes() == b"x" * 5000
    assert "replies.sqlite.damaged" in capsys.readouterr().err


def test_a_reply_is_kept_the_moment_it_comes_not_when_its_turn_does(workspace):
    def answer(body):
        if said(body) == "say 0.":
            time.sleep(1)
        return echo(body)

    with serve(answer) as (url, _):
        running = model(url).complete(requests(30))
        thread = threading.Thread(target=next, args=(running,))
        thread.start()
        time.sleep(0.6)
        assert Store().sizes()[0].replies == 29
        thread.join()
        running.close()


def test_replies_unused_for_long_are_forgotten(workspace):
    with serve(echo) as (url, received):
        replies(url, 4)
        store = Store()
        with store._using() as db:
            db.execute("UPDATE replies SET used = used - 40 * 86400")
        replies(url, 1)  # is used again
        assert store.prune(30) == 3
        replies(url, 4)
        assert len(received) == 4 + 3


# ------------------------------------------------------------------ costs


PRICES = {"large": Price(prompt=1000, completion=2000)}  # a reply of 10 and 5 tokens: two cents


def test_what_was_paid_is_counted_by_stage_and_model(workspace):
    with serve(echo) as (url, _):
        replies(url, 5, costs=Costs(prices=PRICES))
        again = replies(url, 5, costs=Costs(prices=PRICES))
    [spent] = Store().spent()
    assert (spent.stage, spent.model, spent.calls) == ("label", "m", 5)
    assert (spent.prompt_tokens, spent.completion_tokens) == (50, 25)
    assert spent.dollars == pytest.approx(0.1)
    assert sum(reply.dollars for reply in again) == 0


def test_a_budget_is_kept_but_for_what_is_in_flight(workspace):
    with serve(echo) as (url, received):
        found = replies(url, 100, concurrency=2, costs=Costs(prices=PRICES, budget=0.5))
        assert 25 <= len(received) <= 27
        assert Counter(reply.error for reply in found)["over_budget"] == 100 - len(received)
        more = replies(url, 100, concurrency=2, costs=Costs(prices=PRICES, budget=9))
    assert not [reply for reply in more if reply.error]
    assert len(received) == 100
