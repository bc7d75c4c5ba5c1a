"""Of several experts on one edit the majority decides, as for annotations."""

import pytest

from distill import paths, records
from distill.errors import InputError
from distill.people import edit_verdicts
from distill.tasks.summarize import taxonomy

CODE = next(iter(taxonomy.load()))
EDIT = edit_verdicts.of_edit("r1", "botchat-1", {"before": "a b", "after": "a", "code": CODE})

pytestmark = pytest.mark.usefixtures("workspace")


def judge(annotator, good, **more):
    of, row_id, code, digest = EDIT
    row = {"id": row_id, "of": of, "code": code, "good": good, "digest": digest, **more}
    edit_verdicts.put(annotator, row)


@pytest.mark.parametrize(
    ("votes", "good"),
    [([True], True), ([True, False, True], True), ([True, False], False), ([False], False)],
)
def test_an_edit_is_good_where_more_than_half_say_so(votes, good):
    for name, vote in zip(("ana", "ben", "eva"), votes, strict=False):
        judge(name, vote)
    assert edit_verdicts.load() == {EDIT: good}


def test_an_adjudicated_verdict_outranks_the_others():
    judge("ana", True)
    judge("ben", True)
    judge("adjudicated", False, adjudicated=True)
    assert edit_verdicts.load() == {EDIT: False}


def test_a_verdict_has_its_annotator_and_its_place():
    judge("ana", True)
    (verdict,) = edit_verdicts.read()
    assert (verdict["annotator"], verdict["where"]) == ("ana", "data/edit_verdicts/ana.jsonl:1")
    assert edit_verdicts.of_annotator("ana") == {EDIT: verdict}
    assert edit_verdicts.of_annotator("ben") == {}


def test_adjudicated_is_true_or_false():
    judge("ana", True, adjudicated=1)
    with pytest.raises(InputError, match=r"ana\.jsonl:1: adjudicated must be true, false or left"):
        edit_verdicts.load()
    records.write(paths.EDIT_VERDICTS / "ana.jsonl", [])
    assert edit_verdicts.load() == {}
