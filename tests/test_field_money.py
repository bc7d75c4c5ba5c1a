"""What people's servers count, as the field reported it: what was paid for is booked."""

import json
import math
import time

import pytest
from batches import serve_batches
from endpoint import completion, echo, replies, requests, serve
from field import CENT, SUMMARY, message, summaries
from stages import CALL, LEARNED, PRICES, configure, stage, summarized
from test_batch import model as batch_model

from distill import paths
from distill.llm.settings import Costs
from distill.llm.store import Store


@pytest.mark.parametrize(
    "usage",
    [
        "null",
        "{}",
        '{"prompt_tokens": 0, "completion_tokens": 0}',
        '{"prompt_tokens": NaN, "completion_tokens": NaN}',
        '{"prompt_tokens": null, "completion_tokens": null}',
        '{"prompt_tokens": "many", "completion_tokens": -3}',
        '{"prompt_tokens": true, "completion_tokens": true}',
        f'{{"prompt_tokens": {10**400}, "completion_tokens": 1e400}}',
        "[]",
    ],
)
def test_a_reply_without_a_count_costs_what_its_length_says(workspace, capsys, usage):
    def answer(body):
        _, _, text = completion(SUMMARY)
        found = json.loads(text)
        del found["usage"]
        return 200, {}, json.dumps(found)[:-1] + f', "usage": {usage}}}'

    costs = Costs(budget=0.1, prices={"large": CENT})
    found, received = summaries(answer, 20, costs=costs, concurrency=1)
    tokens = math.ceil(len("say 0.") / 4), math.ceil(len(SUMMARY) / 4)
    assert (found[0].prompt_tokens, found[0].completion_tokens) == tokens
    assert Store().spent_dollars() == pytest.approx(len(received) * CENT.dollars(*tokens))
    assert len(received) == math.ceil(0.1 / CENT.dollars(*tokens))
    assert found[-1].error == "over_budget"
    assert capsys.readouterr().err.count("does not say how many tokens") == 1


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"input_tokens": 100, "output_tokens": 50}, (100, 50)),
        ({"prompt_tokens": "100", "completion_tokens": 50.0}, (100, 50)),
        ({"promptTokenCount": 100, "candidatesTokenCount": 50}, (100, 50)),
        ({"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 405}, (100, 305)),
        ({"prompt_tokens": 100, "completion_tokens": 305, "total_tokens": 405}, (100, 305)),
        ({"prompt_tokens": 100, "completion_tokens": 0, "total_tokens": 100}, (100, 9)),
        ({"total_tokens": 400}, (391, 9)),
    ],
)
def test_what_a_server_counts_in_its_way_is_counted(workspace, usage, tokens):
    [reply], _ = summaries(lambda body: message(SUMMARY, usage))
    assert (reply.prompt_tokens, reply.completion_tokens) == tokens


def test_a_reply_that_was_cut_off_on_the_way_is_booked(workspace):
    with serve_batches(echo) as server:  # it can announce more than it sends
        server.faults["POST /chat/completions"] = [(200, {"Content-Length": "999"}, "{")]
        [reply] = replies(server.url, 1, costs=Costs(prices={"large": CENT}))
    assert (reply.text, reply.calls) == ("SAY 0.", 2)
    assert reply.dollars > CENT.dollars(10, 5)


@pytest.mark.parametrize(
    "body",
    [
        '{"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 50}}',
        '{"choices": [{"mess',
        '{"choices": [{"message": {"content": 7}}]}',
    ],
)
def test_a_reply_that_is_thrown_away_is_booked(workspace, body):
    tries = iter([(200, {}, body), completion(SUMMARY)])
    costs = Costs(prices={"large": CENT})
    [reply], received = summaries(lambda body: next(tries), costs=costs)
    assert (reply.value, reply.calls) == (SUMMARY, 2)
    assert len(received) == 2
    assert reply.dollars > CENT.dollars(10, 5)
    assert Store().spent_dollars() == pytest.approx(reply.dollars)


def test_a_reply_that_came_too_late_is_booked(workspace):
    tries = iter([1.5, 0])

    def answer(body):
        time.sleep(next(tries))
        return completion(SUMMARY)

    [reply], _ = summaries(answer, timeout=0.7, costs=Costs(prices={"large": CENT}))
    assert reply.calls == 2
    assert reply.dollars > CENT.dollars(10, 5)


def test_second_asks_are_counted_by_the_ledger_as_by_the_cache(split):
    def answer(body):
        return summarized(body) if len(body["messages"]) > 1 else completion("I am happy to help.")

    with serve(answer) as (url, received):
        configure(url)
        assert stage("label").returncode == 0
    counts = json.loads(paths.ledger("label", "org").read_text())
    assert counts["models"]["m"]["calls"] == 2 * LEARNED
    assert sum(spent.calls for spent in Store().spent()) == len(received) == 2 * (LEARNED + 2)


def test_where_no_price_is_known_a_dash_stands(split):
    with serve(summarized) as (url, _):
        configure(url)
        assert stage("label").returncode == 0
        shown = stage("cache").stdout
        estimated = stage("estimate").stdout
    assert "$0.00" not in shown
    assert "Spent so far: -" in estimated


@pytest.mark.parametrize("code", ["token_limit_exceeded", "batch_queue_full", "server_error"])
def test_a_batch_that_a_full_queue_refuses_waits(workspace, code):
    with serve_batches(echo) as server:

        def full():
            """The first two batches fail as soon as they are looked at."""
            batch = list(server.batches.values())[-1]
            if len(server.batches) <= 2:
                error = {"code": code, "message": "later"}
                batch |= {"status": "failed", "errors": {"object": "list", "data": [error]}}

        server.started = full
        found = list(batch_model(server.url).complete(requests(20)))
    assert [reply.text for reply in found] == [f"SAY {n}." for n in range(20)]
    assert len(server.batches) == 3
    assert len(server.asked) == 1  # the first, as always: nothing else at the full price


def test_a_batch_of_answers_in_the_wrong_form_is_not_paid_for_again(workspace):
    with serve_batches(echo) as server:
        server.in_batch = lambda body: completion("I am happy to help.")
        asked = requests(20, parse=lambda text: text if text.startswith("SAY") else int(text))
        found = list(batch_model(server.url, price=CENT).complete(asked))
    assert [reply.error for reply in found] == ["", *["unparsable"] * 19]
    assert found[7].text == "I am happy to help."
    assert found[7].dollars == pytest.approx(CENT.as_batch().dollars(10, 5))
    assert len(server.asked) == 1


def test_a_budget_holds_where_the_server_counts_nothing(split):
    def answer(body):
        _, _, text = summarized(body)
        found = json.loads(text)
        del found["usage"]
        return 200, {}, json.dumps(found)

    with serve(answer) as (url, received):
        configure(
            url, costs={"prices": PRICES, "budget": 20 * CALL}, endpoints__remote__concurrency=1
        )
        stopped = stage("label")
    assert stopped.returncode == 1
    assert "does not say how many tokens a reply takes" in stopped.stderr
    assert "the budget of $0.40 is spent" in stopped.stderr
    assert len(received) < LEARNED
