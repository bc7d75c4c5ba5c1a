"""The offline writer, paraphraser and tagger: declared rates against rates measured by truth."""

import json
import re

import pytest
from scipy.stats import binomtest

from distill import tasks
from distill.errors import ModelError
from distill.offline.utterances import paraphrase, phrasings, rows, tagger, truth, writer
from distill.offline.utterances.values import TYPES
from distill.tasks.classify import rules as classes
from distill.tasks.entities import rules as types

INTENTS = list(phrasings.intents())
PAIR = ["refund_amount", "refund_missing"]
SHOWN = [
    {"input": "My refund is too small.", "answer": PAIR[0], "prediction": PAIR[1], "right": False},
    {"input": "My password does not work.", "answer": "account_locked",
     "prediction": "account_locked", "right": True},
]  # fmt: skip
ENTITIES = next(rows("mentions", "train", 1, seed=7)).row


def request(**changes):
    asked = {"task": "classify", "labels": INTENTS, "seed": "7/0", "shown": SHOWN}
    asked |= {"patterns": [{"note": "", "labels": PAIR}], "hard": 20, "easy": 20}
    return asked | changes


def of_entities(**changes):
    shown = [
        {"input": ENTITIES["input"], "answer": ENTITIES["gold"], "prediction": [], "right": False}
    ]
    patterns = [{"note": "", "labels": ["person", "place"]}]
    return request(task="entities", labels=list(TYPES), shown=shown, patterns=patterns, **changes)


def reply(text):
    return json.loads(re.sub(r"^```json\n|\n```$", "", text))


def agrees(count, number, share):
    """Whether a count could come from the declared share (p > 0.001)."""
    return binomtest(count, number, share).pvalue > 0.001


@pytest.fixture(scope="module")
def written():
    """What the writer meant in 100 replies of 40 texts."""
    return [one for seed in range(100) for one in writer.texts(request(seed=str(seed)))]


def test_the_analysis_names_the_confused_classes():
    assert reply(writer.analyze(request()))["patterns"][0]["labels"] == PAIR


def test_the_analysis_of_rows_without_a_verdict_names_their_classes():
    shown = [row | {"prediction": None, "right": None} for row in SHOWN]
    found = reply(writer.analyze(request(shown=shown)))["patterns"]
    assert {tuple(one["labels"]) for one in found} == {(PAIR[0],), ("account_locked",)}


def test_the_analysis_of_entities_names_types_that_were_missed_or_mistaken():
    gold = [{"start": 0, "end": 3, "type": "person"}, {"start": 5, "end": 9, "type": "order"}]
    row = {
        "input": "Ana, #123",
        "answer": gold,
        "prediction": [{**gold[0], "type": "place"}],
        "right": False,
    }
    found = reply(writer.analyze(of_entities() | {"shown": [row]}))["patterns"]
    assert [one["labels"] for one in found] == [["person", "place"], ["order"]]


def test_a_reply_depends_on_the_request_alone():
    assert writer.write(request()) == writer.write(request())
    assert writer.write(request()) != writer.write(request(seed="7/1"))


def test_hard_texts_are_about_the_pattern_and_easy_ones_about_what_was_right(written):
    hard = [one for one in written if one.kind == "hard" and one.how in ("", "lost_hard")]
    assert {one.meant for one in hard} == set(PAIR)
    assert {one.meant for one in written if one.kind == "easy" and not one.how} == {
        "account_locked"
    }
    assert {one.pattern for one in hard} == {0}


def test_without_any_example_it_writes_for_all_labels():
    asked = request(shown=[], patterns=[], hard=200, easy=200)
    meant = {
        kind: {one.meant for one in writer.texts(asked) if one.kind == kind}
        for kind in ("hard", "easy")
    }
    assert meant == {"hard": set(INTENTS), "easy": set(INTENTS)}


def test_zeroshot_writes_for_the_label_alone():
    asked = {"task": "classify", "labels": INTENTS, "label": "damaged", "number": 30, "seed": "1"}
    assert {item["meant"] for item in reply(writer.zeroshot(asked))["texts"]} == {"damaged"}


def test_no_text_is_in_a_family_of_the_test_or_holds_its_names(written):
    test = [one.row["input"] for one in rows("intents", "test", 320, seed=7)]
    assert not {one.text for one in written} & set(test)
    only = {
        word
        for slot in ("product", "person", "place", "company")
        for word in set(phrasings.words(slot, "test")) - set(phrasings.words(slot, "learn"))
    }
    assert not any(word in one.text for word in only for one in written)


@pytest.mark.parametrize("how", ["lost_hard", "lost_easy", "off_topic", "duplicate", "copied"])
def test_imperfections_are_as_frequent_as_declared(written, how):
    kind = how.removeprefix("lost_") if how.startswith("lost_") else None
    among = [one for one in written if kind in (None, one.kind)]
    lost = sum(writer.RATES[one] for one in ("off_topic", "duplicate", "copied"))
    share = writer.RATES[how] * (1 - lost if kind else 1)
    assert agrees(sum(one.how == how for one in among), len(among), share)


def test_a_text_says_what_was_meant_unless_it_lost_it(written):
    for one in written[::5]:
        said = truth.intent(one.text)
        if one.how in ("", "copied"):
            assert said == one.meant
        elif one.how == "off_topic":
            assert said is None
        elif one.how.startswith("lost"):
            assert said != one.meant


