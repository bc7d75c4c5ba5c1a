"""What people's servers do, as the field reported it: dialects, money, early stops with a reason.

Each test has a real HTTP server that behaves in one of the reported ways.
"""

import json
import math
import re
import time
from pathlib import Path

import pytest
from batches import serve_batches
from endpoint import completion, echo, model, replies, requests, said, serve
from stages import CALL, GOOD, LEARNED, PRICES, configure, rows, stage, summarized
from test_batch import model as batch_model

from distill import paths, records
from distill.errors import EndpointError, RowError
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Reply, Request, settled
from distill.llm.settings import Costs, Price
from distill.llm.store import Store
from distill.tasks.summarize import answers, format

SUMMARY = "<ul><li>Where is the lamp?</li></ul>"
CENT = Price(prompt=1_000, completion=2_000)
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def message(text, usage=None, **fields):
    """A completion with further fields of its message."""
    choice = {"message": {"role": "assistant", "content": text, **fields}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 5} if usage is None else usage
    return 200, {}, json.dumps({"choices": [choice], "usage": usage})


def refused(status, **error):
    return status, {}, json.dumps({"error": error})


def summaries(answer, count=1, **changes):
    """The replies to requests for summaries, and the bodies that the server received."""
    with serve(answer) as (url, received):
        found = replies(url, count, asked={"parse": format.normalize}, **changes)
    return found, received


# ------------------------------------------------------------------ reasoning before answers


@pytest.mark.parametrize(
    "before",
    [
        "<think>\nLet me see.\n</think>\n\n",
        "<think>\n\n</think>\n\n",
        "Let me see.\n</think>\n\n",
        "</think>",
        "<think>\none\n</think>\n<think>\ntwo\n</think>\n",
        "<think>\nIs it <ul><li>this</li></ul>?\n</think>",
        "<thinking>Let me see.</thinking>",
        "<THINK>Let me see.</THINK>",
        "[THINK]Let me see.[/THINK]",
        "◁think▷Let me see.◁/think▷",
        "<|channel|>analysis<|message|>Let me see.<|end|>"
        "<|start|>assistant<|channel|>final<|message|>",
        "analysisLet me see.assistantfinal",
    ],
)
def test_reasoning_before_an_answer_is_taken_off_and_kept_in_the_raw_reply(workspace, before):
    [reply], received = summaries(lambda body: completion(before + SUMMARY))
    assert (reply.value, reply.error) == (SUMMARY, "")
    assert reply.text == before + SUMMARY
    assert len(received) == 1


@pytest.mark.parametrize("text", ["<think>\nLet me see.", f"<think>\nIs it {SUMMARY}"])
def test_reasoning_that_never_ends_is_no_answer(workspace, text):
    [reply], _ = summaries(lambda body: completion(text))
    assert reply.error == "unparsable"


def test_reasoning_in_a_field_of_its_own_is_no_answer(workspace):
    [reply], _ = summaries(lambda body: message(None, reasoning_content=f"Is it {SUMMARY}"))
    assert (reply.error, reply.detail) == ("empty", "only reasoning_content")


def test_a_verdict_that_quotes_a_mark_of_reasoning_is_read_as_it_is(workspace):
    verdict = '{"errors": [{"code": "unn_other", "quote": "a </think> b"}], "concise": true}'
    of = answers.Compared("botchat", "a </think> b", "<ul><li>x</li></ul>")
    with serve(lambda body: completion(verdict)) as (url, _):
        [reply] = replies(url, 1, asked={"parse": lambda text: answers.verdict(text, of)})
    assert reply.error == ""


def test_a_free_answer_is_given_without_its_reasoning(workspace):
    with serve(lambda body: completion("<think>\n\n</think>\n\nfive")) as (url, _):
        [reply] = replies(url, 1)
    assert settled(Request("a", "t", []), reply).value == "five"


def test_a_rating_that_reasoning_drafts_has_no_weight():
    tokens = ["<think>", '{"rating":', " 1", "</think>", '{"rating":', " 4", "}"]
    logprobs = tuple((token, {token: -0.1}) for token in tokens)
    assert answers.expected_rating(Reply("".join(tokens), logprobs=logprobs)) == 4


# ------------------------------------------------------------------ money


