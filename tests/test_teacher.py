import json
import lzma
import os
import re
from collections import Counter
from functools import lru_cache
from itertools import islice
from pathlib import Path

import interactions
import pytest
from scipy.stats import binomtest

from distill.tasks.summarize.format import NOTHING, bullets
from distill.tasks.summarize.rules import teacher
from distill.tasks.summarize.rules.teacher import rates
from distill.tasks.summarize.rules.teacher.telling import point
from distill.tasks.summarize.rules.teacher.tidy import clauses

CUCOM = (
    Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data"))
    / "cucom/ecommerce_v0_1.first3000.jsonl.xz"
)
AGENT = re.compile(r"\b(?:agent|representative|real person)\b")
FEELING = re.compile(r"\b(?:frustrat|upset)")
COPY = re.compile(r"\bcopy of (?:this|the) (?:message|form|submission)|email copy of this form")


@lru_cache
def drafts(informed=False):
    chats = [teacher.draft(text, "botchat", informed) for text in interactions.chats()]
    return [*chats, *(teacher.draft(text, "webform", informed) for text in interactions.forms())]


def flawless(text, channel="botchat"):
    """Return the points of the first variant of a text in which the teacher makes no error."""
    for variant in range(200):
        draft = teacher.draft(f"{text}\nBot: Thank you{'.' * variant}", channel)
        if not draft.errors.made:
            return list(draft.points)
    raise AssertionError("every variant has an error")


def told(sentence):
    return [point(clause) for _, clause in clauses(sentence)]


# ------------------------------------------------------------------ wording


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("I still do not have my order.", "Customer still does not have their order"),
        ("my account was locked", "Customer's account was locked"),
        ("Please send me a prepaid label.", "Customer requests a prepaid label"),
        ("Can you refund $20?", "Customer requests a refund of $20"),
        ("Please ask the seller to call UPS.", "Customer wants the seller to call UPS"),
        ("Where is my parcel?", "Customer asks where the parcel is"),
        ("How do I void it?", "Customer asks how to void it"),
        ("When will you pay me?", "Customer asks when the company will pay them"),
        ("Can I open a case?", "Customer asks whether they can open a case"),
        ("You took down my listing on May 4.", "Customer's listing was taken down on May 4"),
        ("They sent me the wrong lamp.", "Customer was sent the wrong lamp"),
        ("If it is lost I want a refund.", "Customer wants a refund if it is lost"),
        ("i dont hv my order n its late", "Customer does not have their order; It is late"),
        ("Tell me which papers you need.", "Customer wants to know which papers the company needs"),
        ("Still no refund for my return.", "There is still no refund for their return"),
    ],
)
def test_sentences_are_told_in_third_person(sentence, expected):
    assert told(sentence) == expected.split("; ")


def test_neighbouring_points_are_joined():
    text = "Customer: I bought a brass lamp. I want to return it."
    [line] = flawless(text)
    assert re.fullmatch(r"Customer (?:bought|purchased) a brass lamp and wants to return it", line)


def test_values_given_alone_are_told_with_the_fact():
    text = (
        "Customer: The lamp arrived broken.\nBot: What is the order number?\n"
        "Customer: 07-11223-45678\nBot: And when?\nCustomer: It was on March 3."
    )
    assert flawless(text) == ["The lamp arrived broken (order number 07-11223-45678, date March 3)"]


def test_a_form_ends_with_the_role_and_the_identifiers_that_its_message_lacks():
    text = (
        "Topic: Other\nRole: seller\nName: Ann Lee\nItem number: 110012345678\n"
        "Order number: 07-11223-45678\nMessage: The buyer of item 110012345678 never paid."
    )
    points = teacher.draft(text, "webform").points
    assert list(points)[-2:] == ["Customer is a seller", "Order number 07-11223-45678"]


def test_the_role_follows_from_the_matter_where_the_form_does_not_give_it():
    text = "Topic: Other\nMessage: I sold a lamp and the buyer never paid."
    assert "Customer is a seller" in teacher.draft(text, "webform").points


def test_names_contact_data_courtesies_and_the_bot_are_left_out():
    text = (
        "Customer: Hi there! My name is Ann Lee. You can reach me at ann@example.org.\n"
        "Bot: How can I help?\nCustomer: The lamp arrived broken. Thanks a lot."
    )
    assert flawless(text) == ["The lamp arrived broken"]


@pytest.mark.parametrize("text", ["Customer: Hello!", "Customer: Hi.\nBot: Hi.\nCustomer: Thanks!"])
def test_there_may_be_nothing_to_summarize(text):
    assert flawless(text) == [NOTHING]


