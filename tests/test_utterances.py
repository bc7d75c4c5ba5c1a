"""The made-up messages: their rows, what is held out for the test, and their hidden truth."""

import json
from itertools import combinations

import pytest
import yaml
from test_independence import COMMON, SRC, files, name, reached

import utterances
from distill import records, tasks
from distill.offline.utterances import CHANNELS, phrasings, rows, truth
from distill.offline.utterances.values import TYPES
from distill.tasks import entities

SIZES = {"train": 640, "dev": 64, "test": 320}
FOLDER = SRC / "distill/offline/utterances"
READERS = {
    "writer": [FOLDER / "writer.py", FOLDER / "weaknesses.py", FOLDER / "paraphrase.py"],
    "tagger": [
        FOLDER / "tagger.py",
        *(SRC / f"distill/tasks/{t}/rules.py" for t in CHANNELS.values()),
    ],
    "truth": [FOLDER / "truth.py"],
}
# The lines of the made-up world, and the form of an answer.
SHARED = COMMON | {
    "distill.llm.fences",
    "distill.offline.utterances.phrasings",
    "distill.tasks.entities.offsets",
}


@pytest.fixture(scope="module")
def made():
    return {
        (channel, split): list(rows(channel, split, count, seed=7))
        for channel in CHANNELS
        for split, count in SIZES.items()
    }


def of(made, *splits):
    return [one for (_, split), found in made.items() if split in splits for one in found]


def test_intents_take_turns_and_every_row_says_its_labels(made):
    found = [one.row for one in made["intents", "train"]]
    labels = list(phrasings.intents())
    assert len(labels) == 16
    assert all(row["labels"] == labels for row in found)
    assert {
        label: [row["gold"] for row in found].count(label) for label in labels
    } == dict.fromkeys(labels, 40)


def test_every_type_of_entity_occurs_in_every_split(made):
    for split in SIZES:
        found = {span["type"] for one in made["mentions", split] for span in one.row["gold"]}
        assert found == set(TYPES)


def test_offsets_are_those_of_the_values(made):
    for one in of(made, *SIZES):
        for span in one.truth["spans"]:
            value = one.row["input"][span["start"] : span["end"]]
            assert value and value == value.strip()


def test_the_target_is_a_reply_with_the_gold_answer(made):
    for one in of(made, *SIZES):
        row = one.row
        answer = tasks.parser(row)(row["target"])
        gold = row["gold"] if row["task"] == "classify" else entities.value(row["gold"])
        assert answer == gold
        assert tasks.load(row["task"]).score(row, answer) == 1.0


def test_no_text_occurs_twice_in_a_split(made):
    for found in made.values():
        texts = [one.row["input"] for one in found]
        assert len(set(texts)) == len(texts)


def test_a_row_depends_on_its_own_number_alone(made):
    assert list(rows("intents", "train", 30, seed=7)) == made["intents", "train"][:30]
    assert list(rows("intents", "train", 30, seed=8)) != made["intents", "train"][:30]


def test_the_families_and_names_of_the_test_are_in_no_other_row(made):
    test, others = of(made, "test"), of(made, "train", "dev")
    assert not {one.truth["family"] for one in test} & {one.truth["family"] for one in others}
    for slot in ("product", "person", "place", "company"):
        learned = set(phrasings.words(slot, phrasings.LEARN))
        only = set(phrasings.words(slot, phrasings.TEST)) - learned
        assert all(word not in one.row["input"] for word in only for one in others)
        if slot in ("product", "company"):
            assert not learned & set(phrasings.words(slot, phrasings.TEST))


def shingles(text):
    words = text.split()
    return {tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def test_no_row_for_training_is_a_near_duplicate_of_the_test(made):
    for channel in CHANNELS:
        train = [shingles(one.row["input"]) for one in made[channel, "train"]]
        for one in made[channel, "test"]:
            own = shingles(one.row["input"])
            assert all(len(own & other) / len(own | other) < 0.8 for other in train)


def test_every_intent_has_families_that_are_easily_confused_and_others():
    for intent, families in phrasings.intents().items():
        for part, least in ((phrasings.LEARN, 8), (phrasings.TEST, 4)):
            own = [family for family in families if family.part == part]
            assert len(own) >= least
            assert {bool(family.near) for family in own} == {True, False}
        near = {family.near for family in families} - {""}
        assert near <= set(phrasings.intents()) - {intent}


def test_the_slots_of_all_phrasings_are_types_of_entities():
    lines = [
        one.line
        for group in (phrasings.intents(), phrasings.frames())
        for found in group.values()
        for one in found
    ]
    assert {slot for line in lines for slot in phrasings.SLOT.findall(line)} == set(TYPES)


def test_truth_reads_intent_and_entities_from_the_text_alone(made):
    for one in of(made, *SIZES)[::2]:
        assert truth.truth("classify", one.row["input"]) == one.truth["intent"]
        assert truth.truth("entities", one.row["input"]) == one.truth["spans"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "What is a good recipe for pancakes?",
        "I have a question about order 12-34567-89012.",
    ],
)
def test_truth_finds_no_intent_where_there_is_none(text):
    assert truth.intent(text) is None


def test_truth_finds_no_intent_where_there_are_two():
    first, second = "Please cancel order HG123456.", "My payment fails."
    assert (truth.intent(first), truth.intent(second)) == ("cancel_order", "payment_failed")
    assert truth.intent(f"{first} {second}") is None


def test_truth_reads_shortened_and_mistyped_words():
    assert truth.intent("the kettle arrived teh box crushed inside pieces") == "damaged"
    assert truth.intent("i wuold liek to return my kettle pls") == "return_request"


@pytest.mark.parametrize(("first", "second"), list(combinations(READERS, 2)))
def test_writer_tagger_and_truth_have_no_detector_in_common(first, second):
    assert reached(READERS[first]) & reached(READERS[second]) <= SHARED
    own = {name(path) for path in files(READERS[first])}
    assert not own & reached(READERS[second])


def test_the_stage_writes_rows_and_truth(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sizes = {"train": 20, "dev": 4, "test": 6}
    values = {"seed": 7, "utterances": sizes, "rounds": 3}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(values))
    monkeypatch.setattr("sys.argv", ["utterances.py"])
    utterances.main()
    ids = []
    for channel in CHANNELS:
        for split, size in sizes.items():
            found = list(records.read(tmp_path / "data/utterances" / channel / split))
            assert len(found) == size
            assert {(row["channel"], row["split"]) for row in found} == {(channel, split)}
            ids += [row["id"] for row in found]
    told = (tmp_path / "data/utterances/truth.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in told] == ids