@pytest.mark.parametrize(
    "usage",
    [
        "null",
        "{}",
        '{"prompt_tokens": 0, "completion_tokens": 0}',
        '{"prompt_tokens": NaN, "completion_tokens": NaN}',
        '{"prompt_tokens": null, "completion_tokens": null}',
        '{"prompt_tokens": "many", "completion_tokens": -3}',
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


def test_counts_by_other_names_are_counts(workspace):
    usage = {"input_tokens": 100, "output_tokens": 50}
    [reply], _ = summaries(lambda body: message(SUMMARY, usage))
    assert (reply.prompt_tokens, reply.completion_tokens) == (100, 50)


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


# ------------------------------------------------------------------ dialects


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": SUMMARY}],
        [{"type": "text", "text": SUMMARY[:9]}, {"type": "text", "text": SUMMARY[9:]}],
        [
            {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
            {"type": "text", "text": SUMMARY},
        ],
        [SUMMARY],
        {"type": "text", "text": SUMMARY},
        [{"type": "output_text", "text": {"value": SUMMARY}}],
    ],
)
def test_content_as_parts_is_read(workspace, content):
    [reply], received = summaries(lambda body: message(content))
    assert reply.value == SUMMARY
    assert len(received) == 1


@pytest.mark.parametrize("unknown", ["null", "NaN", "-Infinity", '"-inf"'])
def test_an_alternative_without_a_finite_number_has_no_weight(workspace, unknown):
    top = f'[{{"token": " 4", "logprob": -0.2}}, {{"token": " 5", "logprob": {unknown}}}]'
    tokens = ", ".join(
        f'{{"token": {json.dumps(token)}, "logprob": -0.1, "top_logprobs": {others}}}'
        for token, others in (('{"rating":', "null"), (" 4", top), ("}", "[]"))
    )

    def answer(body):
        choice = '{"message": {"content": "{\\"rating\\": 4}"}, "finish_reason": "stop", "logprobs"'
        return 200, {}, f'{{"choices": [{choice}: {{"content": [{tokens}]}}}}]}}'

    with serve(answer) as (url, _):
        [reply] = replies(url, 1, asked={"logprobs": 20})
    assert answers.expected_rating(reply) == 4


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        ({"message": "no such model", "code": "model_not_found"}, "refused", "model_not_found"),
        ({"message": "you have run out of credits", "code": 402}, "refused", "402"),
        ({"message": "quota", "type": "insufficient_quota"}, "refused", "insufficient_quota"),
    ],
)
def test_an_error_in_a_200_is_read_as_its_own_status(workspace, error, reason, detail):
    began = time.monotonic()
    found, received = summaries(lambda body: (200, {}, json.dumps({"error": error})), 100)
    assert {reply.error for reply in found} == {reason}
    assert found[0].detail == f"HTTP 200 {detail}"
    assert len(received) < 60
    assert time.monotonic() - began < 10
    assert Store().spent() == []


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"message": "slow down", "code": 429}}',
        '{"error": {"message": "upstream", "code": "bad_gateway"}}',
        '{"error": "the model is loading"}',
        '{"choices": [{"error": {"code": 502}, "message": {"content": ""}}]}',
        '{"object": "error", "message": "overloaded", "type": "server_error"}',
    ],
)
def test_a_passing_error_in_a_200_is_tried_again(workspace, body):
    tries = iter([(200, {}, body), completion(SUMMARY)])
    [reply], _ = summaries(lambda body: next(tries))
    assert (reply.value, reply.calls) == (SUMMARY, 1)


ECHOES = [
    lambda body: (422, {}, json.dumps({"detail": [
        {"type": "too_long", "loc": ["body", "messages"], "msg": "too long", "input": body},
    ]})),
    lambda body: refused(400, message=f"invalid request: {json.dumps(body)}"),
    lambda body: (400, {}, f"use max_tokens or max_completion_tokens: {json.dumps(body)}"),
]  # fmt: skip


@pytest.mark.parametrize("echoed", ECHOES)
def test_an_error_about_one_row_changes_nothing_for_the_others(workspace, capsys, echoed):
    def answer(body):
        sent = {name: value for name, value in body.items() if name != "request"}
        return echoed(sent) if said(body) == "say 2." else echo(body)

    with serve(answer) as (url, received):
        found = replies(url, 30, asked={"schema": SCHEMA}, concurrency=2, seed=7)
    assert [n for n, reply in enumerate(found) if reply.error] == [2]
    others = [body for body in received if said(body) != "say 2."]
    assert len(others) == 29
    assert all(
        {"response_format", "max_tokens", "temperature", "seed"} <= body.keys() for body in others
    )
    assert capsys.readouterr().err == ""


TEMPERATURE = "Unsupported value: 'temperature' does not support 0 with this model."
UNKNOWN = [  # (parameter, the error that names it)
    (
        "temperature",
        refused(400, message=TEMPERATURE, param="temperature", code="unsupported_value"),
    ),
    ("response_format", refused(400, message="invalid JSON schema in format")),
    ("response_format", (400, {}, '{"error": "invalid JSON schema in format"}')),
    ("response_format", refused(400, message="json_schema is not supported by this model")),
    ("seed", (422, {}, '{"detail": [{"loc": ["body", "seed"], "msg": "extra", "input": 7}]}')),
    ("top_p", (200, {}, '{"error": {"message": "Unknown parameter: top_p", "code": 400}}')),
    ("reasoning_effort", refused(400, message="Unrecognized request argument: reasoning_effort")),
    (
        "max_tokens",
        refused(400, message="Use 'max_completion_tokens' instead.", param="max_tokens"),
    ),
]