def test_a_message_in_another_language_is_told_in_english():
    text = (
        "Topic: Other\nMessage: Mein Paket 07-11223-45678 ist nicht angekommen, bitte helfen Sie."
    )
    assert teacher.draft(text, "webform").points[0] == (
        "Customer writes in German about a missing delivery"
    )


def test_the_english_is_sound():
    for line in (line for draft in drafts() for line in draft.points):
        assert not re.search(r"\b(?:I|my|me|you|your)\b", line), line
        assert not re.search(r"\bCustomer (?:have|do|am|are|were|want|need)\b", line), line
        assert not re.search(r"\bthey (?:has|is|was|does|wants)\b|\bwants refunded\b", line), line
        assert not re.search(r"\b(\w+) \1\b|\bthe customer's the\b|\btheir the\b", line), line
        assert line[0].isupper() or line == NOTHING, line


def test_summaries_are_short():
    lengths = [sum(len(line.split()) for line in draft.points) for draft in drafts()]
    assert sum(lengths) / len(lengths) < 45
    assert max(lengths) < 90


# ------------------------------------------------------------------ errors


def test_a_summary_depends_on_nothing_but_its_interaction():
    for text in interactions.chats()[:50]:
        assert teacher.summarize(text, "botchat") == teacher.summarize(text, "botchat")


@pytest.mark.parametrize("informed", [False, True])
def test_measured_rates_are_the_declared_ones(informed):
    rows = rates.compared(draft.errors for draft in drafts(informed))
    assert len(rows) > 15
    for row in rows:
        test = binomtest(row["errors"], row["occasions"], row["declared"])
        assert test.pvalue > 0.001, row


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        ("unn_content_requests_agent", AGENT),
        ("sentiment_inferred_frustrated", FEELING),
        ("unn_content_webform_email_copy", COPY),
    ],
)
def test_a_summary_shows_a_noise_error_where_it_is_recorded_and_nowhere_else(code, pattern):
    for draft in drafts():
        shown = any(pattern.search(line) for line in draft.points)
        negated = "sentiment_inferred_not_frustrated" in dict(draft.errors.made)
        assert shown == (code in dict(draft.errors.made)) or negated, draft


def test_a_good_third_of_the_noise_errors_shares_a_point_with_a_fact():
    mixed, made = Counter(), Counter()
    for draft in drafts():
        mixed.update(draft.errors.mixed)
        made.update(code for code, _ in draft.errors.made)
    codes = ("unn_content_requests_agent", "sentiment_inferred_frustrated",
             "unn_content_webform_email_copy")  # fmt: skip
    assert 0.33 < sum(mixed[code] for code in codes) / sum(made[code] for code in codes) < 0.7


def test_the_informed_teacher_makes_a_part_of_the_same_noise_errors():
    for plain, informed in zip(drafts(), drafts(informed=True), strict=True):
        noise = {case for case in informed.errors.made if case[0].startswith(rates.NOISE)}
        assert noise <= set(plain.errors.made)


def test_values_are_copied_exactly_but_for_the_recorded_errors():
    for text in [*interactions.chats(), *interactions.forms()]:
        channel = "webform" if text.startswith("Topic") else "botchat"
        draft = teacher.draft(text, channel)
        altered = {"entity_inaccurate", "content_inaccurate"} & set(dict(draft.errors.made))
        for value in re.findall(r"\S*\d{2}\S*[\d_]", " ".join(draft.points)):
            assert value.strip("(") in text or altered, draft


# ------------------------------------------------------------------ real chats


@pytest.mark.skipif(
    not CUCOM.is_file(),
    reason=f"{CUCOM} is missing; name the folder of test data in DISTILL_TEST_DATA",
)
def test_real_chats_are_told_in_third_person_with_their_own_values():
    told_in_first_person = values = foreign = 0
    with lzma.open(CUCOM, "rt") as chats:
        lines = list(islice(chats, 150))
    for line in lines:
        turns = json.loads(line)["turns"]
        speaker = {"user": "Customer", "agent": "Agent"}
        text = "\n".join(f"{speaker[t['role']]}: {' '.join(t['content'].split())}" for t in turns)
        draft = teacher.draft(text, "agentchat")
        assert bullets(teacher.summarize(text, "agentchat"))
        summary = " ".join(draft.points)
        told_in_first_person += bool(re.search(r"\b(?:I|my|me|you|your)\b", summary))
        if not any(code.endswith("inaccurate") for code, _ in draft.errors.made):
            numbers = re.findall(r"[\d-]{6,}", summary)
            values += len(numbers)
            foreign += sum(number not in text for number in numbers)
    assert told_in_first_person <= 3  # 2%
    assert values > 80
    assert not foreign
