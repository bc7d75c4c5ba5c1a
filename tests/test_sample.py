"""The made-up corpus: what it holds, how much of it, and that its truth is exact."""

import re
from collections import Counter
from functools import cache
from itertools import chain

import pytest
from defusedxml import ElementTree

import sample
from arf.corpus import Interaction, interactions, phrasings
from arf.corpus.values import iban_remainder, luhn

CHANNELS = ("botchat", "webform")
ROWS = 1300
SENTENCE = re.compile(r"(?<=[.!?])\s+")
IDS = {
    "item_number": r"\b[123]\d{11}\b",
    "order_number": r"\b\d{2}-\d{5}-\d{5}\b",
    "return_number": r"\b5\d{9}\b",
    "case_number": r"\b[1-46-9]\d{9}\b",
    "transaction_id": r"\b\d{13}T\b",
}


@cache
def corpus(channel: str) -> list[Interaction]:
    return list(interactions(channel, seed=7, rows=ROWS))


def parts(row: Interaction) -> dict[str, str]:
    """Every piece of an interaction's text by the name that the truth gives its place."""
    if "turns" in row.raw:
        return {f"turns/{at}": turn["text"] for at, turn in enumerate(row.raw["turns"])}
    return {path: text for path, text in row.raw.items() if path != "id"}


def share(channel: str, has) -> float:
    return sum(bool(has(row.truth)) for row in corpus(channel)) / ROWS


def noise(kind: str):
    return lambda truth: any(noise["kind"] == kind for noise in truth["noise"])


def values(channel: str, kind: str) -> list[str]:
    return [p["value"] for row in corpus(channel) for p in row.truth["pii"] if p["type"] == kind]


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_has_twelve_intents_with_eight_phrasings_each(channel):
    intents = phrasings.voice(channel, "en")["intents"]
    assert len(intents) >= 12
    assert min(len(set(intent["issue"])) for intent in intents.values()) >= 8


