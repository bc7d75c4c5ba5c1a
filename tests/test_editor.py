"""The rule-based editor, on points of language models and not on the teacher's."""

import json
import lzma
import os
import re
from pathlib import Path

import editor_points
import pytest
from editor_points import AGENT, COPY, FEELING, MIXED, NOISE, REDUNDANT, REPEATS, UNTOUCHED

from distill.tasks.summarize.format import NOTHING, bullets, render
from distill.tasks.summarize.rules import editor

SUMMEDITS = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data")) / "summedits"
CODES = (FEELING, AGENT, COPY, REDUNDANT)
FACT = "Order 12-34567-89012 arrived broken"


def sound(code, *points):
    """Return the points as edited without the declared failures."""
    return editor.repaired(code, list(points), failures=False)


# ------------------------------------------------------------------ what it repairs


def test_the_hand_written_points_are_at_least_forty():
    assert len(NOISE) + len(MIXED) + len(UNTOUCHED) >= 40


@pytest.mark.parametrize(("code", "point", "gone"), NOISE)
def test_a_point_of_noise_alone_goes(code, point, gone):
    assert gone in point.lower()
    assert sound(code, FACT, point) == [FACT]


@pytest.mark.parametrize(("code", "point", "gone", "stays"), MIXED)
def test_a_point_with_a_fact_is_reworded_and_the_fact_stays(code, point, gone, stays):
    [edited] = sound(code, point)
    assert gone not in edited.lower()
    assert all(words in edited for words in stays)
    assert edited[0].isupper()


@pytest.mark.parametrize(("code", "point"), UNTOUCHED)
def test_a_point_without_the_error_is_unchanged(code, point):
    assert sound(code, point, FACT) == [point, FACT]


@pytest.mark.parametrize(("points", "repeating"), REPEATS)
def test_a_point_that_repeats_another_one_goes(points, repeating):
    assert sound(REDUNDANT, *points) == [p for at, p in enumerate(points) if at != repeating]


def test_a_reason_that_another_point_gives_goes_and_the_wish_stays():
    points = [FACT, "Customer wants a refund because order 12-34567-89012 arrived broken"]
    assert sound(REDUNDANT, *points) == [FACT, "Customer wants a refund"]


def test_pronouns_and_verbs_fit_the_sentence_that_remains():
    point = "Customer is frustrated that they have not received their refund"
    assert sound(FEELING, point) == ["Customer has not received their refund"]


def test_a_summary_of_noise_alone_becomes_nothing_to_summarize():
    edits = [bullets(editor.fix(code, render([point]))) for code, point, _ in NOISE]
    assert edits.count([NOTHING]) >= len(NOISE) - 2  # it may miss some


def test_what_it_cannot_repair_is_returned_unchanged():
    assert editor.fix("content_missing", render([FACT])) == render([FACT])
    assert editor.fix(REDUNDANT, "<ul><li>a") == "<ul><li>a"
    assert not editor.knows("content_missing")
    assert all(editor.knows(code) for code in CODES)


@pytest.mark.parametrize(
    ("code", "point"),
    [
        ("unn_content_transfer", "Customer was transferred from another agent"),
        ("unn_content_customer_rant", "Customer is considering shopping elsewhere"),
        ("unn_content_courtesy", "Customer thanks the agent"),
        ("sentiment_inferred_not_frustrated", "Customer does not seem frustrated"),
    ],
)
def test_other_codes_of_noise_are_repaired_too(code, point):
    assert sound(code, FACT, point) == [FACT]


# ------------------------------------------------------------------ how it fails


def test_it_fails_as_often_as_declared():
    numbers = range(2000)
    mixed = [f"Customer is frustrated that order {n} arrived broken" for n in numbers]
    edits = [editor.fix(FEELING, render([FACT, point])) for point in mixed]
    missed = sum("frustrated" in edit for edit in edits)
    pruned = sum(bullets(edit) == [FACT] for edit in edits)
    assert missed / len(mixed) == pytest.approx(editor.FAILURES["missed"], abs=0.015)
    assert pruned / len(mixed) == pytest.approx(editor.FAILURES["over_pruned"], abs=0.015)


def test_it_fails_at_the_same_points_each_time():
    summary = render([point for _, point, *_ in editor_points.MIXED])
    assert len({editor.fix(FEELING, summary) for _ in range(3)}) == 1


# ------------------------------------------------------------------ text from elsewhere


@pytest.mark.skipif(
    not SUMMEDITS.is_dir(),
    reason=f"{SUMMEDITS} is missing; name the folder of test data in DISTILL_TEST_DATA",
)
@pytest.mark.parametrize("name", ["sales_call", "qmsumm"])
def test_summaries_by_language_models_of_other_things_are_unchanged(name):
    with lzma.open(SUMMEDITS / f"summedits_{name}.json.xz") as file:
        rows = json.load(file)
    changed = total = 0
    for summary in {row["summary"] for row in rows}:
        points = re.split(r"(?<=[.!?])\s+", summary)
        total += len(points)
        changed += sum(sound(code, *points) != points for code in CODES)
    assert total > 500
    assert changed <= total / 100
