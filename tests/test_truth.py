import ast
import inspect
import random
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPO

from distill import paths, records
from distill.offline import corpus, truth
from distill.offline.corpus import phrasings
from distill.offline.truth import lexicon
from distill.privacy.seal import SAMPLE_KEY, derived
from distill.privacy.surrogates import Surrogates
from distill.tasks.summarize import format

TEXT = """Customer: hello, my order 07-11223-45678 never arrived!
Bot: I can help you with that order.
Customer: I paid $24.99 on March 3. I want to talk to a real person.
Customer: As I said, the order never arrived. I want my money back."""

CHAT = {
    "id": "botchat-000001",
    "channel": "botchat",
    "sentiment": "none",
    "role": None,
    "role_stated": "absent",
    "nothing": False,
    "facts": [
        {
            "family": "not_arrived",
            "text": "hello, my order 07-11223-45678 never arrived!",
            "values": {"order_number": "07-11223-45678"},
        },
        {
            "family": "paid_price",
            "text": "I paid $24.99 on March 3.",
            "values": {"price": "$24.99", "date": "March 3"},
        },
        {"family": "want_refund", "text": "I want my money back.", "values": {}},
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
    "facts": [{"family": "damaged", "text": "The lamp has a crack.", "values": {}}],
    "noise": [{"kind": "webform_email_copy", "text": "Please email me a copy of this form."}],
    "entities": {"item_number": ["110012345678"]},
}
FORM_TEXT = """Role: buyer
Item number: 110012345678
Message: The lamp has a crack. Please email me a copy of this form."""

FLAWLESS = [
    "hello, my order 07-11223-45678 never arrived",
    "I paid $24.99 on March 3",
    "I want my money back",
]
FLAWLESS_FORM = [
    "The customer is a buyer",
    "Item number: 110012345678",
    "The lamp has a crack",
]


def rate(items, row=CHAT, text=TEXT):
    return truth.rate(row, text, format.render(items))


def test_a_summary_of_all_facts_and_nothing_else_is_flawless():
    assert rate(FLAWLESS) == (5, [])
    assert rate(FLAWLESS_FORM, FORM, FORM_TEXT) == (5, [])


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (FLAWLESS[:2], "content_missing"),
        ([*FLAWLESS, "I want to talk to a real person"], "unn_content_requests_agent"),
        ([*FLAWLESS, "The customer asks to speak with a human"], "unn_content_requests_agent"),
        ([*FLAWLESS, "As I said, the order never arrived"], "unn_content_redundant"),
        ([*FLAWLESS, "I want my money back"], "unn_content_redundant"),
        ([*FLAWLESS, "I can help you with that order"], "unn_content_ebay_response_included"),
        ([*FLAWLESS, "The customer is frustrated"], "sentiment_inferred_frustrated"),
        ([*FLAWLESS, "The customer is not confused"], "sentiment_inferred_not_confused"),
        ([*FLAWLESS, "No tracking number was provided"], "unn_content_no_details"),
        ([*FLAWLESS, "The seller promised a voucher yesterday"], "content_hallucination"),
        ([*FLAWLESS, "The customer already tried to reach the seller"], "content_hallucination"),
        (
            ["my order 07-11223-45679 never arrived", *FLAWLESS[1:]],
            "entity_inaccurate_order_number",
        ),
        ([FLAWLESS[0], "I paid $24.90 on March 3", FLAWLESS[2]], "entity_inaccurate_price"),
        ([FLAWLESS[0], "I paid $24.99 on March 8", FLAWLESS[2]], "data_element_inaccurate"),
        (["my order never arrived", *FLAWLESS[1:]], "entity_missing_order_number"),
        ([FLAWLESS[0], "I paid $24.99", FLAWLESS[2]], "data_element_missing"),
        ([*FLAWLESS, "Reference 9988776655"], "entity_inaccurate_other"),
        ([format.NOTHING], "nothing_to_summarize"),
    ],
)
def test_each_error_has_one_code(items, code):
    assert rate(items)[1] == [code]


