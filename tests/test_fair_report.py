"""The gates' precision, calls and savings on a committee that can be counted by hand."""

import numpy as np
import pytest
import yaml
from conftest import REPO

from distill.committee.acceptance import Rule
from distill.params.fair import Fair
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
    assert (found["peers"]["precision"], found["peers"]["n"]) == (None, None)
    assert found["both"]["precision"] == 1.0

    shown = gates.report(gated, SETTING)
    assert shown[0].rows[2][:3] == ["peers", "-", "-"]
    assert {tuple(row[1:3]) for row in shown[-1].rows} == {("-", "-")}
    assert shown[2].rows[-1][1] == "0 of 0 reviewed"


def test_the_calls_that_were_made_count_the_audit_too():
    assert gates.asked(TEXTS, SETTING) == gates.metrics(TEXTS, SETTING)["peers"]["calls"]
    spared = [{**one, "scores": one["scores"] if one["matches"] else {}} for one in TEXTS]
    assert gates.asked(spared, SETTING) == gates.metrics(TEXTS, SETTING)["both"]["calls"]


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


ONE = ([1] * 20, [1] * 20)
HALF = ([1] * 10 + [0] * 10, [1] * 20)
FEW = ([0] * 18 + [1] * 2, [0] * 18 + [1] * 2)
RARE = ([0] * 16 + [0, 0, 1, 1], [0] * 16 + [1] * 4)


@pytest.mark.parametrize(
    ("ours", "theirs", "delta", "is_shown"),
    [
        (ONE, ([0] * 20, [1] * 20), 1.0, True),  # 1 and 0: no resample differs
        (ONE, ONE, 0.0, False),
        (ONE, HALF, 0.5, True),
        (FEW, HALF, 0.5, False),  # 1, but of two questions only
        (RARE, HALF, 0.0, False),  # some resamples have no whole
        (([1] * 20, [2] * 20), ([1] * 20, [4] * 20), 0.25, True),  # all questions alike
    ],
)
def test_the_ends_of_the_scale_and_few_questions_give_an_honest_interval(
    ours, theirs, delta, is_shown
):
    found = ratios.difference(ours, theirs, 300)
    assert found.value == pytest.approx(delta)
    assert found.low < found.high
    assert found.low <= found.value <= found.high
    assert (found.low > 0, found.p < 0.05) == (is_shown, is_shown)
    assert ratios.difference(theirs, ours, 300).value == pytest.approx(-delta)


def test_one_question_gives_no_interval():
    found = ratios.difference(([0] * 19 + [1], [0] * 19 + [1]), HALF, 300)
    assert (found.value, found.low, found.high, found.p) == (0.5, None, None, None)


def test_trainings_count_as_one_system_though_the_first_of_them_is_not_scored(monkeypatch):
    values = yaml.safe_load((REPO / "fair/profiles/seeds.yaml").read_text())
    values["systems"] = ["smollm2", "smollm2-fair-8", "smollm2-fair-9"]
    values["report"]["against"] = ["smollm2"]
    rows = [{"id": f"q{n}", "channel": "refund", "rating": n % 2} for n in range(10)]
    monkeypatch.setattr(accuracy.records, "read", lambda _: rows)
    found = accuracy.load(Fair.model_validate(values))
    assert found.systems("accuracy") == ["smollm2", "smollm2-fair-8"]
    assert [one[:2] for one in accuracy.differences(found, ["smollm2"])] == [
        ("smollm2-fair-8", "smollm2")
    ]
