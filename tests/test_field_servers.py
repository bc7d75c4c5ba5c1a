"""What people's servers do, as the field reported it: reasoning before answers, dialects.

Each test has a real HTTP server that behaves in one of the reported ways.
"""

import json
import time

import pytest
from endpoint import completion, echo, replies, said, serve
from field import SCHEMA, SUMMARY, message, refused, summaries

from distill.llm.messages import Reply, Request, settled
from distill.llm.store import Store
from distill.tasks.summarize import answers

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
        "<seed:think>Let me see.</seed:think>",
        "<scratchpad>Let me see.</scratchpad>",
        "&lt;think&gt;Let me see.&lt;/think&gt;\n",
        "<|START_THINKING|>Let me see.<|END_THINKING|><|START_RESPONSE|>",
        "<|begin_of_thought|>Let me see.<|end_of_thought|>\n<|begin_of_solution|>\n",
        "<|inner_prefix|>Let me see.<|inner_suffix|>",
        "<|think|>Let me see.<|end|><|begin|>assistant<|content|>",
        "<unused94>thought\nLet me see.<unused95>",
        '<details type="reasoning">\n<summary>Thought for 3 s</summary>\nSo.\n</details>\n',
        "Thinking...\nLet me see.\n...done thinking.\n\n",
        "Here is my thought process:\nLet me see.\n\nHere is my response:\n",
        "<|channel|>final<|message|>",
        "<|im_start|>assistant\n",
        "\ufeff",
    ],
)
def test_reasoning_before_an_answer_is_taken_off_and_kept_in_the_raw_reply(workspace, before):
    [reply], received = summaries(lambda body: completion(before + SUMMARY))
    assert (reply.value, reply.error) == (SUMMARY, "")
    assert reply.text == before + SUMMARY
    assert len(received) == 1


@pytest.mark.parametrize(
    "after",
    [
        "<|im_end|>",
        "<|im_end|>\n<|endoftext|>",
        "</s>",
        "<|eot_id|>",
        "<end_of_turn>\n",
        "<｜end▁of▁sentence｜>",
        "\n<|end_of_solution|>",
        "\u200b",
    ],
)
def test_tokens_behind_an_answer_are_taken_off(workspace, after):
    [reply], received = summaries(lambda body: completion(SUMMARY + after))
    assert (reply.value, reply.error, len(received)) == (SUMMARY, "", 1)


@pytest.mark.parametrize("tag", ["answer", "response", "summary", "output"])
def test_a_tag_around_an_answer_is_taken_off(workspace, tag):
    text = f"<think></think>\n<{tag}>\n```html\n{SUMMARY}\n```\n</{tag}>\n"
    [reply], received = summaries(lambda body: completion(text))
    assert (reply.value, reply.error, len(received)) == (SUMMARY, "", 1)


@pytest.mark.parametrize("text", ["<think>\nLet me see.", f"<think>\nIs it {SUMMARY}"])
def test_reasoning_that_never_ends_is_no_answer(workspace, text):
    [reply], _ = summaries(lambda body: completion(text))
    assert reply.error == "unparsable"


def test_reasoning_in_a_field_of_its_own_is_no_answer(workspace):
    [reply], _ = summaries(lambda body: message(None, reasoning_content=f"Is it {SUMMARY}"))
    assert (reply.error, reply.detail) == ("empty", "only reasoning_content")
    [reply], _ = summaries(lambda body: message("", reasoning_details=[{"text": "Hm."}]))
    assert (reply.error, reply.detail) == ("empty", "only reasoning_details")


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
        [None, {"type": "text", "text": None}, {"type": "text", "text": SUMMARY}],
        [[{"type": "text", "content": SUMMARY}]],
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
    "logprobs",
    [
        None,
        [],
        {"tokens": [" 4"], "token_logprobs": [-0.2], "top_logprobs": [{" 4": -0.2}]},
        {"content": [None, 4, {"token": " 4", "top_logprobs": [None, {"token": " 5"}]}]},
        {"content": [{"token": " 4", "top_logprobs": [{"token": " 4", "logprob": 1e308}]}]},
    ],
)
def test_log_probabilities_in_other_forms_cost_no_answer(workspace, logprobs):
    def answer(body):
        choice = {"message": {"content": '{"rating": 4}'}, "logprobs": logprobs}
        return 200, {}, json.dumps({"choices": [choice]})

    with serve(answer) as (url, _):
        [reply] = replies(url, 1, asked={"logprobs": 20})
    assert (reply.text, reply.error) == ('{"rating": 4}', "")