@pytest.mark.parametrize(
    ("noise", "code"),
    [
        ("I want to talk to a real person.", "unn_content_requests_agent"),
        ("As I said, the order never arrived.", "unn_content_redundant"),
        ("I can help you with that order.", "unn_content_ebay_response_included"),
    ],
)
def test_noise_is_detected_next_to_a_fact_in_one_item(noise, code):
    assert rate([f"{FLAWLESS[0]}.", f"{FLAWLESS[1]}. {noise}", FLAWLESS[2]])[1] == [code]
    assert rate([f"{FLAWLESS[0]}. {FLAWLESS[1]}. {FLAWLESS[2]}. {noise}"])[1] == [code]


def test_several_facts_in_one_item_are_no_error():
    assert rate([f"{FLAWLESS[0]}. {FLAWLESS[1]}.", FLAWLESS[2]]) == (5, [])


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (["The customer is a seller", *FLAWLESS_FORM[1:]], "customer_type_inaccurate"),
        (FLAWLESS_FORM[1:], "customer_type_missing"),
        ([FLAWLESS_FORM[0], FLAWLESS_FORM[2]], "entity_missing_item_number"),
        ([*FLAWLESS_FORM, "Please email me a copy of this form"], "unn_content_webform_email_copy"),
        ([*FLAWLESS_FORM, "Asks for a copy by email"], "unn_content_webform_email_copy"),
    ],
)
def test_errors_of_forms_in_roles_and_copies(items, code):
    assert rate(items, FORM, FORM_TEXT)[1] == [code]


def test_an_unsupported_role_is_inaccurate():
    form = {**FORM, "role": None, "role_stated": "absent"}
    assert rate(FLAWLESS_FORM, form, FORM_TEXT)[1] == ["customer_type_inaccurate"]


def test_roles_are_not_checked_in_chats():
    assert rate(["The customer is a seller", *FLAWLESS])[1] == []


def test_values_of_a_missing_fact_are_not_counted_again():
    assert rate([FLAWLESS[0], FLAWLESS[2]])[1] == ["content_missing"]


def test_a_value_is_the_customers_even_if_the_bot_asked_for_it():
    text = "Bot: What is the order number?\nCustomer: It is order 07-11223-45678."
    facts = [{"text": "It is order 07-11223-45678."}]
    row = {**CHAT, "facts": facts, "entities": {"order_number": ["07-11223-45678"]}}
    assert rate(["The order number is 07-11223-45678"], row, text) == (5, [])


def test_a_repetition_states_its_fact():
    items = ["As I said, the order never arrived", *FLAWLESS[1:]]
    assert rate(items)[1] == ["entity_missing_order_number"]


def test_stated_sentiment_is_no_error():
    row = {
        **CHAT,
        "sentiment": "frustrated",
        "noise": [{"kind": "sentiment", "text": "This is frustrating."}],
    }
    assert rate([*FLAWLESS, "The customer is frustrated"], row)[1] == []
    assert rate([*FLAWLESS, "The customer is confused"], row)[1] == ["sentiment_inferred_confused"]


def test_nothing_to_summarize_is_flawless_without_facts():
    row = {**CHAT, "nothing": True, "facts": [], "entities": {}}
    assert rate([format.NOTHING], row) == (5, [])
    assert rate(["The parcel is late"], row)[1] == ["nothing_to_summarize"]
    assert rate(["I want to talk to a real person"], row)[1] == ["unn_content_requests_agent"]


def test_a_language_that_nobody_named_is_an_error():
    assert rate([*FLAWLESS, "The message is in Spanish"])[1] == ["language_other"]


def test_events_in_reverse_order_are_an_error():
    facts = [
        {"family": "cancel_wish", "text": "I need to cancel the lamp.", "values": {}},
        {"family": "child_clicked", "text": "My son pressed the button.", "values": {}},
        {"family": "not_shipped", "text": "It has not been shipped yet.", "values": {}},
    ]
    row = {**CHAT, "facts": facts, "noise": [], "entities": {}}
    items = [fact["text"] for fact in facts]
    text = "Customer: " + " ".join(items)
    assert rate(items, row, text) == (5, [])
    assert rate(items[::-1], row, text)[1] == ["content_order"]


