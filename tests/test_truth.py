import ast
import inspect
import random
from pathlib import Path

import pytest

from distill.offline import corpus, truth
from distill.privacy.seal import SAMPLE_KEY
from distill.privacy.surrogates import Surrogates
from distill.tasks.summarize import format

TEXT = """Customer: hello, my order 07-11223-45678 never arrived!
Bot: I can help you with that order.
Customer: I paid $24.99 on March 3. I want to talk to a real person.
Customer: As I said, the order never arrived. I want my money back."""

CHAT = {
    "id": "botchat-000001",
    "channel": "botchat",
    "language": "en",
    "sentiment": "none",
    "role": None,
    "role_stated": "absent",
    "nothing": False,
    "facts": [
        {"text": "hello, my order 07-11223-45678 never arrived!"},
        {"text": "I paid $24.99 on March 3."},
        {"text": "I want my money back."},
    ],
    "noise": [
        {"kind": "requests_agent", "text": "I want to talk to a real person."},
        {"kind": "redundant", "text": "As I said, the order never arrived."},
        {"kind": "bot", "text": "I can help you with that order."},
    ],
    "entities": {"order_number": ["07-11223-45678"], "price": ["$24.99"], "date": ["March 3"]},
    "pii": [],
}
FORM = {
    **CHAT,
    "id": "webform-000001",
    "channel": "webform",
    "role": "buyer",
    "role_stated": "stated",
    "facts": [{"text": "The lamp has a crack."}],
    "noise": [{"kind": "webform_email_copy", "text": "Please email me a copy of this form."}],
    "entities": {"item_number": ["110012345678"]},
}
FORM_TEXT = """Role: buyer
Item number: 110012345678
Message: The lamp has a crack. Please email me a copy of this form."""

PERFECT = [
    "hello, my order 07-11223-45678 never arrived",
    "I paid $24.99 on March 3",
    "I want my money back",
]
PERFECT_FORM = [
    "The customer is a buyer",
    "Item number: 110012345678",
    "The lamp has a crack",
]


def rate(items, row=CHAT, text=TEXT):
    return truth.rate(row, text, format.render(items))


def test_every_fact_and_nothing_else_is_flawless():
    assert rate(PERFECT) == (5, [])
    assert rate(PERFECT_FORM, FORM, FORM_TEXT) == (5, [])


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (PERFECT[:2], "content_missing"),
        ([PERFECT[1], PERFECT[0], PERFECT[2]], "content_order"),
        ([*PERFECT, "I want to talk to a real person"], "unn_content_requests_agent"),
        ([*PERFECT, "The customer asks to speak with a human"], "unn_content_requests_agent"),
        ([*PERFECT, "As I said, the order never arrived"], "unn_content_redundant"),
        ([*PERFECT, "I want my money back"], "unn_content_redundant"),
        ([*PERFECT, "I can help you with that order"], "unn_content_ebay_response_included"),
        ([*PERFECT, "The customer is frustrated"], "sentiment_inferred_frustrated"),
        ([*PERFECT, "The customer is not confused"], "sentiment_inferred_not_confused"),
        ([*PERFECT, "No tracking number was provided"], "unn_content_no_details"),
        ([*PERFECT, "The seller promised a voucher yesterday"], "content_hallucination"),
        (["my order 07-11223-45679 never arrived", *PERFECT[1:]], "entity_inaccurate_order_number"),
        ([PERFECT[0], "I paid $24.90 on March 3", PERFECT[2]], "entity_inaccurate_price"),
        ([PERFECT[0], "I paid $24.99 on March 8", PERFECT[2]], "data_element_inaccurate"),
        (["my order never arrived", *PERFECT[1:]], "entity_missing_order_number"),
        ([PERFECT[0], "I paid $24.99", PERFECT[2]], "data_element_missing"),
        ([*PERFECT, "Reference 9988776655"], "entity_inaccurate_other"),
        ([format.NOTHING], "nothing_to_summarize"),
    ],
)
def test_one_fault_has_one_code(items, code):
    assert rate(items)[1] == [code]


@pytest.mark.parametrize(
    ("noise", "code"),
    [
        ("I want to talk to a real person.", "unn_content_requests_agent"),
        ("As I said, the order never arrived.", "unn_content_redundant"),
        ("I can help you with that order.", "unn_content_ebay_response_included"),
    ],
)
def test_a_fact_does_not_hide_noise_beside_it_in_one_item(noise, code):
    assert rate([f"{PERFECT[0]}.", f"{PERFECT[1]}. {noise}", PERFECT[2]])[1] == [code]
    assert rate([f"{PERFECT[0]}. {PERFECT[1]}. {PERFECT[2]}. {noise}"])[1] == [code]


def test_facts_in_one_item_are_no_error():
    assert rate([f"{PERFECT[0]}. {PERFECT[1]}.", PERFECT[2]]) == (5, [])


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (["The customer is a seller", *PERFECT_FORM[1:]], "customer_type_inaccurate"),
        (PERFECT_FORM[1:], "customer_type_missing"),
        ([PERFECT_FORM[0], PERFECT_FORM[2]], "entity_missing_item_number"),
        ([*PERFECT_FORM, "Please email me a copy of this form"], "unn_content_webform_email_copy"),
        ([*PERFECT_FORM, "Asks for a copy by email"], "unn_content_webform_email_copy"),
    ],
)
def test_forms_have_roles_and_copies(items, code):
    assert rate(items, FORM, FORM_TEXT)[1] == [code]


