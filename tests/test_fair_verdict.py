"""FAIR's verdict follows from effects.json and gates.json, and says what nobody knows."""

import pytest
import yaml
from conftest import REPO

from distill.ledger import Usage
from distill.params.fair import Fair
from distill.report.costs import Costs, Spent
from distill.report.fair import verdict
from distill.report.page import GOOD, OPEN

PARAMS = Fair.model_validate(yaml.safe_load((REPO / "fair/params.yaml").read_text()))
FREE = Costs([], {})


def effect(measure, system, against, interval, p=0.0001):
    delta, low, high = interval
    known = {"measure": measure, "system": system, "against": against, "n": 120, "seeds": 1}
    return known | {"delta": delta, "low": low, "high": high, "p": p}


EFFECTS = [
    effect("precision", "both", "match", (0.16, 0.13, 0.2)),
    effect("precision", "both", "peers", (0.01, 0.0, 0.02), p=0.12),
    effect("precision", "match", "none", (0.1, 0.08, 0.13)),
    effect("accuracy", "smollm2-fair", "smollm2", (0.21, 0.1, 0.31)),
    effect("accuracy", "smollm2-fair", "smollm2-single", (0.06, -0.04, 0.17), p=0.35),
    effect("accuracy", "smollm2-single", "smollm2", (0.15, 0.05, 0.25), p=0.006),
]


def gate(precision, calls=2290):
    limits = (None, None) if precision is None else (precision - 0.03, precision + 0.02)
    return {"low": limits[0], "high": limits[1], "precision": precision, "n": 267, "calls": calls}


GATES = {
    "none": gate(0.694, 798),
    "match": gate(0.798, 798),
    "peers": gate(0.948),
    "both": gate(0.959),
}


def drawn(effects=EFFECTS, gates=GATES, spent=FREE, params=PARAMS, calls=2290):
    work = verdict.Work(133, calls)
    found = verdict.conclusions(params, effects, gates, work, spent)
    return {one.name: one for one in found}


def test_the_student_of_the_reported_version_is_compared_with_each_other():
    found = drawn()["students"]
    assert found.answer == (
        "smollm2-fair beats smollm2 (+21.0 points [+10.0, +31.0], n=120);"
        " it is not shown to differ from smollm2-single."
    )
    assert found.tone == OPEN
    assert found.details[-1].startswith("One training each")
    assert not any("smollm2-single beats" in line for line in found.details)


def test_a_comparison_with_the_reported_student_is_turned_round():
    turned = effect("accuracy", "smollm2-single", "smollm2-fair", (-0.2, -0.3, -0.1))
    found = drawn(effects=[*EFFECTS[:4], turned])["students"]
    assert "smollm2-single (+20.0 points [+10.0, +30.0], n=120)" in found.answer
    assert found.tone == GOOD


def test_calls_that_only_measure_are_told():
    assert "17.2 calls of the committee for each of 133 mistakes." in drawn()["cost"].answer
    assert drawn(calls=2394)["cost"].answer == (
        "17.2 calls of the committee for each of 133 mistakes; 18.0 were made, with reviews that"
        " this gate does not need."
    )


def test_the_gate_is_compared_with_the_others_by_the_hidden_truth():
    found = drawn()["committee"]
    assert found.answer == (
        "95.9% [92.9%, 97.9%] of the 267 accepted rationales are sound. The gate of match and"
        " peers beats the answer match alone (+16.0 points [+13.0, +20.0], n=120); it is not shown"
        " to differ from the peers alone."
    )
    assert len(found.details) == 4


def test_without_a_hidden_truth_nothing_is_said_of_soundness():
    unknown = {name: one | {"precision": None} for name, one in GATES.items()}
    found = drawn([one for one in EFFECTS if one["measure"] == "accuracy"], unknown)
    assert found["committee"].answer.startswith("Not known: these questions have no hidden truth.")


def test_where_nothing_was_accepted_no_truth_is_said_to_be_missing():
    nothing = {"low": None, "high": None, "precision": None, "n": 0, "calls": 40}
    found = drawn([], {**GATES, "both": nothing})
    assert found["committee"].answer == "Not known: no rationale was accepted."


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        ([], "no call of a paid model"),
        ([Spent("explain-r1-gpt", "gpt", Usage(100, 9, 9), 1.5)], "100 calls of models, $1.50"),
        ([Spent("explain-r1-gpt", "gpt", Usage(100, 9, 9), None)], "100 calls of models."),
    ],
)
def test_the_costs_are_those_of_a_mistake(spent, words):
    found = drawn(spent=Costs(spent, {}))["cost"]
    assert found.answer == "17.2 calls of the committee for each of 133 mistakes."
    assert words in found.details[0]


def test_the_next_step_follows_from_what_is_not_shown():
    found = drawn()["next"]
    assert found.answer == "Train each run with further seeds, as profiles/seeds.yaml does."
    assert any("real questions" in line for line in found.details)
    certain = [one | {"low": 0.05, "p": 0.0001, "seeds": 3} for one in EFFECTS]
    real = PARAMS.model_copy(
        update={"questions": PARAMS.questions.model_copy(update={"format": "gsm8k"})}
    )
    found = drawn(certain, params=real)
    assert found["students"].tone == GOOD
    assert found["next"].answer == "Release the student."


def test_a_version_that_no_run_learnt_is_said_to_be_unknown():
    params = PARAMS.model_copy(update={"runs": {}})
    assert drawn(params=params)["students"].answer == (
        "Not known: no run of fair was compared with another system."
    )
