"""The gates' precision, calls and savings on a committee that can be counted by hand."""

import numpy as np
import pytest

from distill.committee.acceptance import Rule
from distill.report.fair import accuracy, gates, reviewers
from distill.report.scores import Score, Scores, Settings
from distill.stats import ratios

QUESTIONS = 20


def text(question, teacher, answer_is_gold, is_sound, *scores):
    others = [name for name in ("a", "b", "c") if name != teacher]
    return {
        "id": f"q{question}",
        "teacher": teacher,
        "kind": "rationale",
        "sample": 0,
        "text": "t",
        "matches": answer_is_gold,
        "reviewed": True,
        "sound": is_sound,
        "scores": dict(zip(others, scores, strict=True)),
    }


def committee():
    """a is right; b has the right answer by a wrong premise, which c sees; c is wrong.

    On even questions both peers approve what c writes, which only the match rejects.
    """
    for n in range(QUESTIONS):
        yield text(n, "a", True, True, 5, 5)
        yield text(n, "b", True, False, 4, 1)
        yield text(n, "c", False, False, *((5, 4) if n % 2 == 0 else (1, 1)))


TEXTS = list(committee())
SETTING = gates.Setting(3, QUESTIONS, Rule("both", 3), 200, 0, dollars=0.01)


def test_precision_n_and_calls_of_each_gate():
    found = gates.metrics(TEXTS, SETTING)
    assert {name: (one["precision"], one["n"]) for name, one in found.items()} == {
        "none": (0.3333, 60),
        "match": (0.5, 40),
        "peers": (0.6667, 30),
        "both": (1.0, 20),
    }
    asked = 6 * QUESTIONS
    assert [one["calls"] for one in found.values()] == [asked, asked, asked + 120, asked + 80]
    assert all(one["low"] <= one["precision"] <= one["high"] for one in found.values())


def test_differences_are_paired_by_question():
    found = {(ours, theirs): one for ours, theirs, one in gates.differences(TEXTS, SETTING)}
    assert found["both", "match"].value == pytest.approx(0.5)
    assert found["both", "peers"].value == pytest.approx(1 / 3)
    assert found["both", "peers"].low > 0
    assert found["both", "peers"].p < 0.01
    assert all(one.n == QUESTIONS for one in found.values())


def test_what_the_match_saves():
    assert gates.saved(TEXTS, SETTING.rule, 3) == (120, 40, 10)
    [table] = [one for one in gates.report(TEXTS, SETTING) if one.title == "What the match saves"]
    assert ["Spared by the match", "40 (33%)"] in table.rows
    assert table.rows[2][1] == "$0.40"


def test_without_a_truth_no_precision_is_claimed():
    unknown = [{**one, "sound": None} for one in TEXTS]
    found = gates.metrics(unknown, SETTING)
    assert {one["precision"] for one in found.values()} == {None}
    assert [one["n"] for one in found.values()] == [60, 40, 30, 20]
    assert not list(gates.differences(unknown, SETTING))


def test_behind_a_gate_peers_alone_are_not_known():
    gated = [
        {**one, "reviewed": one["matches"], "scores": one["scores"] if one["matches"] else {}}
        for one in TEXTS
    ]
    found = gates.metrics(gated, SETTING)
    assert found["peers"]["precision"] is None
    assert found["both"]["precision"] == 1.0


def test_reviewers_by_the_truth():
    found = reviewers.by_truth(TEXTS, 3)
    assert (found["c"].right_approved, found["c"].right) == (20, 20)
    assert (found["c"].wrong_approved, found["c"].wrong) == (0, 20)
    assert found["a"].wrong_approved == 20


def test_a_difference_of_ratios_is_that_of_the_sums():
    rng = np.random.default_rng(1)
    wholes = rng.integers(1, 4, 80)
    ours, theirs = rng.binomial(wholes, 0.8), rng.binomial(wholes, 0.5)
    found = ratios.difference((ours, wholes), (theirs, wholes), 500)
    assert found.value == pytest.approx((ours.sum() - theirs.sum()) / wholes.sum())
    assert found.low < found.value < found.high
    assert found.p < 0.01
    same = ratios.difference((ours, wholes), (ours, wholes), 100)
    assert (same.value, same.p) == (0, 1)
    assert ratios.difference(([0], [0]), ([1], [1])).value is None


def test_each_pair_of_systems_is_compared_once():
    rows = {"all": {f"q{n}": Score(n % 2) for n in range(10)}}
    by = {"accuracy": dict.fromkeys(("base", "single", "fair"), rows)}
    scored = Scores(by, {}, Settings({"all": 10}, (0.0, 1.0), 100, 0))
    found = [one[:2] for one in accuracy.differences(scored, ["base", "single"])]
    assert found == [("single", "base"), ("fair", "base"), ("fair", "single")]
