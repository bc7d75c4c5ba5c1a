"""The majority of the experts on a row decides, and an adjudicated annotation outranks all."""

import pytest

from distill import paths, records
from distill.errors import InputError
from distill.people import annotations
from distill.tasks.summarize import taxonomy

ONE, TWO, THREE = list(taxonomy.load())[:3]
TEXT = "<ul><li>wants a refund</li></ul>"
ROWS = [{"id": "botchat-1", "target": TEXT}, {"id": "botchat-2", "target": TEXT}]


def annotate(annotator, codes, row_id="botchat-1", **more):
    row = {"id": row_id, "of": "org", "rating": 3, "codes": codes, "note": "", **more}
    annotations.put(annotator, row)


def load():
    return annotations.load("org", ROWS)


pytestmark = pytest.mark.usefixtures("workspace")


def test_one_experts_annotation_counts_as_it_is():
    annotate("ana", [TWO, ONE], note="said twice")
    assert load() == {
        "botchat-1": {
            "id": "botchat-1",
            "of": "org",
            "rating": 3.0,
            "codes": [ONE, TWO],
            "votes": {ONE: 1, TWO: 1},
            "note": "said twice",
            "annotators": ["ana"],
            "adjudicated": False,
        }
    }


def test_a_code_counts_where_at_least_half_ticked_it():
    annotate("ana", [ONE, TWO])
    annotate("ben", [ONE], note="see turn 3")
    annotate("eva", [TWO, THREE], note="twice")
    row = load()["botchat-1"]
    assert row["codes"] == [ONE, TWO]
    assert row["votes"] == {ONE: 2, TWO: 2}
    assert row["annotators"] == ["ana", "ben", "eva"]
    assert row["note"] == "ben: see turn 3; eva: twice"


@pytest.mark.parametrize(("first", "second"), [("ana", "ben"), ("ben", "ana")])
def test_a_tie_counts_whoever_comes_first_in_the_alphabet(first, second):
    annotate(first, [ONE, TWO])
    annotate(second, [TWO])
    assert load()["botchat-1"]["votes"] == {ONE: 1, TWO: 2}


@pytest.mark.parametrize(
    ("ratings", "expected"), [([1, 4, 5], 4), ([2, 3], 2.5), ([None, 2], 2), ([None], None)]
)
def test_the_rating_of_several_experts_is_their_median(ratings, expected):
    for name, rating in zip(("ana", "ben", "eva"), ratings, strict=False):
        annotate(name, [], rating=rating)
    assert load()["botchat-1"]["rating"] == expected


def test_a_code_that_an_expert_wrote_twice_is_one_vote():
    annotate("ana", [ONE, ONE])
    annotate("ben", [])
    annotate("eva", [])
    assert load()["botchat-1"]["codes"] == []


def test_an_adjudicated_annotation_outranks_the_others_of_its_row():
    for name in ("ana", "ben"):
        annotate(name, [ONE])
        annotate(name, [ONE], "botchat-2")
    annotate("adjudicated", [THREE])  # by this name alone
    found = load()
    assert (found["botchat-1"]["codes"], found["botchat-1"]["annotators"]) == (
        [THREE],
        ["adjudicated"],
    )
    assert found["botchat-2"]["codes"] == [ONE]


def test_an_adjudicated_annotation_of_an_earlier_text_outranks_nobody(capsys):
    annotate("ana", [ONE])
    annotate("adjudicated", [THREE], adjudicated=True, digest="000000000000")
    assert load()["botchat-1"]["codes"] == [ONE]
    assert "adjudicated.jsonl:1: the summary of botchat-1 in org has changed" in (
        capsys.readouterr().err
    )


def test_a_row_is_from_feedback_only_where_nobody_met_it_at_random():
    annotate("ana", [ONE], source="feedback")
    assert load()["botchat-1"]["source"] == "feedback"
    annotate("ben", [ONE])
    assert "source" not in load()["botchat-1"]


def test_adjudicated_is_true_or_false():
    records.write(
        paths.ANNOTATIONS / "ana.jsonl",
        [{"id": "botchat-1", "of": "org", "codes": [], "adjudicated": "yes"}],
    )
    with pytest.raises(InputError, match=r"ana\.jsonl:1: adjudicated must be true, false or left"):
        list(annotations.read())


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"id": None}, "id must be a text, not None"),
        ({"id": 7}, "id must be a text, not 7"),
        ({"of": ""}, "of must be a text, not ''"),
        ({"rating": 3.0}, r"the rating must be 1 to 5, not 3\.0"),
        ({"rating": True}, "the rating must be 1 to 5, not True"),
        ({"codes": [["x"]]}, r"\['x'\] is not in taxonomy\.yaml"),
        ({"codes": None}, "codes must be a list, not None"),
        ({"note": ["a"]}, r"note must be a text, not \['a'\]"),
    ],
)
def test_a_value_of_another_type_is_one_line_with_its_place(row, problem):
    records.write(paths.ANNOTATIONS / "ana.jsonl", [{"id": "b-1", "of": "org", "codes": []} | row])
    with pytest.raises(InputError, match=rf"ana\.jsonl:1: {problem}"):
        list(annotations.read())


def test_a_null_note_is_none():
    annotate("ana", [ONE], note=None)
    assert load()["botchat-1"]["note"] == ""
