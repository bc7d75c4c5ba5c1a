"""The report's own code on the round that the paper's authors released (SVAMP, 387 mistakes)."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from distill.committee import acceptance, reliability
from distill.committee.acceptance import ACCEPTED, Rule
from distill.report.fair import gates, reviewers

ROUND = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data")) / "fair_author_data"
FILE = ROUND / "svamp_rationale_round0.json"
TEACHERS = ("gpt", "gemini", "mistral")
PAPER = Rule("peers", 3)

pytestmark = pytest.mark.skipif(
    not FILE.is_file(),
    reason="DISTILL_TEST_DATA names no folder with the authors' released round",
)


def holds(text, gold):
    """Whether the gold number stands somewhere in the text."""
    numbers = re.findall(r"-?\d+(?:\.\d+)?", text.replace(",", ""))
    return any(float(number) == float(gold) for number in numbers)


def last(text, gold):
    """Whether the last number of the text is the gold one."""
    numbers = re.findall(r"-?\d+(?:\.\d+)?", text.replace(",", ""))
    return bool(numbers) and float(numbers[-1]) == float(gold)


def rationales(item):
    """The item's rationales as the gate and the reviewers leave them; a score is as it stands."""
    for teacher in TEACHERS:
        text, *scores = item[f"{teacher}_rationale"]
        others = [name for name in TEACHERS if name != teacher]
        yield {
            "id": str(item["id"]),
            "kind": "rationale",
            "teacher": teacher,
            "sample": 0,
            "text": text or "",
            "matches": holds(text or "", item["gold_answer"]),
            "reviewed": True,
            "scores": dict(zip(others, scores, strict=True)),
            "sound": None,
            "kept": text in item["correct_rationale"],
        }


@pytest.fixture(scope="module")
def texts():
    return [text for item in json.loads(FILE.read_text()) for text in rationales(item)]


def test_the_round_is_the_released_one(texts):
    assert len(texts) == 1161
    given = Counter(score for text in texts for score in text["scores"].values())
    assert {n: given[n] for n in acceptance.SCORES} == {1: 378, 2: 119, 3: 83, 4: 74, 5: 1666}


def test_the_accept_rule_makes_the_authors_decisions(texts):
    decisions = list(acceptance.decided(texts, PAPER))
    assert all((text["decision"] == ACCEPTED) == text["kept"] for text in decisions)


def test_scores_out_of_range_do_not_count(texts):
    odd = [text for text in texts if not all(map(acceptance.is_score, text["scores"].values()))]
    assert [sorted(text["scores"].values()) for text in odd] == [[5, 83], [0, 5]]
    assert [acceptance.mean(text["scores"], {}) for text in odd] == [5, 5]
    plain = [(sum(text["scores"].values()) / 2 > 3) == text["kept"] for text in texts]
    assert sum(plain) == 1160  # of 1,161, where the 0 counts


def test_reviewers_differ_in_what_they_approve(texts):
    found = reliability.measure(texts, 3)
    wrong = {name: round(100 * one.wrong_approved / one.wrong) for name, one in found.items()}
    right = {name: round(100 * one.right_approved / one.right) for name, one in found.items()}
    assert wrong == {"gemini": 71, "gpt": 24, "mistral": 15}
    assert right == {"gemini": 94, "gpt": 85, "mistral": 85}
    weights = reliability.weights(found)
    assert min(weights, key=weights.get) == "gemini"


def test_a_fifth_of_the_pairs_of_scores_are_two_points_apart(texts):
    pairs = reviewers.pairs(texts, TEACHERS, 100, 0).values()
    assert (sum(pair.far for pair in pairs), sum(pair.n for pair in pairs)) == (252, 1159)


def test_a_match_before_the_reviews_saves_a_quarter_of_them(texts):
    assert gates.saved(texts, PAPER, len(TEACHERS)) == (2322, 568, 78)
    strict = [{**text, "matches": last(text["text"], item_gold(text))} for text in texts]
    assert gates.saved(strict, PAPER, len(TEACHERS)).spared == 864


def item_gold(text):
    [gold] = {item["gold_answer"] for item in GOLD if str(item["id"]) == text["id"]}
    return gold


GOLD = json.loads(FILE.read_text()) if not pytestmark.args[0] else []


def test_acceptance_by_teacher_and_question(texts):
    kept = gates.accepted(texts, PAPER)
    by_teacher = Counter(text["teacher"] for text in kept)
    assert by_teacher == {"gpt": 286, "gemini": 221, "mistral": 319}
    assert sum(text["matches"] for text in kept) == 748
    by_question = Counter(Counter(text["id"] for text in kept).values())
    assert {n: by_question[n] for n in (3, 2, 1)} == {3: 167, 2: 127, 1: 71}


def test_the_paper_asks_twelve_calls_a_mistake(texts):
    setting = gates.Setting(3, 387, PAPER, 100, 0)
    assert gates.calls(texts, "peers", setting) == 12 * 387
    assert gates.calls(texts, "both", setting) == 12 * 387 - 568
