import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.errors import ModelError
from distill.llm.messages import Request
from distill.providers import Rules
from distill.tasks.summarize.format import bullets, render
from distill.tasks.summarize.rules import editor, judge, teacher
from distill.tasks.summarize.taxonomy import load

# ------------------------------------------------------------------ annotator and judge


def test_the_annotator_lists_errors_with_evidence():
    text = "Customer: The lamp is broken.\nCustomer: Agent please."
    summary = render(["The lamp is broken", "Agent please"])
    reply = json.loads(judge.annotate("botchat", text, summary))
    error = {"code": "unn_content_requests_agent", "quote": "Agent please"}
    assert reply == {"errors": [error]}


@pytest.mark.parametrize(
    ("points", "errors"),
    [
        (["The lamp is broken"], 0),
        (["The lamp is broken", "Agent please"], 1),
        (["The lamp is broken", "Agent please", "The customer is frustrated"], 2),
    ],
)
def test_the_judge_lists_each_error(points, errors):
    text = "Customer: The lamp is broken.\nCustomer: Agent please."
    verdict = json.loads(judge.judge("botchat", text, render(points)))
    assert len(verdict["errors"]) == errors
    assert verdict["concise"]


def test_the_judge_finds_that_a_summary_is_not_concise():
    text = "Customer: The lamp is broken."
    point = ", ".join(["the lamp is broken"] * 6)
    assert json.loads(judge.judge("botchat", text, render([point])))["concise"] is False


# ------------------------------------------------------------------ all rules


def test_a_request_without_a_rule_is_an_error():
    request = Request("botchat-1", "paint", [])
    with pytest.raises(ModelError, match="paint: no offline rule exists; name an endpoint"):
        list(Rules().complete([request]))


@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from(sorted(load())))
def test_rules_accept_any_text(text, point, code):
    for channel in ("botchat", "webform"):
        for body in (text, f"Customer: {text}", f"Message: {text}"):
            written = teacher.summarize(body, channel)
            assert bullets(written)
            assert written == teacher.summarize(body, channel)
            assert editor.fix(code, render([point]))
            assert judge.annotate(channel, body, render([point]))
            assert judge.judge(channel, body, render([point]))


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", "1-", "my name ", "no order ", "! ", "<li>", "not a ", "\t", "the last agent "],
)
def test_rules_are_fast_on_long_adversarial_texts(piece):
    text = f"Customer: {piece * 20_000}"
    assert bullets(teacher.summarize(text, "botchat"))
