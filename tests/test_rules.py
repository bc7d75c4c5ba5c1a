import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.errors import ModelError
from distill.llm.messages import Request
from distill.providers import Rules
from distill.tasks.summarize.format import NOTHING, bullets, render
from distill.tasks.summarize.rules import editor, judge, teacher
from distill.tasks.summarize.taxonomy import load


def summary(text):
    return bullets(teacher.summarize(text))


def fixed(code, *points):
    return bullets(editor.fix(code, render(points)))


# ------------------------------------------------------------------ the teacher


def test_the_teacher_keeps_facts_word_for_word_and_leaves_out_greetings_and_the_bot():
    text = (
        "Customer: Hi there!\nBot: How can I help?\n"
        "Customer: My order 07-11223-45678 never came. I paid $24.99 for it.\n"
        "Bot: When was that?\nCustomer: Thanks a lot."
    )
    assert summary(text) == ["My order 07-11223-45678 never came", "I paid $24.99 for it"]


def test_the_teacher_reports_the_wish_for_a_person():
    text = "Customer: The lamp is broken.\nCustomer: I want to talk to a human."
    assert summary(text) == ["The lamp is broken", "I want to talk to a human"]


def test_the_teacher_infers_frustration_from_a_sharp_tone():
    text = "Customer: The lamp is still broken!\nCustomer: This is the third time!"
    assert summary(text)[-1] == "The customer is frustrated"


def test_the_teacher_quotes_what_the_customer_says_of_feelings():
    text = "Customer: I am so frustrated!!\nCustomer: The lamp is broken!"
    assert summary(text) == ["I am so frustrated", "The lamp is broken"]


def test_the_teacher_repeats_what_the_customer_repeats():
    text = "Customer: The lamp is broken.\nCustomer: As I said, the lamp is broken."
    assert len(summary(text)) == 2


def test_the_teacher_ends_a_form_with_role_and_identifiers():
    text = (
        "Role: seller\nName: Ann Lee\nEmail: ann@example.com\nItem number: 110012345678\n"
        "Message: Dear team, the lamp broke. Please send a copy of this form to my email. Thanks."
    )
    assert summary(text) == [
        "Dear team, the lamp broke",
        "Please send a copy of this form to my email",
        "Role: seller",
        "Item number: 110012345678",
    ]


def test_the_teacher_takes_a_customer_of_unknown_role_for_a_buyer():
    text = "Topic: Other\nMessage: The payment for the lamp is late."
    assert summary(text)[-1] == "Role: buyer"


def test_the_teacher_drops_what_is_past_its_limit():
    text = "\n".join(f"Customer: The lamp number {n} arrived with a broken foot." for n in range(9))
    assert len(summary(text)) == 6


@pytest.mark.parametrize("text", ["Customer: Hello!", "Customer: Hi.\nBot: Hi.\nCustomer: Thanks!"])
def test_the_teacher_says_where_there_is_nothing(text):
    assert summary(text) == [NOTHING]


# ------------------------------------------------------------------ the editor


def test_the_editor_takes_out_every_statement_of_mood():
    points = ["The lamp is broken", "I am upset", "The customer is frustrated"]
    assert fixed("sentiment_inferred_frustrated", *points) == points[:1]


def test_the_editor_takes_out_the_wish_for_a_person():
    code = "unn_content_requests_agent"
    assert fixed(code, "The lamp is broken", "Agent please") == ["The lamp is broken"]
    assert fixed(code, "Agent please") == [NOTHING]


def test_the_editor_cuts_only_the_faulty_clause_of_a_point_that_says_more():
    point = "order 07-11223-45678 is broken, and I want to talk to a human"
    assert fixed("unn_content_requests_agent", point) == ["order 07-11223-45678 is broken"]


def test_the_editor_takes_out_the_wish_for_a_copy():
    points = ["The customer is a buyer", "Please email me a copy of this form"]
    assert fixed("unn_content_webform_email_copy", *points) == points[:1]


def test_the_editor_takes_out_repetitions():
    points = ["The lamp arrived broken", "As I said, the lamp arrived broken"]
    assert fixed("unn_content_redundant", *points) == points[:1]


def test_the_editor_overlooks_that_two_points_differ_in_a_number():
    points = ["order 07-11223-45678 came broken", "order 99-11223-45678 came broken"]
    assert fixed("unn_content_redundant", *points) == points[:1]  # what the guard is for


def test_the_editor_keeps_role_and_identifiers():
    points = ["The customer is a buyer", "Item number 110012345678", "Order number 07-11223-45678"]
    assert fixed("unn_content_redundant", *points) == points


@pytest.mark.parametrize(
    ("code", "point"),
    [
        ("unn_content_courtesy", "Thank you very much"),
        ("unn_content_transfer", "The customer was transferred to another agent"),
        ("sentiment_inferred_not_confused", "The customer is not confused"),
    ],
)
def test_the_editor_knows_other_codes_by_their_wording(code, point):
    assert fixed(code, "The lamp is broken", point) == ["The lamp is broken"]


def test_the_editor_leaves_what_it_does_not_understand():
    assert fixed("content_missing", "The lamp is broken") == ["The lamp is broken"]
    assert editor.fix("unn_content_redundant", "<ul><li>a") == "<ul><li>a"


# ------------------------------------------------------------------ annotator and judge


def test_the_annotator_lists_errors_with_their_evidence():
    text = "Customer: The lamp is broken.\nCustomer: Agent please."
    summary = render(["The lamp is broken", "Agent please"])
    found = json.loads(judge.annotate("botchat", text, summary))
    finding = {"code": "unn_content_requests_agent", "evidence": "Agent please"}
    assert found == {"findings": [finding]}


@pytest.mark.parametrize(
    ("points", "rating"),
    [
        (["The lamp is broken"], 5),
        (["The lamp is broken", "Agent please"], 3),
        (["The lamp is broken", "Agent please", "The customer is frustrated"], 2),
        (["The lamp is broken", "Somebody threatened the mayor"], 1),
    ],
)
def test_the_judge_rates_by_the_errors_severity(points, rating):
    text = "Customer: The lamp is broken.\nCustomer: Agent please."
    verdict = json.loads(judge.judge("botchat", text, render(points)))
    assert verdict["rating"] == rating
    assert verdict["reason"]


def test_the_judge_gives_four_for_a_summary_longer_than_what_it_summarizes():
    text = "Customer: The lamp is broken."
    point = ", ".join(["the lamp is broken"] * 6)
    assert json.loads(judge.judge("botchat", text, render([point])))["rating"] == 4


# ------------------------------------------------------------------ any text


def test_a_question_without_a_rule_is_named():
    request = Request("botchat-1", "paint", [])
    with pytest.raises(ModelError, match="paint: no rule answers this; name an endpoint"):
        list(Rules().complete([request]))


@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from(sorted(load())))
def test_no_text_makes_a_rule_fail(text, point, code):
    for channel in ("botchat", "webform"):
        for body in (text, f"Customer: {text}", f"Message: {text}"):
            told = teacher.summarize(body)
            assert bullets(told)
            assert told == teacher.summarize(body)
            assert editor.fix(code, render([point]))
            assert judge.annotate(channel, body, render([point]))
            assert judge.judge(channel, body, render([point]))


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", "1-", "my name ", "no order ", "! ", "<li>", "not a ", "\t", "the last agent "],
)
def test_a_long_hostile_message_is_answered_in_time(piece):
    text = f"Customer: {piece * 20_000}"
    assert bullets(teacher.summarize(text))