def test_malformed_items_and_fences_are_as_frequent_as_declared():
    replies = [writer.write(request(seed=str(seed))) for seed in range(100)]
    fenced = sum(text.startswith("```") for text in replies)
    assert agrees(fenced, len(replies), writer.RATES["fenced"])
    items = [item for text in replies for item in reply(text)["texts"]]
    bad = sum(not item["text"] or not isinstance(item["text"], str) for item in items)
    assert agrees(bad, len(items), writer.RATES["malformed"])


def spans_meant(one):
    """The spans that a text is meant to have, None where its quotations can mean no or many."""
    row = {"task": "entities", "input": one.text, "labels": list(TYPES)}
    try:
        return json.loads(tasks.parser(row)(json.dumps(one.meant)))
    except ValueError:
        return None


def test_entities_are_meant_as_they_stand_in_the_text_unless_lost():
    made = writer.texts(of_entities(hard=200, easy=200))
    for one in made:
        if one.how in ("", "copied", "off_topic"):
            assert spans_meant(one) == truth.spans(one.text)
        elif one.how.startswith("lost"):
            assert spans_meant(one) != truth.spans(one.text)
    hard = [one for one in made if one.kind == "hard" and not one.how]
    assert all({"person", "place"} & {item["type"] for item in one.meant} for one in hard)


def test_a_separate_tagger_reads_and_a_joint_one_remembers(written):
    """In lost texts the joint label is wrong, and the separate one mostly right or refused."""
    lost = [one for one in written if one.how == "lost_hard"]
    asked = {"task": "classify", "labels": INTENTS, "texts": [one.text for one in lost]}
    joint = json.loads(tagger.tag(asked | {"meant": [one.meant for one in lost]}))["answers"]
    separate = json.loads(tagger.tag(asked | {"meant": None}))["answers"]
    said = [truth.intent(one.text) for one in lost]
    assert not any(label == right for label, right in zip(joint, said, strict=True))
    told = [(label, right) for label, right in zip(separate, said, strict=True) if right]
    assert sum(label == right for label, right in told) > 0.85 * len(told)
    vague = [label for label, right in zip(separate, said, strict=True) if right is None]
    assert agrees(vague.count("none"), len(vague), classes.ADMITTED)


def test_the_tagger_of_intents_errs_as_declared():
    found = [one.row for one in rows("intents", "train", 960, seed=11)]
    right = [truth.intent(row["input"]) for row in found]
    read = [classes.read(row["input"], INTENTS) for row in found]
    assert sum(a != b for a, b in zip(read, right, strict=True)) <= 0.01 * len(found)
    given = [classes.tag(row["input"], INTENTS) for row in found]
    changed = sum(a != b for a, b in zip(given, read, strict=True) if b)
    assert agrees(changed, len(found), classes.CONFUSED)
    wrong = sum(a != b for a, b in zip(given, right, strict=True))
    assert agrees(wrong, len(found), classes.CONFUSED)


def test_the_tagger_of_entities_errs_as_declared():
    """Measured by truth: what is left out, what lost its first word, what has another type."""
    long, names, spans, missed, cut, other = 0, 0, 0, 0, 0, 0
    for one in rows("mentions", "train", 1600, seed=11):
        text = one.row["input"]
        given = types.tag(text, list(TYPES))
        for span in truth.spans(text):
            same = [s for s in given if s["end"] == span["end"]]
            spans += 1
            missed += not same
            long += " " in text[span["start"] : span["end"]]
            names += span["type"] in types.NAMES
            cut += bool(same) and same[0]["start"] > span["start"]
            other += bool(same) and same[0]["type"] != span["type"]
    assert agrees(missed, spans, types.MISSED)
    assert agrees(other, names, types.MISTAKEN * (1 - types.MISSED))
    # A name that is mistaken is not shortened as well.
    assert cut / long == pytest.approx(types.SHORTENED, abs=0.02)


def test_paraphrases_keep_values_and_mostly_the_intent():
    kept, number, same = 0, 0, 0
    for one in rows("intents", "train", 160, seed=3):
        asked = {
            "task": "classify",
            "text": one.row["input"],
            "answer": one.row["gold"],
            "number": 3,
            "seed": "7",
        }
        for item in json.loads(paraphrase.paraphrase(asked))["texts"]:
            assert item["meant"] == one.row["gold"]
            number += 1
            kept += truth.intent(item["text"]) == one.row["gold"]
            same += item["text"] == one.row["input"]
    assert kept > 0.9 * number
    assert same < 0.2 * number


def test_paraphrases_carry_their_entities():
    number, right = 0, 0
    for one in rows("mentions", "train", 100, seed=3):
        asked = {
            "task": "entities",
            "text": one.row["input"],
            "answer": one.row["gold"],
            "number": 2,
            "seed": "7",
        }
        for item in json.loads(paraphrase.paraphrase(asked))["texts"]:
            row = {**one.row, "input": item["text"]}
            spans = json.loads(tasks.parser(row)(json.dumps(item["meant"])))
            number += 1
            right += spans == truth.spans(item["text"])
    assert right > 0.97 * number


def test_labels_of_another_world_are_refused():
    with pytest.raises(ModelError, match="'card_arrival'; name an endpoint"):
        writer.write(request(labels=["card_arrival"], patterns=[], shown=[]))
