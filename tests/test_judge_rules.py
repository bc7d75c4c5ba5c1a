"""The rules that stand in for the annotator and the judge read facts and paraphrase."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distill.tasks.summarize.format import NOTHING, render
from distill.tasks.summarize.rules import judge
from distill.tasks.summarize.taxonomy import load

CHAT = """Bot: Hello, how can I help?
Customer: Hi. My copper kettle from order 84-97474-55646 arrived with a dent on April 2.
Bot: I am sorry to hear that. Do you have a photo?
Customer: Yes, the seller has my photos. I would like a full refund.
Bot: We answer within two days."""
FLAWLESS = [
    "The copper kettle of order 84-97474-55646 was delivered dented on April 2",
    "Pictures were sent to the seller",
    "Customer asks for all of the money back",
]
FORM = """Topic: Item not received
Role: buyer
Item number: 264954006029
Message: I paid $23.99 and the parcel is still not here. Please send a copy of this to my email."""
CASES = [
    ("content_missing", FLAWLESS[:2]),
    ("content_hallucination", [*FLAWLESS, "A neighbour signed for another parcel"]),
    ("content_inaccurate", [*FLAWLESS[:2], "Customer wants a replacement"]),
    ("entity_inaccurate_order_number", [FLAWLESS[0].replace("646", "664"), *FLAWLESS[1:]]),
    ("entity_missing_order_number", ["The copper kettle arrived dented on April 2", *FLAWLESS[1:]]),
    ("data_element_inaccurate", [FLAWLESS[0].replace("April 2", "April 7"), *FLAWLESS[1:]]),
    ("data_element_missing", [FLAWLESS[0].removesuffix(" on April 2"), *FLAWLESS[1:]]),
    ("sentiment_inferred_frustrated", [*FLAWLESS, "The customer is annoyed"]),
    ("sentiment_inferred_confused", [*FLAWLESS, "The customer seems to be confused"]),
    ("unn_content_requests_agent", [*FLAWLESS, "They want to talk to a real person"]),
    ("unn_content_transfer", [*FLAWLESS, "The chat was handed over to a colleague"]),
    ("unn_content_courtesy", [*FLAWLESS, "The customer says hello"]),
    ("unn_content_no_details", [*FLAWLESS, "No item number was provided"]),
    ("unn_content_ebay_response_included", [*FLAWLESS, "The bot says that it answers in two days"]),
    ("unn_content_redundant", [*FLAWLESS, "The customer would like a full refund"]),
]


def codes(channel, text, points):
    reply = json.loads(judge.judge(channel, text, render(points)))
    return [error["code"] for error in reply["errors"]]


def test_a_flawless_paraphrase_has_no_error():
    reply = json.loads(judge.judge("botchat", CHAT, render(FLAWLESS)))
    assert reply == {"errors": [], "concise": True}


@pytest.mark.parametrize(("code", "points"), CASES)
def test_an_error_is_found_in_a_paraphrase(code, points):
    assert codes("botchat", CHAT, points) == [code]


def test_every_lost_fact_is_an_error():
    assert codes("botchat", CHAT, FLAWLESS[1:2]) == ["content_missing"] * 2


def test_a_mixed_point_is_wrong_for_its_mood_alone():
    mixed = (
        "Customer is upset that the copper kettle of order 84-97474-55646 came dented on April 2"
    )
    assert codes("botchat", CHAT, [mixed, *FLAWLESS[1:]]) == ["sentiment_inferred_frustrated"]


def test_a_stated_mood_is_no_error():
    text = CHAT + "\nCustomer: This makes me angry."
    assert codes("botchat", text, [*FLAWLESS, "The customer is angry"]) == []


def test_swapped_parties_are_inaccurate():
    text = "Customer: My parcel is stuck in the depot. The seller blames USPS for it."
    assert codes("botchat", text, ["Parcel stuck in the depot", "USPS blames the seller"]) == [
        "content_inaccurate"
    ]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (["Buyer paid $23.99 but got no parcel, item 264954006029"], []),
        (["The parcel for $23.99 has not arrived, item 264954006029"], ["customer_type_missing"]),
        (
            ["Role: seller", "The parcel for $23.99 has not arrived, item 264954006029"],
            ["customer_type_inaccurate"],
        ),
        (
            ["Buyer paid $23.99 but got no parcel", "Role: buyer"],
            ["entity_missing_item_number"],
        ),
        (
            [
                "Buyer paid $23.99 but got no parcel, item 264954006029",
                "A copy by e-mail is wanted",
            ],
            ["unn_content_webform_email_copy"],
        ),
    ],
)
def test_forms_have_fields_and_a_role(points, expected):
    assert codes("webform", FORM, points) == expected


def test_a_code_of_another_channel_becomes_other():
    points = ["Buyer paid $23.99 but got no parcel, item 264954006029"]
    assert codes("webform", FORM, [*points, "They want to talk to a real person"]) == ["unn_other"]


def test_what_an_agent_said_is_no_word_of_the_customer():
    text = "Customer: My lamp is broken.\nAgent: I understand your frustration. I refund $12.99."
    points = ["The lamp is broken", "Customer is frustrated"]
    assert codes("agentchat", text, points) == ["sentiment_inferred_frustrated"]


def test_an_email_is_read_like_a_form():
    text = "Subject: Broken lamp\nMessage: The lamp of order 84-97474-55646 is broken."
    assert codes("email", text, ["The lamp from order 84-97474-55646 does not work"]) == []


def test_another_language_must_be_named():
    text = "Customer: Meine Bestellung ist nicht angekommen und ich möchte mein Geld zurück."
    points = ["The customer's order never came and they want their money back"]
    assert "language_non_english_not_identified" in codes("botchat", text, points)
    named = [*points, "The customer writes in German"]
    assert "language_non_english_not_identified" not in codes("botchat", text, named)


@pytest.mark.parametrize(
    ("text", "points", "expected"),
    [
        ("Customer: Hello! Can I talk to a person?", [NOTHING], []),
        (
            "Customer: Hello! Can I talk to a person?",
            ["The parcel is late"],
            ["nothing_to_summarize"],
        ),
        ("Customer: Hello!", ["The customer says hello"], ["unn_content_courtesy"]),
        (CHAT, [NOTHING], ["nothing_to_summarize"]),
    ],
)
def test_an_interaction_without_content(text, points, expected):
    assert codes("botchat", text, points) == expected


def test_a_malformed_list_is_read_all_the_same():
    reply = json.loads(judge.judge("botchat", CHAT, "".join(f"<li>{one}" for one in FLAWLESS)))
    assert [error["code"] for error in reply["errors"]] == ["content_other"]
    assert not reply["concise"]


def test_a_summary_longer_than_the_interaction_is_not_concise():
    point = ", ".join(["the lamp is broken"] * 12)
    assert not json.loads(judge.judge("botchat", "Customer: The lamp is broken.", render([point])))[
        "concise"
    ]


@pytest.mark.parametrize(("code", "points"), CASES)
def test_a_quote_stands_in_the_summary_or_in_the_interaction(code, points):
    for error in json.loads(judge.annotate("botchat", CHAT, render(points)))["errors"]:
        assert error["code"] == code
        assert any(error["quote"] in text for text in (CHAT, *points))


def test_the_annotator_does_not_rate():
    assert set(json.loads(judge.annotate("botchat", CHAT, render(FLAWLESS)))) == {"errors"}


@settings(max_examples=40)
@given(
    st.text(max_size=200), st.text(max_size=100), st.sampled_from(["botchat", "webform", "email"])
)
def test_any_text_is_judged(text, point, channel):
    for body in (text, f"Customer: {text}", f"Message: {text}"):
        for summary in (render([point]), point):
            for error in json.loads(judge.judge(channel, body, summary))["errors"]:
                assert load()[error["code"]].applies_to(channel)


@pytest.mark.parametrize(
    "piece", ["a", "a ", "1-", "no ", "! ", "<li>", "and a b c ", "$1", "May 1 "]
)
def test_long_adversarial_texts_end(piece):
    long = piece * 5_000
    assert judge.judge("botchat", f"Customer: {long}", render([long[:2_000]]))


def test_no_module_of_the_judge_imports_torch():
    folder = Path(judge.__file__).parent
    assert not any("import torch" in path.read_text() for path in folder.glob("*.py"))
