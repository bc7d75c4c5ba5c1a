"""The made-up corpus: what it holds, how much of it, and that its truth is exact."""

import os
import re
import shutil
from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
import yaml
from conftest import REPO
from defusedxml import ElementTree
from stdnum import luhn
from stdnum.iso7064 import mod_97_10
from tokenizers import Tokenizer

import anonymize
import sample
from distill import channels, params, paths
from distill.channels.settings import Turns
from distill.ledger import Ledger
from distill.offline.corpus import Interaction, interactions, phrasings
from distill.tasks import summarize
from distill.tasks.summarize.rules import teacher

CHANNELS = ("botchat", "webform")
ROWS = 1300
DATA = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data"))
CUCOM = (DATA / "cucom/ecommerce_v0_1.first3000.jsonl.xz").absolute()
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


def only_courtesies(truth) -> bool:
    return truth["nothing"] and {said["kind"] for said in truth["noise"]} <= {"courtesy", "bot"}


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
    assert all(luhn.is_valid(re.sub(r"\D", "", card)) for card in values(channel, "CREDIT_CARD"))
    ibans = [iban.replace(" ", "") for iban in values(channel, "IBAN")]
    assert all(mod_97_10.is_valid(iban[4:] + iban[:4]) for iban in ibans)


SHARES = [
    ("botchat", noise("requests_agent"), 0.34, 0.46),
    ("botchat", noise("redundant"), 0.2, 0.34),
    ("botchat", noise("customer_rant"), 0.2, 0.35),
    ("botchat", noise("sentiment"), 0.08, 0.18),
    ("botchat", noise("transfer"), 0.02, 0.3),
    ("botchat", noise("courtesy"), 0.75, 0.95),
    ("botchat", lambda truth: truth["nothing"], 0.04, 0.08),
    ("botchat", only_courtesies, 0.01, 0.03),
    ("webform", noise("webform_email_copy"), 0.34, 0.48),
    ("webform", noise("redundant"), 0.2, 0.36),
    ("webform", noise("courtesy"), 0.2, 0.4),
    ("webform", lambda truth: truth["nothing"], 0.005, 0.04),
    ("webform", only_courtesies, 0.003, 0.01),
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


@pytest.mark.parametrize("channel", CHANNELS)
def test_as_many_sentences_are_mistyped_as_declared(channel):
    lines = " ".join(path.read_text(encoding="utf-8") for path in phrasings.FOLDER.glob("*.yaml"))
    known = set(re.findall(r"[^\W\d_]+", lines.lower()))
    english = [row.truth for row in corpus(channel) if row.truth["language"] == "en"]
    facts = [fact["text"] for truth in english for fact in truth["facts"]]
    mistyped = [fact for fact in facts if set(re.findall(r"\b[a-z]{4,}\b", fact)) - known]
    declared = phrasings.voice(channel, "en")["traits"]["typo"]
    # Some have no word to mistype, or become another word.
    assert declared - 0.02 < len(mistyped) / len(facts) < declared


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


@pytest.mark.parametrize("channel", CHANNELS)
def test_anonymize_needs_no_more_of_the_sample_than_its_channels_folder(workspace, channel):
    values = yaml.safe_load((workspace / "params.yaml").read_text())
    values["sample"]["rows"] = 20
    (workspace / "params.yaml").write_text(yaml.safe_dump(values))
    sample.main()
    for path in set(paths.SAMPLE.iterdir()) - {paths.SAMPLE / channel}:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    ledger = Ledger("anonymize", channel)
    assert len(list(anonymize.cleared(channel, params.load(), ledger))) == 20


def test_the_truth_is_among_the_deps_of_calibrate_and_report_alone():
    stages = yaml.safe_load((REPO / "dvc.yaml").read_text())["stages"]
    deps = {name: stage.get("do", stage)["deps"] for name, stage in stages.items()}
    knowing = {name for name, found in deps.items() if any(map(paths.TRUTH.is_relative_to, found))}
    assert knowing == {"calibrate", "report"}
    assert [dep for dep in deps["anonymize"] if dep[:4] != "src/"] == ["${source}/${key}"]


def fit(texts: list[str]) -> float:
    """The share of the texts that are no longer than what the default's student is trained on."""
    tokenizer = Tokenizer.from_file(str(REPO / "models/base/tokenizer.json"))
    longest = params.load().students["tiny"].max_length
    return sum(len(read.ids) <= longest for read in tokenizer.encode_batch(texts)) / len(texts)


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("channel", CHANNELS)
def test_interactions_and_their_summaries_fit_into_the_student(channel):
    sample.main()
    settings = params.load()
    ledger = Ledger("anonymize", channel)
    rows = list(channels.read(paths.SAMPLE, channel, settings.channels[channel], ledger))
    assert len(rows) == settings.sample.rows
    asked = [summarize.messages(row)[0]["content"] for row in rows]
    told = [teacher.summarize(row["input"]) for row in rows]
    assert fit([prompt + summary for prompt, summary in zip(asked, told, strict=True)]) >= 0.95


@pytest.mark.skipif(not CUCOM.is_file(), reason=f"{CUCOM} is missing; set DISTILL_TEST_DATA")
def test_three_thousand_chats_from_elsewhere_fit_into_the_student(workspace):
    (workspace / "agentchat").mkdir()
    shutil.copy(CUCOM, workspace / "agentchat")
    chats = Turns(
        format="turns",
        id="id",
        turns="turns",
        role="role",
        text="content",
        roles={"user": "Customer", "agent": "Agent"},
        sizes={"test": 1, "dev": 1, "audit": 1},
        train=1,
    )
    rows = channels.read(workspace, "agentchat", chats, Ledger("anonymize", "agentchat"))
    asked = [summarize.messages(row)[0]["content"] for row in rows]
    assert len(asked) > 2900
    assert fit(asked) >= 0.95
