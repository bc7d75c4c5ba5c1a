"""The provider as stages see it: replies or reasons in the order of the rows."""

import pytest
from endpoint import completion, echo, model, replies, requests, serve

from distill.errors import ParamsError
from distill.llm.ask import ask


def test_replies_come_in_the_order_of_requests(workspace):
    with serve(echo, latency=0.01) as (url, received):
        found = replies(url, 50)
    assert [reply.text for reply in found] == [f"SAY {n}." for n in range(50)]
    assert found[0].prompt_tokens == 10
    assert received[0]["model"] == "m"
    assert received[0]["temperature"] == 0


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
        assert replies(url, 1, retries=2, patience=1)[0].error == reason
    with serve(echo) as (url, _):
        assert replies(url, 1)[0].text == "SAY 0."


def test_the_key_comes_from_the_environment(workspace, monkeypatch):
    with serve(echo) as (url, received):
        with pytest.raises(ParamsError, match="environment variable MY_KEY is not set"):
            model(url, api_key_env="MY_KEY")
        monkeypatch.setenv("MY_KEY", "s3cret")
        replies(url, 1, api_key_env="MY_KEY")
    assert received[0]["authorization"] == "Bearer s3cret"
    store = workspace / ".distill/replies.sqlite"
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
        ("0", None), ("1", "SAY 1."), ("2", None), ("3", "SAY 3."), ("4", None), ("5", "SAY 5."),
    ]  # fmt: skip
    assert len(received) == 3
