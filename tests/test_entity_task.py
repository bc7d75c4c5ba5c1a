"""The task entities: replies by offsets and by quotations, and replies that are no entities."""

import contextlib
import json

import pytest
from conftest import REPO
from hypothesis import given
from hypothesis import strategies as st

from distill import tasks
from distill.errors import ModelError
from distill.tasks import entities
from distill.tasks.entities.offsets import quotations, resolved

TEXT = "Jackson says that Jackson Street got the kettle, not the KETTLE 2 of DHL."
LABELS = ["person", "place", "product", "company"]
ROW = {
    "id": "mentions-train-000001",
    "channel": "mentions",
    "task": "entities",
    "labels": LABELS,
    "input": TEXT,
    "gold": [{"start": 0, "end": 7, "type": "person"}, {"start": 69, "end": 72, "type": "company"}],
}


def answer(*items):
    return entities.spans(tasks.parser(ROW)(json.dumps(items)))


def found(*items):
    return [(TEXT[span["start"] : span["end"]], span["type"]) for span in answer(*items)]


def test_offsets_are_taken_as_they_are_and_sorted():
    dhl, man = {"start": 69, "end": 72, "type": "company"}, {"start": 0, "end": 7, "type": "person"}
    assert answer(dhl, man) == [man, dhl]


def test_a_quotation_that_stands_once_becomes_offsets():
    assert answer({"text": "DHL", "type": "company"}) == [
        {"start": 69, "end": 72, "type": "company"}
    ]


def test_case_matters_only_where_the_words_stand_as_spelled():
    assert found({"text": "kettle", "type": "product"}) == [("kettle", "product")]
    assert found({"text": "dhl", "type": "company"}) == [("DHL", "company")]


def test_words_that_stand_several_times_need_to_be_told_apart():
    first = {"text": "Jackson", "type": "person"}
    with pytest.raises(ValueError, match="several places"):
        answer(first)
    assert answer({**first, "occurrence": 2})[0]["start"] == 18
    assert [span["start"] for span in answer(first, first)] == [0, 18]


def test_what_another_entity_holds_is_no_place_for_a_quotation():
    longer = {"text": "Jackson Street", "type": "place"}
    spans = answer({"text": "Jackson", "type": "person"}, longer)
    assert [(span["start"], span["type"]) for span in spans] == [(0, "person"), (18, "place")]


def test_a_word_is_found_as_a_word_before_it_is_found_in_another():
    row = {**ROW, "input": "UPSET at UPS"}
    assert (
        entities.spans(tasks.parser(row)('[{"text": "UPS", "type": "company"}]'))[0]["start"] == 9
    )


def test_offsets_count_code_points():
    row = {**ROW, "input": "😀 Zoë 👩‍👧 bought the kettle"}
    [span] = entities.spans(tasks.parser(row)('[{"text": "kettle", "type": "product"}]'))
    assert row["input"][span["start"] : span["end"]] == "kettle"


@pytest.mark.parametrize("fence", ["{}", "```json\n{}\n```", '{{"entities": {}}}', "\n {} "])
def test_fences_and_an_object_around_the_list_do_not_matter(fence):
    reply = fence.format('[{"text": "DHL", "type": "Company"}]')
    assert tasks.parser(ROW)(reply) == '[{"start": 69, "end": 72, "type": "company"}]'


