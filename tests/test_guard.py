"""Edits to accept and to refuse; tests/edits.jsonl has edits as language models make them.

Those with "held_out" were written after the guard, and no word was added to its lists for them.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.tasks.summarize.checks import CHECKS
from distill.tasks.summarize.format import render
from distill.tasks.summarize.guard import verify
from distill.tasks.summarize.guard.facts import concepts

AGENT, REPEAT = "unn_content_requests_agent", "unn_content_redundant"
FACT, WISH = "my order 07-11223-45678 never arrived", "I want to talk to a human"
TEXT = f"Customer: {FACT}.\nBot: When was that?\nCustomer: {WISH}."


def verdict(code, before, after, text=TEXT, **options):
    return verify(code, render(before), render(after), text, **options)


def test_an_edit_that_removes_only_the_error_is_accepted():
    assert verdict(AGENT, [FACT, WISH], [FACT]) == ""


def test_an_unchanged_summary_without_the_error_is_accepted():
    assert verdict(AGENT, [FACT], [FACT]) == ""


def test_a_summary_may_become_empty():
    assert verdict(AGENT, [WISH], []) == ""


def test_a_faulty_clause_may_be_removed_from_its_bullet():
    before = f"{FACT}, and {WISH}"
    assert verdict(AGENT, [before], [FACT]) == ""


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ([FACT, WISH], "error_remains"),
        ([], "entity_lost:order_number"),
        (["my order 07-11223-45678 never arrived on Sunday"], "content_added"),
        ([FACT, "The customer wants a refund"], "content_added"),
        ([FACT, "It is item 110012345678"], "entity_invented:item_number"),
        ([FACT, "The customer is a seller"], "role_invented"),
    ],
)
def test_an_edit_with_another_change_is_rejected(after, reason):
    assert verdict(AGENT, [FACT, WISH], after) == reason


def test_a_malformed_list_is_rejected():
    assert verify(AGENT, render([FACT, WISH]), "<ul><li>my order", TEXT) == "list_broken"


def test_the_role_must_remain():
    text = "Role: seller\nMessage: The lamp broke."
    before = ["The customer is a seller", "The lamp broke"]
    assert verdict(REPEAT, before, before[1:], text) == "role_lost"


def test_a_repetition_may_be_removed_but_not_both_statements():
    again = "As I said, my order never arrived"
    text = f"Customer: {FACT}.\nCustomer: {again}."
    assert verdict(REPEAT, [FACT, again], [FACT], text) == ""
    assert (
        verdict(REPEAT, ["the lamp is broken", "As I said, the lamp is broken"], [])
        == "content_cut"
    )


def test_a_repetition_may_be_removed_from_its_bullet():
    again = f"{FACT}. The lamp is blue. As I said, my order never arrived."
    text = f"Customer: {again}"
    assert verdict(REPEAT, [again], [f"{FACT}. The lamp is blue."], text) == ""


@pytest.mark.parametrize(
    "after",
    [
        ["my order 07-11223-45678 arrived"],
        ["my order 07-11223-45678"],
        ["07-11223-45678"],
    ],
)
def test_a_fact_and_a_negation_must_remain_when_an_error_is_removed_from_their_bullet(after):
    assert verdict(AGENT, [f"{FACT}, and {WISH}"], after) == "content_cut"


def test_a_bullet_with_a_fact_must_not_be_removed_as_a_whole():
    before = f"The lamp is broken and {WISH}"
    assert verdict(AGENT, [before], []) == "content_cut"
    assert verdict(AGENT, [before], ["The lamp is broken"]) == ""


def test_a_negation_must_not_be_removed_by_itself():
    before = "Having not received the lamp the customer asks for a human agent"
    assert verdict(AGENT, [before], ["Having received the lamp"]) == "content_cut"
    assert verdict(AGENT, [before], ["Having not received the lamp"]) == ""


def test_a_fact_must_not_be_removed_or_negated_with_a_repetition():
    again = "As I said, the lamp never came and the box is torn"
    points = ["The lamp never came", again]
    assert verdict(REPEAT, points, points[:1]) == "content_cut"
    assert verdict(REPEAT, points, [*points[:1], "the box is torn"]) == ""
    assert (
        verdict(REPEAT, ["The lamp came", "The lamp never came"], ["The lamp came"])
        == "content_cut"
    )


def test_a_statement_of_two_moods_may_be_removed():
    code, mood = "sentiment_inferred_frustrated", "I feel lost and confused"
    assert verdict(code, [FACT, mood, "The customer is frustrated"], [FACT]) == ""


ORDER, REFUND = "My order 07-11223-45678 never arrived", "I want a refund of $24.99"
CHAT = f"Customer: {ORDER}.\nBot: Our warehouse is closed on Sundays.\nCustomer: {REFUND}."


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("content_missing", [ORDER], [ORDER, REFUND]),
        ("entity_missing_price", [ORDER, "I want a refund"], [ORDER, REFUND]),
        (
            "entity_inaccurate_order_number",
            ["My order 07-11223-45679 never arrived", REFUND],
            [ORDER, REFUND],
        ),
        ("nothing_to_summarize", [], [ORDER, REFUND]),
    ],
)
def test_an_informed_edit_may_correct_and_add_content_of_the_interaction(code, before, after):
    assert verdict(code, before, after, CHAT) != ""
    assert verdict(code, before, after, CHAT, informed=True) == ""


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ([REFUND, "It is item 110012345678"], "entity_invented:item_number"),
        (["I want a refund of $24.90"], "entity_invented:price"),
        ([REFUND, "My neighbour bought a bicycle"], "content_added"),
        (
            [REFUND, "Our warehouse is closed on Sundays"],
            "error_added:unn_content_ebay_response_included",
        ),
        ([REFUND, "The customer is a seller"], "role_invented"),
    ],
)
def test_an_informed_edit_must_not_add_unsupported_content(added, reason):
    assert verdict("content_missing", [ORDER], [ORDER, *added], CHAT, informed=True) == reason


def test_an_informed_edit_must_not_remove_a_correct_point():
    wrong = "My order 07-11223-45679 never arrived"
    code = "entity_inaccurate_order_number"
    assert verdict(code, [wrong, REFUND], [ORDER], CHAT, informed=True) == "entity_lost:price"
    arrived = "My order 07-11223-45678 arrived"
    assert verdict(code, [wrong, REFUND], [arrived, REFUND], CHAT, informed=True) == "content_cut"


def test_an_informed_edit_may_correct_the_role():
    text = "Role: seller\nMessage: The lamp broke on its way."
    code, lamp = "customer_type_inaccurate", "The lamp broke on its way"
    before, after = [lamp, "The customer is a buyer"], [lamp, "The customer is a seller"]
    assert verdict(code, before, after, text) != ""
    assert verdict(code, before, after, text, informed=True) == ""


def test_points_that_differ_in_a_number_are_no_repetition():
    twin = "my order 99-11223-45678 never arrived"
    text = f"Customer: {FACT}.\nCustomer: {twin}."
    assert verdict(REPEAT, [FACT, twin], [FACT], text) == "entity_lost:order_number"


def test_points_with_one_number_and_different_content_are_no_repetition():
    other = "Please refund order 07-11223-45678"
    text = f"Customer: {FACT}.\nCustomer: {other}."
    assert verdict(REPEAT, [FACT, other], [FACT], text) == "content_cut"


def test_all_statements_of_mood_may_be_removed_with_the_inferred_one():
    code = "sentiment_inferred_frustrated"
    before = [FACT, "I am so confused", "The customer is frustrated"]
    text = f"{TEXT}\nCustomer: I am so confused."
    assert verdict(code, before, [FACT], text) == ""


@given(
    st.sampled_from(sorted(CHECKS)),
    st.lists(st.text(max_size=40), max_size=5),
    st.text(max_size=200),
    st.text(max_size=200),
)
def test_the_guard_accepts_any_text(code, bullets, after, text):
    for reply in (after, render([after]), render(bullets[1:])):
        assert isinstance(verify(code, render(bullets), reply, text), str)


@given(st.sampled_from(sorted(CHECKS)), st.lists(st.text(max_size=40), max_size=5), st.text())
def test_an_unchanged_summary_is_accepted_or_still_has_its_error(code, bullets, text):
    summary = render(bullets)
    assert verify(code, summary, summary, text) in ("", "error_remains")


OTHER = "unn_other"  # no check detects it


def test_evidence_may_be_removed_where_no_check_detects_the_error():
    aside = "the bot was slow to answer yesterday evening"
    assert verdict(OTHER, [FACT, aside], [FACT], evidence=aside) == ""
    assert verdict(OTHER, [FACT, f"{FACT}, and {aside}"], [FACT, FACT], evidence=aside) == ""


@pytest.mark.parametrize("evidence", ["", "the weather"])
def test_only_evidence_may_be_removed_where_no_check_detects_the_error(evidence):
    text = "Customer: my parcel never arrived since last week. I want a full refund."
    before = ["my parcel never arrived since last week", "I want a full refund"]
    assert verdict(OTHER, before, [], text, evidence=evidence) == "content_cut"
    assert verdict(OTHER, before, before[1:], text, evidence=evidence) == "content_cut"


@pytest.mark.parametrize("informed", [True, False])
def test_remaining_bullets_must_keep_their_order(informed):
    other = "the lamp of the order is broken"
    assert verdict(AGENT, [FACT, other, WISH], [other, FACT], informed=informed) == "content_moved"
    assert verdict(AGENT, [FACT, other, WISH], [FACT, other], informed=informed) == ""


def test_either_statement_of_a_repetition_may_remain():
    other = "the lamp of the order is broken"
    assert verdict(REPEAT, [FACT, other, FACT], [other, FACT]) == ""


def test_empty_items_of_a_list_are_ignored():
    blank = render([FACT, "x"]).replace("x", "")
    assert verify(AGENT, render([FACT, WISH]), blank, TEXT) == ""
    empty = "<ul><li> </li></ul>"
    assert verify(AGENT, render([FACT, WISH]), empty, TEXT) == "list_broken"


EDITS = [
    json.loads(line)
    for line in (Path(__file__).parent / "edits.jsonl").read_text(encoding="utf-8").splitlines()
]


def is_accepted(edit):
    text = "Customer: I have a problem with my order."
    return verdict(edit["code"], edit["before"], edit["after"], text) == ""


def share_right(edits):
    return sum(is_accepted(edit) == edit["good"] for edit in edits) / len(edits)


def test_the_guard_is_right_on_at_least_nine_of_ten_edits():
    assert len(EDITS) >= 40
    assert share_right(EDITS) >= 0.9


def test_the_guard_is_right_on_most_edits_that_its_lists_do_not_know():
    held_out = [edit for edit in EDITS if edit["held_out"]]
    assert len(held_out) >= len(EDITS) / 3
    assert share_right(held_out) >= 0.8


@pytest.mark.parametrize(
    "edit",
    [edit for edit in EDITS if not edit["good"]],
    ids=lambda edit: edit["after"][0] if edit["after"] else "nothing",
)
def test_an_edit_that_loses_a_fact_or_leaves_the_error_is_refused(edit):
    assert not is_accepted(edit)


def test_a_point_without_the_error_may_be_reworded():
    again = "The order 07-11223-45678 has not been delivered"
    assert verdict(AGENT, [FACT, WISH], [again]) == ""


def test_a_fact_may_be_where_another_point_states_it():
    before = ["Customer is annoyed that the lamp is broken", "The lamp is broken and still warm"]
    assert verdict("sentiment_inferred_frustrated", before, before[1:]) == ""


def test_two_points_may_become_one():
    before = ["The lamp is broken", f"The box was torn, and {WISH}"]
    assert verdict(AGENT, before, ["The lamp is broken and the box was torn"]) == ""
    assert verdict(AGENT, before, ["The lamp is broken and the box was wet"]) == "content_cut"


def test_a_mood_of_which_the_customer_speaks_may_remain():
    code, mood = "sentiment_inferred_frustrated", "Customer is frustrated by the delay"
    assert verdict(code, [FACT, mood], [FACT, mood]) == "error_remains"
    said = f"{TEXT}\nCustomer: I am frustrated."
    assert verdict(code, [FACT, mood], [FACT, mood], said) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Customer wants the money back", "The customer requests a refund"),
        ("My parcel never came", "The package has not arrived"),
        ("it doesn't work", "The customer says that it is broken"),
        ("The seller won't answer", "The seller is ignoring the customer"),
        ("charged two times", "was charged twice"),
        ("on May 2nd", "May 2"),
    ],
)
def test_rewordings_have_the_same_concepts(one, other):
    assert concepts(one) == concepts(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Customer wants a refund", "Customer wants a replacement"),
        ("The parcel arrived", "The parcel has not arrived"),
        ("not paid and not sent", "not paid and sent"),
        ("two towels", "three towels"),
        ("The buyer paid", "The seller paid"),
    ],
)
def test_other_facts_have_other_concepts(one, other):
    assert concepts(one) != concepts(other)


def test_an_abstractive_summary_may_be_completed_and_cleared_of_what_is_made_up():
    before = ["The customer's shipment has not been delivered", "The customer has a red bicycle"]
    refund = "The customer asks for reimbursement of $24.99"
    code = "content_missing"
    assert verdict(code, before, [*before, refund], CHAT, informed=True) == ""
    code, evidence = "content_hallucination", "has a red bicycle"
    assert verdict(code, before, before[:1], CHAT, evidence=evidence) == ""
    assert verdict(code, before, before[1:], CHAT, evidence=evidence) == "content_cut"