@pytest.mark.parametrize(
    "items",
    [
        [
            "Order 07-11223-45678 has yet to be delivered",
            "$24.99 was paid on 3 March",
            "A refund is requested",
        ],
        [
            "The customer paid 24.99 dollars on March 3rd for order 07-11223-45678, which is"
            " missing, and asks to be reimbursed"
        ],
        ["Non-delivery of order 07-11223-45678 (paid $24.99, 03/03/2025); refund wanted"],
    ],
)
def test_a_paraphrase_is_flawless(items):
    assert rate(items) == (5, [])


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("The customer is upset that {} never arrived", "sentiment_inferred_frustrated"),
        ("{} never came, so the customer wants to speak to a human", "unn_content_requests_agent"),
        ("{} never came and the seller has gone out of business", "content_hallucination"),
    ],
)
def test_an_item_of_fact_and_error_has_one_code(item, code):
    assert rate([item.format("Order 07-11223-45678"), *FLAWLESS[1:]])[1] == [code]


def test_a_typo_of_the_customer_may_be_copied_or_corrected():
    facts = [{"family": "damaged", "text": "My lamp came borken.", "values": {}}]
    row = {**CHAT, "facts": facts, "noise": [], "entities": {}, "typos": {"borken": "broken"}}
    text = "Customer: My lamp came borken."
    assert rate(["The lamp came borken"], row, text) == (5, [])
    assert rate(["The lamp was broken on arrival"], row, text) == (5, [])


def test_each_lost_fact_counts():
    assert rate(FLAWLESS[:1])[1] == ["content_missing", "content_missing"]


def test_another_wish_than_the_customers_is_inaccurate():
    assert rate([*FLAWLESS[:2], "The customer wants a replacement"])[1] == ["content_inaccurate"]


def test_two_orders_of_which_one_came_are_not_to_be_mixed_up():
    facts = [
        {
            "family": "not_arrived",
            "text": "Order 11-11111-11111 never came.",
            "values": {"order_number": "11-11111-11111"},
        },
        {
            "family": "arrived_fine",
            "text": "Order 22-22222-22222 arrived without a problem.",
            "values": {"other_order_number": "22-22222-22222"},
        },
    ]
    text = "Customer: Order 11-11111-11111 never came. Order 22-22222-22222 arrived fine."
    numbers = ["11-11111-11111", "22-22222-22222"]
    row = {**CHAT, "facts": facts, "noise": [], "entities": {"order_number": numbers}}
    right = ["Order 11-11111-11111 was not delivered", "Order 22-22222-22222 was fine"]
    assert rate(right, row, text) == (5, [])
    wrong = ["Order 22-22222-22222 was not delivered", "Order 11-11111-11111 was fine"]
    assert "entity_inaccurate_order_number" in rate(wrong, row, text)[1]


def test_the_items_of_a_malformed_list_are_still_rated():
    broken = format.render(FLAWLESS).removesuffix("</ul>")
    assert truth.codes(CHAT, TEXT, broken) == ["content_other"]
    assert "nothing_to_summarize" in truth.codes(CHAT, TEXT, "")


def test_a_useless_item_is_not_concise():
    assert rate([*FLAWLESS, "The customer contacted support"])[0] == 4


def test_personal_values_are_compared_by_their_surrogates():
    row = {
        **CHAT,
        "facts": [
            {
                "family": "account_suspended",
                "text": "I am locked out of maria_82.",
                "values": {"username": "maria_82"},
            }
        ],
        "entities": {"username": ["maria_82"]},
        "pii": [{"type": "USERNAME", "value": "maria_82"}],
    }
    replacement = Surrogates(derived(SAMPLE_KEY, "values"), row["id"]).of("USERNAME", "maria_82")
    mapped = truth.anonymized(row)
    assert mapped["entities"] == {"username": [replacement]}
    assert mapped["facts"][0]["text"] == f"I am locked out of {replacement}."
    assert mapped["facts"][0]["values"] == {"username": replacement}
    text = f"Customer: I am locked out of {replacement}."
    assert rate([f"I am locked out of {replacement}"], mapped, text) == (5, [])