def test_a_guessed_role_is_inaccurate():
    form = {**FORM, "role": None, "role_stated": "absent"}
    assert rate(PERFECT_FORM, form, FORM_TEXT)[1] == ["customer_type_inaccurate"]


def test_the_role_is_of_forms_only():
    assert rate(["The customer is a seller", *PERFECT])[1] == []


def test_a_fact_that_is_left_out_takes_its_values_with_it():
    assert rate([PERFECT[0], PERFECT[2]])[1] == ["content_missing"]


def test_a_value_that_the_bot_asked_for_is_not_the_bots():
    text = "Bot: What is the order number?\nCustomer: It is order 07-11223-45678."
    facts = [{"text": "It is order 07-11223-45678."}]
    row = {**CHAT, "facts": facts, "entities": {"order_number": ["07-11223-45678"]}}
    assert rate(["The order number is 07-11223-45678"], row, text) == (5, [])


def test_a_restatement_alone_stands_for_its_fact():
    items = ["As I said, the order never arrived", *PERFECT[1:]]
    assert rate(items)[1] == ["entity_missing_order_number"]


def test_sentiment_that_the_customer_states_is_no_error():
    row = {
        **CHAT,
        "sentiment": "frustrated",
        "noise": [{"kind": "sentiment", "text": "This is frustrating."}],
    }
    assert rate([*PERFECT, "The customer is frustrated"], row)[1] == []
    assert rate([*PERFECT, "The customer is confused"], row)[1] == ["sentiment_inferred_confused"]


def test_where_there_is_nothing_saying_so_is_flawless():
    row = {**CHAT, "nothing": True, "facts": [], "entities": {}}
    assert rate([format.NOTHING], row) == (5, [])
    assert rate(["The parcel is late"], row)[1] == ["nothing_to_summarize"]
    assert rate(["I want to talk to a real person"], row)[1] == ["unn_content_requests_agent"]


def test_another_language_must_be_named():
    row = {**FORM, "language": "es", "facts": [{"text": "La lámpara llegó rota."}]}
    text = "Role: buyer\nItem number: 110012345678\nMessage: La lámpara llegó rota."
    items = [*PERFECT_FORM[:2], "La lámpara llegó rota"]
    assert rate(items, row, text)[1] == ["language_non_english_not_identified"]
    assert rate([*items, "The message is in Spanish"], row, text)[1] == []


def test_a_broken_list_is_read_as_far_as_it_goes():
    broken = format.render(PERFECT).removesuffix("</ul>")
    assert truth.codes(CHAT, TEXT, broken) == ["content_other"]
    assert "nothing_to_summarize" in truth.codes(CHAT, TEXT, "")


def test_an_item_without_use_is_not_concise():
    assert rate([*PERFECT, "Customer said hello"])[0] == 4


def test_personal_values_are_compared_as_their_surrogates():
    row = {
        **CHAT,
        "facts": [{"text": "I am locked out of maria_82."}],
        "entities": {"username": ["maria_82"]},
        "pii": [{"type": "USERNAME", "value": "maria_82"}],
    }
    shown = Surrogates(SAMPLE_KEY, row["id"]).of("USERNAME", "maria_82")
    mapped = truth.anonymized(row)
    assert mapped["entities"] == {"username": [shown]}
    assert mapped["facts"] == [{"text": f"I am locked out of {shown}."}]
    text = f"Customer: I am locked out of {shown}."
    assert rate([f"I am locked out of {shown}"], mapped, text) == (5, [])


def faithful(row):
    """The summary that the truth asks for."""
    if row["nothing"]:
        return [format.NOTHING]
    facts = [fact["text"].rstrip(".!?") for fact in row["facts"]]
    items = [f"The customer is a {row['role']}"] if row["role_stated"] == "stated" else []
    if row["language"] != "en":
        items.append(
            {"es": "Spanish", "de": "German", "fr": "French", "it": "Italian"}[row["language"]]
        )
    for kind, values in row["entities"].items():
        label = kind.replace("_", " ")
        items += [f"{label}: {v}" for v in values if not any(v in fact for fact in facts)]
    return items + facts


@pytest.mark.parametrize("channel", ["botchat", "webform"])
def test_faithful_summaries_of_the_corpus_are_flawless_and_damaged_ones_are_not(channel):
    rng = random.Random(0)
    flawless = caught = damaged = 0
    rows = [interaction.truth for interaction in corpus.interactions(channel, seed=7, rows=150)]
    for row in rows:
        items = faithful(row)
        label = "Customer" if channel == "botchat" else "Message"
        said = " ".join([*items, *(noise["text"] for noise in row["noise"])])
        text = f"{label}: {said}"
        flawless += rate(items, row, text) == (5, [])
        if len(row["facts"]) > 1:
            damaged += 1
            caught += bool(rate(rng.sample(items, len(items) - 1), row, text)[1])
    assert flawless >= 0.97 * len(rows)
    assert caught >= 0.97 * damaged


def test_no_detector_is_shared_with_the_rules_that_write_and_judge():
    shared = {
        "distill.tasks.summarize.checks",
        "distill.tasks.summarize.reading.entities",
        "distill.tasks.summarize.reading.wording",
        "distill.tasks.summarize.reading.interaction",
        "distill.llm",
        "distill.tasks.summarize.guard",
    }
    for file in Path(inspect.getfile(truth)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                assert not names & shared
