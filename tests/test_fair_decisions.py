"""What becomes of FAIR's texts: gates, reliability, the mix of a version, preference pairs."""

import pytest
from fair_project import (  # noqa: F401 - folder is a fixture
    configure,
    folder,
    question,
)

from distill.committee import acceptance, reliability, versions
from distill.committee.acceptance import Rule
from distill.committee.settings import Gate, Version
from distill.errors import ParamsError
from distill.ledger import Ledger
from distill.params import fair

import gate  # isort: skip


def text(kind="rationale", matches=True, reviewed=True, **scores):
    found = {"id": "a", "kind": kind, "teacher": "strict", "sample": 0, "text": "t"}
    return {**found, "matches": matches, "reviewed": reviewed, "scores": scores}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("none", text(matches=False), ("accepted", "")),
        ("match", text(matches=False, a=5, b=5), ("rejected", "match")),
        ("match", text(matches=True, a=1, b=1), ("accepted", "")),
        ("peers", text(matches=False, a=5, b=5), ("accepted", "")),
        ("peers", text(matches=True, a=3, b=3), ("rejected", "peers")),
        ("both", text(matches=False, a=5, b=5), ("rejected", "match")),
        ("both", text(matches=True, a=4, b=3), ("accepted", "")),
        ("both", text(matches=True, a=5, b=None), ("accepted", "")),
        ("both", text(matches=True, a=83, b=1), ("rejected", "peers")),
        ("both", text(matches=True, a=None, b=0), ("quarantined", "not_reviewed")),
        ("both", text("feedback", None, a=1, b=2), ("rejected", "peers")),
        ("both", text("feedback", None, reviewed=False), ("accepted", "")),
        ("match", text("feedback", None, a=1), ("accepted", "")),
    ],
)
def test_a_gate_decides(name, given, expected):
    [found] = acceptance.decided([given], Rule(name, 3))
    assert (found["decision"], found["why"]) == expected


def test_reliability_weighs_a_reviewer_that_approves_everything_least():
    texts = [text(matches=n % 2 == 0, sharp=5 if n % 2 == 0 else 1, blind=5) for n in range(20)]
    measured = reliability.measure(texts, 3)
    assert measured["sharp"].discrimination == 1
    assert measured["blind"].discrimination == 0
    weights = reliability.weights(measured)
    equal, weighted = (
        next(iter(acceptance.decided([text(sharp=2, blind=5)], Rule("peers", 3, by))))
        for by in ({}, weights)
    )
    assert (equal["decision"], weighted["decision"]) == ("accepted", "rejected")


@pytest.mark.usefixtures("folder")
def test_the_audit_draws_its_share_of_wrong_rationales():
    wrong = [{**text(), "id": f"{n}", "text": "Answer: 1"} for n in range(400)]
    gold = {f"{n}": {"gold": {"kind": "number", "answer": "2"}} for n in range(400)}
    with Ledger("gate", "r1") as counts:
        found = list(gate.gate(wrong, gold, Gate(audit=0.1, feedback=True), counts))
    assert not any(one["matches"] for one in found)
    assert 20 <= sum(one["reviewed"] for one in found) <= 60


def decided(row_id, kind, teacher, decision, sample=0):
    found = {**text(kind), "id": row_id, "teacher": teacher, "sample": sample}
    return {**found, "text": f"{kind} by {teacher}", "decision": decision, "why": "peers"}


DECISIONS = [
    decided("a", "feedback", "strict", "accepted"),
    decided("a", "rationale", "strict", "accepted"),
    decided("a", "rationale", "hasty", "rejected"),
    decided("b", "rationale", "strict", "accepted"),
    decided("c", "feedback", "strict", "accepted"),
]
MISTAKES = [{**question(n), "id": name, "attempt": "no idea"} for n, name in enumerate("abc")]


@pytest.mark.parametrize(
    ("feedback", "rationales", "expected"),
    [
        (1, 1, ["a-feedback-0", "a-rationale-0"]),
        (0, 1, ["a-rationale-0", "b-rationale-0"]),
        (1, 0, ["a-feedback-0", "c-feedback-0"]),
        (2, 3, ["a-feedback-0", "a-rationale-0"]),
    ],
    ids=["pairs", "rationales-alone", "critique-fine-tuning", "a-mix-of-rows"],
)
def test_the_mix_of_rows_is_a_line_of_params(feedback, rationales, expected):
    version = Version(round="r1", feedback=feedback, rationales=rationales)
    assert [row["id"] for row in versions.rows(MISTAKES, DECISIONS, version, 7)] == expected


@pytest.mark.usefixtures("folder")
def test_preference_pairs_hold_rejected_rationales_and_the_attempt():
    pairs = list(versions.preferences({row["id"]: row for row in MISTAKES}, DECISIONS))
    assert [(pair["id"], pair["rejected_by"]) for pair in pairs] == [
        ("a", "hasty"),
        ("a", "student"),
        ("b", "student"),
    ]
    assert pairs[0]["prompt"][0]["role"] == "user"
    assert pairs[0]["chosen"] == [{"role": "assistant", "content": "rationale by strict"}]
    assert pairs[1]["rejected"] == [{"role": "assistant", "content": "no idea"}]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"teachers": ["strict", "gpt"]}, "teachers: 'gpt' is not under llms"),
        ({"rounds__r1__student": "big"}, "rounds.r1.student: 'big' is not under students"),
        (
            {"versions__single__gate": "both"},
            "versions.single.gate: needs reviews, and so two teachers",
        ),
        ({"rounds__r1__model": "models/big"}, "rounds.r1.model: 'big' is not under runs"),
        ({"versions__fair__round": "r9"}, "versions.fair.round: 'r9' is not under rounds"),
        (
            {"versions__fair__gate": "peers", "gate__audit": 0.5},
            "versions.fair.gate: needs reviews of all rationales; set gate.audit to 1",
        ),
        (
            {"versions__fair__weights": "reliability", "gate__audit": 0.0},
            "versions.fair.weights: cannot be measured without reviews of wrong rationales",
        ),
        (
            {"versions__fair__feedback": 2},
            "runs.smollm2-fair.alpha: needs pairs: a version with feedback 1 and rationales 1",
        ),
        ({"runs__smollm2-fair__version": "x"}, "runs.smollm2-fair.version: 'x' is not under"),
        ({"systems": ["smollm2", "gpt"]}, "systems: 'gpt' is not under students and runs"),
        ({"report__version": "x"}, "report.version: 'x' is not under versions"),
        ({"students__smollm2__prompts": "none"}, "prompts/none/ask.txt does not exist"),
    ],
)
def test_wrong_settings_are_named_before_anything_is_paid(changes, fault):
    configure(**changes)
    with pytest.raises(ParamsError) as raised:
        fair.load()
    assert fault in str(raised.value)