@pytest.mark.parametrize("language", phrasings.LANGUAGES)
def test_other_languages_have_three_phrasings_for_several_intents(language):
    intents = phrasings.voice("botchat", language)["intents"]
    assert len(intents) >= 3
    assert min(len(set(intent["issue"])) for intent in intents.values()) >= 3


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_phrasing_names_two_ids_of_one_kind(channel):
    for row in corpus(channel):
        for fact in row.truth["facts"]:
            assert all(len(re.findall(pattern, fact["text"])) <= 1 for pattern in IDS.values())


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_two_interactions_have_the_same_text(channel):
    made = interactions(channel, seed=7, rows=2600)
    texts = Counter(
        " ".join(text for place, text in parts(row).items() if "/" not in place or "turns" in place)
        for row in made
    )
    assert texts.most_common(1)[0][1] == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_spans_of_personal_data_are_exact(channel):
    for row in corpus(channel):
        for span in row.truth["pii"]:
            text = parts(row)[span["where"]]
            assert text[span["start"] : span["end"]] == span["value"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_sentence_is_a_fact_or_noise_and_a_splitter_finds_it(channel):
    for row in corpus(channel):
        told = row.truth["facts"] + row.truth["noise"]
        known = Counter(chain.from_iterable(SENTENCE.split(part["text"]) for part in told))
        texts = [
            text for place, text in parts(row).items() if place == "message" or "turns" in place
        ]
        found = Counter(chain.from_iterable(SENTENCE.split(text) for text in texts))
        assert found == known, row.truth["id"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_entities_are_those_of_facts_and_fields(channel):
    for row in corpus(channel):
        told = " ".join(fact["text"] for fact in row.truth["facts"])
        fields = {row.raw.get(path) for path in ("item/number", "item/title", "order/number")}
        for kind, named in row.truth["entities"].items():
            assert all(value in told or value in fields for value in named), (kind, named)
        for kind, pattern in IDS.items():
            assert set(re.findall(pattern, told)) <= set(row.truth["entities"][kind])


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_means_that_there_is_no_fact(channel):
    assert all(row.truth["nothing"] == (not row.truth["facts"]) for row in corpus(channel))
    assert max(len(row.truth["facts"]) for row in corpus(channel)) == 4


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "kind",
    [
        "PERSON",
        "EMAIL",
        "PHONE",
        "ADDRESS",
        "CREDIT_CARD",
        "IBAN",
        "IP",
        "USERNAME",
        "DATE_OF_BIRTH",
        "NATIONAL_ID",
    ],
)
def test_every_kind_of_personal_data_occurs(channel, kind):
    assert len(values(channel, kind)) >= 10


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_kind_of_entity_occurs(channel):
    for kind in corpus(channel)[0].truth["entities"]:
        assert sum(bool(row.truth["entities"][kind]) for row in corpus(channel)) >= 30, kind


@pytest.mark.parametrize("channel", CHANNELS)
def test_card_numbers_and_ibans_pass_their_checks(channel):
    assert all(luhn(re.sub(r"\D", "", card)) for card in values(channel, "CREDIT_CARD"))
    assert all(iban_remainder(iban.replace(" ", "")) == 1 for iban in values(channel, "IBAN"))


SHARES = [
    ("botchat", noise("requests_agent"), 0.34, 0.46),
    ("botchat", noise("redundant"), 0.2, 0.34),
    ("botchat", noise("customer_rant"), 0.2, 0.35),
    ("botchat", noise("sentiment"), 0.08, 0.18),
    ("botchat", noise("transfer"), 0.02, 0.3),
    ("botchat", lambda truth: truth["nothing"], 0.04, 0.08),
    ("webform", noise("webform_email_copy"), 0.34, 0.48),
    ("webform", noise("redundant"), 0.2, 0.36),
    ("webform", lambda truth: truth["nothing"], 0.005, 0.04),
]
for name in CHANNELS:
    SHARES += [
        (name, lambda truth: truth["language"] != "en", 0.03, 0.07),
        (name, lambda truth: any(len(v) > 1 for v in truth["entities"].values()), 0.05, 0.25),
        (name, lambda truth: truth["sentiment"] == "none", 0.8, 0.97),
        (name, lambda truth: truth["role_stated"] == "absent", 0.05, 0.7),
        (name, lambda truth: truth["role_stated"] == "implied", 0.05, 0.4),
        (name, lambda truth: truth["role_stated"] == "stated", 0.07, 0.85),
    ]


@pytest.mark.parametrize(("channel", "has", "low", "high"), SHARES)
def test_shares_are_as_declared(channel, has, low, high):
    assert low <= share(channel, has) <= high


def test_interactions_are_compact():
    def median(texts: list[str]) -> int:
        return sorted(len(text.split()) for text in texts)[len(texts) // 2]

    chats = [" ".join(parts(row).values()) for row in corpus("botchat")]
    assert 40 <= median(chats) <= 90
    assert 35 <= median([row.raw["message"] for row in corpus("webform")]) <= 70


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_role_told_is_the_role_of_the_intent(channel):
    intents = phrasings.voice(channel, "en")["intents"]
    for row in corpus(channel):
        role = intents.get(row.truth["intent"], {"role": "any"})["role"]
        assert role == "any" or row.truth["role"] in (None, role), row.truth["id"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_growing_the_corpus_keeps_its_rows(channel):
    assert list(interactions(channel, seed=7, rows=50)) == corpus(channel)[:50]
    assert list(interactions(channel, seed=8, rows=50)) != corpus(channel)[:50]


def test_forms_survive_the_way_through_xml():
    forms = [row.raw for row in corpus("webform")]
    document = "".join(sample.xml(forms, seed=7))
    assert "<![CDATA[" in document
    assert "&amp;" in document
    assert document == "".join(sample.xml(forms, seed=7))
    for form, element in zip(forms, ElementTree.fromstring(document), strict=True):
        assert element.get("id") == form["id"]
        for path, text in form.items():
            assert path == "id" or (element.findtext(path) or "") == text


def test_rows_come_in_the_order_of_their_ids():
    ids = [row.truth["id"] for _, row in sample.sample(seed=7, rows=20)]
    assert ids == sorted(ids)