def span(start, end, type_="person", **more):
    return {"start": start, "end": end, "type": type_, **more}


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([span(0, 7, "animal")], "unknown type 'animal'"),
        ([span(-1, 7)], "outside of the text"),
        ([span(0, len(TEXT) + 1)], "outside of the text"),
        ([span(7, 7)], "outside of the text"),
        ([span(9, 3)], "outside of the text"),
        ([span(0, 8)], "begin or end with a space"),
        ([span(True, 7)], "no whole number"),
        ([span(0.0, 7)], "no whole number"),
        ([span("0", "7")], "no whole number"),
        ([{"start": 0, "type": "person"}], "no whole number"),
        ([span(0, 7, text="Jack")], "do not fit"),
        ([span(0, 7), span(5, 12, "place")], "overlap|space"),
        ([span(0, 7), span(0, 7)], "overlap"),
        ([span(0, 7), span(0, 7, "place")], "overlap"),
        ([{"text": "Miller", "type": "person"}], "not in the text"),
        ([{"text": "", "type": "person"}], "not in the text"),
        ([{"text": " ", "type": "person"}], "not in the text"),
        ([{"text": "Jackson", "type": "person", "occurrence": 3}], "an occurrence"),
        ([{"text": "Jackson", "type": "person", "occurrence": 0}], "an occurrence"),
        ([{"text": "Jackson", "type": "person", "occurrence": True}], "no whole number"),
        ([{"text": "DHL", "type": "company"}] * 2, "fewer than"),
        ([{"text": 7, "type": "person"}], "no text"),
        ([{"text": "DHL"}], "no object with a type"),
        ([{"text": "DHL", "type": None}], "no object with a type"),
        ([{"type": "person"}], "neither offsets nor text"),
        (["DHL"], "no object with a type"),
        ([{"text": "DHL", "type": "company", "score": 1}], "unknown key 'score'"),
        ([span(0, 7, score=1)], "unknown key 'score'"),
    ],
)
def test_another_entity_is_refused_with_its_reason(items, reason):
    with pytest.raises(ValueError, match=reason):
        answer(*items)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "null",
        "7",
        '{"text": "DHL"}',
        "[1",
        "none",
        "[" * 100_000,
        "[1" + " " * 200_000 + "x",
        '[{"a": NaN}]',
    ],
)
def test_another_reply_is_refused(reply):
    with pytest.raises(ValueError):
        tasks.parser(ROW)(reply)


def test_no_entity_is_an_answer():
    assert tasks.parser(ROW)("[]") == "[]"


WORDS = st.lists(st.sampled_from(["Jackson", "a kettle", "DHL", "kettle", "é", "to"]), min_size=1)


@given(WORDS, st.data())
def test_spans_come_back_from_their_quotations(words, data):
    text, starts = " ".join(words), [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    places = data.draw(st.sets(st.sampled_from(range(len(words)))))
    spans = [
        {"start": starts[at], "end": starts[at] + len(words[at]), "type": "person"}
        for at in sorted(places)
    ]
    assert resolved(quotations(text, spans), text, ["person"]) == spans


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists) | st.text())
def test_any_reply_is_an_answer_or_a_value_error(value):
    for reply in (str(value), json.dumps(value)):
        with contextlib.suppress(ValueError):
            tasks.parser(ROW)(reply)


def test_the_score_is_the_strict_f1_of_the_row():
    right, dhl = ROW["gold"]
    assert entities.score(ROW, entities.value(ROW["gold"])) == 1.0
    assert entities.score(ROW, entities.value([right])) == pytest.approx(2 / 3)
    assert entities.score(ROW, entities.value([right, {**dhl, "type": "place"}])) == 0.5
    assert entities.score(ROW, entities.value([{**right, "end": 4}])) == 0.0
    assert entities.score(ROW, "[]") == 0.0
    assert entities.score({**ROW, "gold": []}, "[]") == 1.0


def test_the_prompt_lists_the_types_and_its_text_ends_no_tag(monkeypatch):
    monkeypatch.chdir(REPO / "evokd")
    [message] = tasks.request({**ROW, "input": "hi</message>"}).messages
    assert "person\nplace" in message["content"]
    assert message["content"].count("</message>") == 1


def test_the_rules_refuse_types_that_they_do_not_know():
    with pytest.raises(ModelError, match="'animal'; name an endpoint"):
        entities.rule({**ROW, "labels": ["animal"]})


@given(st.text("aA .", min_size=1, max_size=12), st.data())
def test_any_spans_survive_their_quotations(text, data):
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [
        {"start": start, "end": end, "type": "x"}
        for start, end in zip(places[::2], places[1::2], strict=False)
        if text[start:end] == text[start:end].strip()
    ]
    again = resolved(quotations(text, spans), text, ["x"])
    assert again == spans
