"""The OpenAI-compatible provider and the cache of replies, against a real HTTP server."""

import collections
import json

import pytest
from endpoint import completion, serve

from arf import params
from arf.errors import ParamsError
from arf.llm import Request, ask, connect
from arf.llm.replies import findings, verdict
from arf.params import OpenAI


def requests(count, text="row"):
    return [
        Request(str(n), "summarize", {}, [{"role": "user", "content": f"{text} {n}"}])
        for n in range(count)
    ]


def echo(body):
    return completion(body["messages"][0]["content"].upper())


def model(url, **changes):
    """The provider of an endpoint, as a stage connects to it."""
    values = {"retries": 2, "timeout": 5, "patience": 1, **changes}
    entry = OpenAI(provider="openai", model="m", base_url=url, **values)
    return connect(params.load().model_copy(update={"llms": {"large": entry}}), "label", "large")


def test_replies_come_in_the_order_of_requests(workspace):
    with serve(echo, latency=0.01) as (url, received):
        replies = list(model(url).complete(requests(50)))
    assert [reply.text for reply in replies] == [f"ROW {n}" for n in range(50)]
    assert replies[0].prompt_tokens == 10
    assert received[0]["model"] == "m"
    assert received[0]["temperature"] == 0


def test_the_same_request_is_paid_for_once(workspace):
    with serve(echo) as (url, received):
        list(model(url).complete(requests(5)))
        again = list(model(url, max_tokens=2048).complete(requests(6)))
    assert [reply.text for reply in again] == [f"ROW {n}" for n in range(6)]
    assert len(received) == 6


def test_another_temperature_is_another_request(workspace):
    with serve(echo) as (url, received):
        list(model(url).complete(requests(1)))
        list(model(url, temperature=0.5).complete(requests(1)))
    assert len(received) == 2


def test_a_truncated_reply_is_asked_again_under_a_larger_cap_only(workspace):
    with serve(lambda body: completion("cut", finish="length")) as (url, received):
        assert next(model(url).complete(requests(1))).truncated
        list(model(url).complete(requests(1)))
        assert len(received) == 1
        list(model(url, max_tokens=2048).complete(requests(1)))
    assert len(received) == 2


def test_failures_of_the_moment_are_tried_again(workspace):
    tries = collections.Counter()

    def flaky(body):
        text = body["messages"][0]["content"]
        tries[text] += 1
        if tries[text] == 1:
            return 429 if text.endswith("1") else 503, {"Retry-After": "0.01"}, "busy"
        return echo(body)

    with serve(flaky) as (url, _):
        replies = list(model(url).complete(requests(4)))
    assert [reply.text for reply in replies] == [f"ROW {n}" for n in range(4)]
    assert set(tries.values()) == {2}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((400, {}, "no such model"), "refused"),
        ((500, {"Retry-After": "0.01"}, "broken"), "server_error"),
        ((429, {"Retry-After": "0.01"}, "slow down"), "rate_limited"),
        ((200, {}, "<html>"), "unparsable"),
        ((200, {}, '{"choices": []}'), "unparsable"),
        (completion(""), "empty"),
    ],
)
def test_a_request_that_fails_for_good_says_why_and_is_not_kept(workspace, answer, reason):
    with serve(lambda body: answer) as (url, _):
        assert next(model(url).complete(requests(1))).error == reason
    with serve(echo) as (url, _):
        assert next(model(url).complete(requests(1))).text == "ROW 0"


def test_a_server_that_never_answers_is_given_up(workspace):
    with serve(echo, latency=1.0) as (url, _):
        impatient = model(url, timeout=0.05, retries=0)
        assert next(impatient.complete(requests(1))).error == "timed_out"


def test_the_key_comes_from_the_environment(workspace, monkeypatch):
    with serve(echo) as (url, received):
        with pytest.raises(ParamsError, match="environment variable MY_KEY is not set"):
            model(url, api_key_env="MY_KEY")
        monkeypatch.setenv("MY_KEY", "s3cret")
        list(model(url, api_key_env="MY_KEY").complete(requests(1)))
    assert received[0]["authorization"] == "Bearer s3cret"
    store = workspace / ".arf/replies.sqlite"
    assert store.exists()
    assert b"s3cret" not in store.read_bytes()


def test_rows_that_need_no_request_pass_by_in_order(workspace):
    rows = [{"id": str(n)} for n in range(6)]
    asked = {row["id"]: request for row, request in zip(rows, requests(6), strict=True)}
    with serve(echo) as (url, received):
        pairs = ask(
            model(url),
            rows,
            lambda row: asked[row["id"]] if int(row["id"]) % 2 else None,
        )
        answers = [(row["id"], reply and reply.text) for row, reply in pairs]
    assert answers == [
        ("0", None), ("1", "ROW 1"), ("2", None), ("3", "ROW 3"), ("4", None), ("5", "ROW 5"),
    ]  # fmt: skip
    assert len(received) == 3


def test_a_verdict_is_parsed_strictly(workspace):
    good = {"rating": 3, "codes": ["unn_content_redundant"], "reason": "said twice"}
    assert verdict(f"```json\n{json.dumps(good)}\n```", "botchat").rating == 3
    for change in (
        {"rating": 6},
        {"rating": "3"},
        {"codes": ["made_up"]},
        {"codes": ["unn_content_webform_email_copy"]},
        {"comment": "more"},
    ):
        with pytest.raises(ValueError, match=r".+"):
            verdict(json.dumps(good | change), "botchat")
    with pytest.raises(ValueError, match=r".+"):
        verdict("The rating is 3.", "botchat")


def test_findings_are_parsed_strictly(workspace):
    good = {"findings": [{"code": "unn_content_redundant", "evidence": "twice"}]}
    assert findings(json.dumps(good), "webform")[0].code == "unn_content_redundant"
    assert findings('{"findings": []}', "webform") == []
    made_up = '{"findings": [{"code": "made_up", "evidence": ""}]}'
    for bad in ('{"code": "x"}', "[]", made_up, "none"):
        with pytest.raises(ValueError, match=r".+"):
            findings(bad, "webform")
