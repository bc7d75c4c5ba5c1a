import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.errors import ModelError
from distill.llm.messages import Request
from distill.providers import Rules
from distill.tasks.summarize.format import NOTHING, bullets, render
from distill.tasks.summarize.rules import editor, teacher
from distill.tasks.summarize.taxonomy import load


def summary(text):
    return bullets(teacher.summarize(text))


def repaired(code, *points):
    return bullets(editor.fix(code, render(points)))


# ------------------------------------------------------------------ teacher


def test_the_teacher_quotes_facts_and_omits_greetings_and_the_bot():
    text = (
        "Customer: Hi there!\nBot: How can I help?\n"
        "Customer: My order 07-11223-45678 never came. I paid $24.99 for it.\n"
        "Bot: When was that?\nCustomer: Thanks a lot."
    )
    assert summary(text) == ["My order 07-11223-45678 never came", "I paid $24.99 for it"]


def test_the_teacher_reports_requests_for_an_agent():
    text = "Customer: The lamp is broken.\nCustomer: I want to talk to a human."
    assert summary(text) == ["The lamp is broken", "I want to talk to a human"]


def test_the_teacher_infers_frustration_from_a_sharp_tone():
    text = "Customer: The lamp is still broken!\nCustomer: This is the third time!"
    assert summary(text)[-1] == "The customer is frustrated"


def test_the_teacher_quotes_stated_feelings():
    text = "Customer: I am so frustrated!!\nCustomer: The lamp is broken!"
    assert summary(text) == ["I am so frustrated", "The lamp is broken"]


def test_the_teacher_repeats_repetitions():
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


def test_the_teacher_guesses_that_an_unknown_role_is_buyer():
    text = "Topic: Other\nMessage: The payment for the lamp is late."
    assert summary(text)[-1] == "Role: buyer"


def test_the_teacher_drops_sentences_beyond_its_limit():
    text = "\n".join(f"Customer: The lamp number {n} arrived with a broken foot." for n in range(9))
    assert len(summary(text)) == 6


@pytest.mark.parametrize("text", ["Customer: Hello!", "Customer: Hi.\nBot: Hi.\nCustomer: Thanks!"])
def test_the_teacher_reports_that_there_is_nothing_to_summarize(text):
    assert summary(text) == [NOTHING]


# ------------------------------------------------------------------ editor


def test_the_editor_removes_all_statements_of_mood():
    points = ["The lamp is broken", "I am upset", "The customer is frustrated"]
    assert repaired("sentiment_inferred_frustrated", *points) == points[:1]


def test_the_editor_removes_requests_for_an_agent():
    code = "unn_content_requests_agent"
    assert repaired(code, "The lamp is broken", "Agent please") == ["The lamp is broken"]
    assert repaired(code, "Agent please") == [NOTHING]


def test_the_editor_removes_only_the_faulty_clause_of_a_point_with_a_fact():
    point = "order 07-11223-45678 is broken, and I want to talk to a human"
    assert repaired("unn_content_requests_agent", point) == ["order 07-11223-45678 is broken"]


def test_the_editor_removes_requests_for_a_copy():
    points = ["The customer is a buyer", "Please email me a copy of this form"]
    assert repaired("unn_content_webform_email_copy", *points) == points[:1]


def test_the_editor_removes_repetitions():
    points = ["The lamp arrived broken", "As I said, the lamp arrived broken"]
    assert repaired("unn_content_redundant", *points) == points[:1]


def test_the_editor_wrongly_removes_a_point_that_differs_in_a_number():
    points = ["order 07-11223-45678 came broken", "order 99-11223-45678 came broken"]
    assert repaired("unn_content_redundant", *points) == points[:1]  # the guard rejects this edit


def test_the_editor_keeps_roles_and_identifiers():
    points = ["The customer is a buyer", "Item number 110012345678", "Order number 07-11223-45678"]
    assert repaired("unn_content_redundant", *points) == points


@pytest.mark.parametrize(
    ("code", "point"),
    [
        ("unn_content_courtesy", "Thank you very much"),
        ("unn_content_transfer", "The customer was transferred to another agent"),
        ("sentiment_inferred_not_confused", "The customer is not confused"),
    ],
)
def test_the_editor_repairs_other_codes_by_their_wording(code, point):
    assert repaired(code, "The lamp is broken", point) == ["The lamp is broken"]


def test_the_editor_returns_what_it_cannot_repair_unchanged():
    assert repaired("content_missing", "The lamp is broken") == ["The lamp is broken"]
    assert editor.fix("unn_content_redundant", "<ul><li>a") == "<ul><li>a"


# ------------------------------------------------------------------ all rules


def test_a_request_without_a_rule_is_an_error():
    request = Request("botchat-1", "paint", [])
    with pytest.raises(ModelError, match="paint: no offline rule exists; name an endpoint"):
        list(Rules().complete([request]))


@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from(sorted(load())))
def test_rules_accept_any_text(text, point, code):
    for body in (text, f"Customer: {text}", f"Message: {text}"):
        written = teacher.summarize(body)
        assert bullets(written)
        assert written == teacher.summarize(body)
        assert editor.fix(code, render([point]))


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", "1-", "my name ", "no order ", "! ", "<li>", "not a ", "\t", "the last agent "],
)
def test_rules_are_fast_on_long_adversarial_texts(piece):
    text = f"Customer: {piece * 20_000}"
    assert bullets(teacher.summarize(text))