def faithful(row):
    """Return the items of a summary that the truth rates as flawless."""
    if row["nothing"]:
        return [format.NOTHING]
    facts = [fact["text"].rstrip(".!?") for fact in row["facts"]]
    says_role = any(fact["family"].startswith("role_") for fact in row["facts"])
    items = []
    if row["role_stated"] == "stated" and not says_role:
        items.append(f"The customer is a {row['role']}")
    for kind, values in row["entities"].items():
        label = kind.replace("_", " ")
        items += [f"{label}: {v}" for v in values if not any(v in fact for fact in facts)]
    return items + facts


def said(row):
    """Return a text with all that a row's customer says."""
    label = "Customer" if row["channel"] == "botchat" else "Message"
    return f"{label}: {' '.join([*faithful(row), *(noise['text'] for noise in row['noise'])])}"


def made(channel):
    return [row.truth for row in corpus.interactions(channel, seed=5, rows=100, heldout=50)]


@pytest.mark.parametrize("channel", ["botchat", "webform"])
def test_faithful_summaries_of_the_corpus_are_flawless(channel):
    rows = made(channel)
    flawless = [rate(faithful(row), row, said(row)) == (5, []) for row in rows]
    assert sum(flawless) >= 0.97 * len(rows)


@pytest.mark.parametrize("channel", ["botchat", "webform"])
def test_a_lost_fact_is_missed(channel):
    rng = random.Random(0)
    rows = [row for row in made(channel) if len(row["facts"]) > 1]
    caught = 0
    for row in rows:
        facts = [
            f["text"].rstrip(".!?") for f in row["facts"] if not f["family"].startswith("role_")
        ]
        lost = rng.choice(facts)
        items = [item for item in faithful(row) if item != lost]
        caught += bool(rate(items, row, said(row))[1])
    assert caught >= 0.97 * len(rows)


@pytest.mark.parametrize("channel", ["botchat", "webform"])
@pytest.mark.parametrize(
    "kind", ["requests_agent", "customer_rant", "redundant", "webform_email_copy"]
)
def test_noise_that_is_reported_word_for_word_is_found(channel, kind):
    reported = [
        (row, noise["text"].rstrip(".!?"))
        for row in made(channel)
        for noise in row["noise"]
        if noise["kind"] == kind and "..." not in noise["text"] and not row["nothing"]
    ]
    found = [bool(rate([*faithful(row), text], row, said(row))[1]) for row, text in reported]
    assert sum(found) >= 0.85 * len(found)


def test_every_family_of_the_corpus_has_ways_of_being_said():
    families = set(phrasings.read("facts"))
    values = {family for family in families if family.startswith("id_")}
    assert families - values == lexicon.families()
    assert all(lexicon.alternatives(family, ("x",)) for family in families - values)


def test_truth_shares_no_detector_with_the_rules_that_write_and_judge():
    shared = {
        "distill.tasks.summarize.checks",
        "distill.tasks.summarize.reading",
        "distill.tasks.summarize.rules",
        "distill.tasks.summarize.guard",
        "distill.llm",
    }
    for file in Path(inspect.getfile(truth)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                assert not any(name.startswith(one) for name in names for one in shared)


def test_its_identifiers_stand_in_what_anonymize_writes(workspace):
    for stage in (["sample.py"], ["anonymize.py", "botchat"]):
        subprocess.run([sys.executable, REPO / "src" / stage[0], *stage[1:]], check=True)
    texts = {row["id"]: row["input"] for row in records.read(paths.anonymized("botchat"))}
    kinds = ("order_number", "item_number", "return_number")
    found = [
        value in texts[row["id"]]
        for row in truth.load().values()
        if row["id"] in texts
        for kind in kinds
        for value in row["entities"].get(kind, [])
    ]
    assert len(found) > 50
    assert sum(found) / len(found) > 0.97  # a typo may have changed one in the text