@pytest.mark.parametrize("finish", ["max_tokens", "MAX_TOKENS", "model_length"])
def test_a_reply_is_cut_whatever_a_server_calls_it(workspace, finish):
    [reply], received = summaries(lambda body: completion(SUMMARY[:20], finish))
    assert (reply.truncated, len(received)) == (True, 1)


@pytest.mark.parametrize("finish", ["content_filter", "SAFETY", "content_filter: PROHIBITED"])
def test_what_a_filter_withholds_is_refused_and_named(workspace, finish):
    [reply], received = summaries(lambda body: completion("", finish))
    assert (reply.error, len(received)) == ("refused", 1)
    assert reply.detail.startswith(f"by the model: {finish.lower()[:6]}")


@pytest.mark.parametrize("finish", ["error", "abort", "insufficient_system_resource"])
def test_an_answer_that_broke_off_is_tried_again(workspace, finish):
    tries = iter([completion(SUMMARY[:20], finish), completion(SUMMARY)])
    [reply], _ = summaries(lambda body: next(tries))
    assert reply.value == SUMMARY


@pytest.mark.parametrize("before", ["\n\n", "\ufeff", ": OPENROUTER PROCESSING\n\n"])
def test_what_keeps_a_connection_alive_is_no_part_of_a_body(workspace, before):
    _, _, text = completion(SUMMARY)
    [reply], received = summaries(lambda body: (200, {}, before + text))
    assert (reply.value, len(received)) == (SUMMARY, 1)


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e999", "soon"])
def test_a_time_to_wait_that_is_none_is_not_waited_for(workspace, seconds):
    tries = iter([(429, {"Retry-After": seconds}, "{}"), completion(SUMMARY)])
    [reply], _ = summaries(lambda body: next(tries))
    assert reply.value == SUMMARY


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
        '{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}',
        '[{"error": {"code": 503, "message": "later", "status": "UNAVAILABLE"}}]',
        '{"base_resp": {"status_code": 1002, "status_msg": "rate limit"}, "choices": null}',
        '{"error_code": 18, "error_msg": "Open api qps request limit reached"}',
        '{"success": false, "errors": [{"code": 7009, "message": "Upstream unavailable"}]}',
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


@pytest.mark.parametrize(
    "error",
    [
        refused(400, message="'max_tokens' or 'max_completion_tokens' is too large: 1024"),
        refused(400, message="I cannot set the temperature of a room"),
    ],
)
def test_what_a_server_takes_of_others_is_not_dropped_for_one_row(workspace, capsys, error):
    def answer(body):
        is_odd = said(body) == "say 20." and {"max_tokens", "temperature"} <= body.keys()
        return error if is_odd else echo(body)

    with serve(answer) as (url, received):
        found = replies(url, 30, concurrency=2)
    assert [reply.error for reply in found] == [""] * 30
    others = [body for body in received if said(body) != "say 20."]
    assert all({"max_tokens", "temperature"} <= body.keys() for body in others)
    assert capsys.readouterr().err == ""


def test_a_cap_whose_value_is_refused_is_not_lifted(workspace):
    error = refused(400, message="Invalid max_tokens value, the valid range is [1, 512]")
    with serve(lambda body: error if "max_tokens" in body else echo(body)) as (url, received):
        found = replies(url, 20, concurrency=1)
    assert {(reply.error, reply.detail) for reply in found} == {("refused", "HTTP 400 max_tokens")}
    assert all("max_tokens" in body for body in received)


TEMPERATURE = "Unsupported value: 'temperature' does not support 0 with this model."
UNKNOWN = [  # (parameter, the error that names it)
    (
        "temperature",
        refused(400, message=TEMPERATURE, param="temperature", code="unsupported_value"),
    ),
    ("response_format", refused(400, message="invalid JSON schema in format")),
    ("response_format", (400, {}, '{"error": "invalid JSON schema in format"}')),
    ("response_format", refused(400, message="json_schema is not supported by this model")),
    (
        "seed",
        (422, {}, '{"object": "error", "message": {"detail": [{"loc": ["body", "seed"]}]}}'),
    ),
    ("seed", (400, {}, '[{"error": {"code": 400, "message": "Unknown name \\"seed\\""}}]')),
    ("seed", (400, {}, '{"message": "property \'seed\' is unsupported", "param": "seed"}')),
    ("top_p", refused(400, message="`temperature` and `top_p` cannot both be specified")),
    ("temperature", (422, {}, '{"error": "`temperature` must be strictly positive"}')),
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