@pytest.mark.parametrize(("name", "error"), UNKNOWN)
def test_a_parameter_that_a_server_refuses_is_dropped_once_and_said(workspace, capsys, name, error):
    changes = {"seed": 7, "top_p": 0.9, "extra": {"reasoning_effort": "low"}, "concurrency": 1}
    with serve(lambda body: error if name in body else echo(body)) as (url, received):
        found = replies(url, 20, asked={"schema": SCHEMA}, **changes)
    assert [reply.text for reply in found] == [f"SAY {n}." for n in range(20)]
    assert len(received) <= 22
    assert received[-1].get("max_completion_tokens") == (1024 if name == "max_tokens" else None)
    [line] = capsys.readouterr().err.splitlines()
    assert name in line


def test_two_parameters_that_a_server_refuses_are_both_dropped(workspace):
    def answer(body):
        if "temperature" in body:
            return refused(400, message=TEMPERATURE, param="temperature")
        return (
            refused(400, message="use max_completion_tokens")
            if "max_tokens" in body
            else echo(body)
        )

    with serve(answer) as (url, received):
        found = replies(url, 20, concurrency=1)
    assert [reply.text for reply in found] == [f"SAY {n}." for n in range(20)]
    assert len(received) <= 24


@pytest.mark.parametrize("mark", ["JSON", "xml", "HTML", "json5 title=x", "", " json"])
@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_a_fence_with_any_info_string_is_taken_off(workspace, mark, fence):
    [reply], received = summaries(lambda body: completion(f"{fence}{mark}\n{SUMMARY}\n{fence}"))
    assert reply.value == SUMMARY
    assert len(received) == 1


def test_a_number_without_a_fraction_is_an_integer():
    of = answers.Compared("botchat", "a", "<ul><li>a</li></ul>")
    text = '```JSON\n{"errors": [], "reason": "fine", "rating": 4.0}\n```'
    assert answers.direct_verdict(text, of).rating == 4
    with pytest.raises(ValueError, match="rating"):
        answers.direct_verdict(text.replace("4.0", "4.5"), of)


# ------------------------------------------------------------------ stop early, say why


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
    assert "unparsable 10" in message
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


# ------------------------------------------------------------------ fixes that ruin rows


def test_revise_says_when_an_edit_changes_rows_without_its_error(workspace):
    summary = "<ul><li>Where is my order?</li><li>wants a refund</li></ul>"
    made = [{**row, "target": summary, "edits": []} for row in rows("train", range(20))]
    records.write_shards(paths.dataset("org"), made)
    read = ({"id": row["id"], "source": "gpt", "findings": []} for row in made)
    records.write_shards(paths.annotated("org"), read)

    def ruin(body):
        return completion("<ul><li>nothing to summarize</li></ul>")

    with serve(ruin) as (url, _):
        configure(url)
        done = stage("revise", "r1")
        assert done.returncode == 0, done.stderr
    assert (
        "revise r1: botchat: the edit for sentiment_inferred_frustrated changed 20 of 20 summaries"
        " without this error"
    ) in done.stderr


def test_revise_says_nothing_of_an_edit_that_leaves_such_rows_alone(workspace):
    made = [{**row, "target": GOOD.format(n=1), "edits": []} for row in rows("train", range(20))]
    records.write_shards(paths.dataset("org"), made)
    read = ({"id": row["id"], "source": "gpt", "findings": []} for row in made)
    records.write_shards(paths.annotated("org"), read)
    with serve(lambda body: completion(GOOD.format(n=1))) as (url, _):
        configure(url)
        done = stage("revise", "r1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "around",
    [
        "<summary>$summary</summary>",
        "<summary>\n$summary</summary>",
        "<customer-text>\n$summary\n</customer-text>",
        '<text lang="en">\n$summary\n</text>',
    ],
)
def test_a_prompt_whose_tags_do_not_stand_alone_is_refused(workspace, around):
    path = Path("prompts/r1/sentiment_inferred_frustrated.txt")
    path.write_text(f"Delete the feeling.\n{around}\n")
    checked = stage("plan")
    assert checked.returncode == 1
    assert f"{path}: <" in checked.stderr
    assert "alone on a line" in checked.stderr


def test_the_laptop_profile_guards_each_revision():
    import yaml
    from conftest import REPO

    profile = yaml.safe_load((REPO / "profiles/laptop.yaml").read_text())
    assert all(revision["guard"] for revision in profile["revisions"].values())


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
