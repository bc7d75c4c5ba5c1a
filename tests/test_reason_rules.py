"""The rule teachers of the task reason: they are wrong as declared, and truth can tell."""

import json
import re
from collections import Counter
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from distill.errors import ModelError
from distill.offline.questions import is_sound, questions, truth
from distill.tasks import reason
from distill.tasks.reason import answers, rules
from distill.tasks.reason.rules.rates import IGNORED, MISREAD, OFF_BY_ONE, SLIP
from distill.tasks.reason.rules.reading import read
from distill.tasks.reason.rules.solving import solve

ROWS = 800
COMMITTEE = rules.TEACHERS[:3]
WRONG = "I count 3 days.\nAnswer: 999"


@cache
def made(split="train"):
    return tuple(questions(split, seed=7, count=ROWS))


@cache
def drafts(teacher):
    return tuple((one, rules.draft(teacher, one.row)) for one in made())


def answered(one, text):
    return answers.correct(text, one.row["gold"])


def approved(teacher, row, text, kind="rationale"):
    return json.loads(rules.review(teacher, row, text, kind))["score"] > 3


# ------------------------------------------------------------------ reading and solving


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_teachers_can_read_and_solve_every_question(split):
    """Their errors are those that they declare, also on phrasings that are held out."""
    for one in made(split):
        case = read(one.row["input"])
        assert case is not None, one.row["input"]
        assert case.family == one.row["channel"]
        for style in range(3):
            assert answered(one, solve(case, style).text), one.row["input"]


@pytest.mark.parametrize("question", ["", "How much is 2 + 2?", "Which? (A) x (B) y", "30%\n$5"])
def test_a_question_that_they_cannot_read_gets_a_guess(question):
    row = {"input": question, "gold": {"kind": "number", "answer": "4"}}
    assert "Answer: " in rules.rationale("strict", row)
    assert rules.feedback("strict", row, "Answer: 5") == (
        "You answered 5, but the right answer is 4."
    )
    assert 1 <= json.loads(rules.review("strict", row, "Answer: 5", "rationale"))["score"] <= 5


@given(st.text())
def test_no_text_breaks_a_teacher(text):
    row = {"input": text, "gold": {"kind": "boolean", "answer": "yes"}}
    for teacher in COMMITTEE:
        rules.rationale(teacher, row)
        rules.feedback(teacher, made()[0].row, text)
        rules.review(teacher, made()[0].row, text, "feedback")


PARTS = [
    " days", " order ", "$", "%", " within ", "March ", " and ", " voucher", " coupon",
    "sale ", "7", " = ", " - ", "5127", "9" * 5000, "replace ", "The window is ", "\nAnswer: ",
    " of ", ".", "2,",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=12))
def test_no_mixture_of_their_words_breaks_a_teacher_or_truth(parts):
    text = "".join(parts)
    for one in made()[:8]:
        rules.rationale("hasty", {"input": f"{text} {one.row['input']}"})
        rules.rationale("hasty", {"input": text})
        rules.review("glib", one.row, text, "rationale")
        is_sound(one.truth, text)


# ------------------------------------------------------------------ rationales


def test_a_rationale_never_uses_the_gold_answer():
    for one in made()[:80]:
        for teacher in rules.TEACHERS:
            bare = {"input": one.row["input"]}
            assert rules.rationale(teacher, bare) == rules.rationale(teacher, one.row)


def test_a_rationale_ends_with_an_answer_and_is_short():
    for teacher in COMMITTEE:
        for _, draft in drafts(teacher):
            assert re.search(r"\nAnswer: \S.*\Z", draft.text)
            assert len(draft.text.split()) < 60


@pytest.mark.parametrize("teacher", rules.TEACHERS)
@pytest.mark.parametrize("flaw", [OFF_BY_ONE, IGNORED, MISREAD, SLIP])
def test_flaws_come_at_their_declared_rates(teacher, flaw):
    cases = [flaw in draft.made for _, draft in drafts(teacher) if flaw in draft.occasions]
    declared = rules.RATES[teacher][flaw]
    assert binomtest(sum(cases), len(cases), declared).pvalue > 0.001, (sum(cases), len(cases))


@pytest.mark.parametrize("teacher", rules.TEACHERS)
def test_truth_finds_a_rationale_unsound_where_it_has_a_flaw(teacher):
    found = Counter(
        (bool(draft.made), is_sound(one.truth, draft.text)) for one, draft in drafts(teacher)
    )
    assert found[False, False] == 0
    assert found[True, True] <= 0.02 * found[True, False]  # wrong numbers that happen to fit


def test_a_match_of_answers_does_not_see_wrong_premises_which_truth_does():
    misread = [(one, d.text) for one, d in drafts("glib") if d.made == (MISREAD,)]
    assert len(misread) > 0.25 * ROWS
    assert all(answered(one, text) for one, text in misread)
    assert sum(is_sound(one.truth, text) for one, text in misread) <= 0.02 * len(misread)


def test_ignored_conditions_lead_to_wrong_answers():
    ignored = [(one, d.text) for one, d in drafts("hasty") if d.made == (IGNORED,)]
    assert ignored
    assert not any(answered(one, text) for one, text in ignored)


def test_blind_spots_are_the_same_in_every_sample_and_slips_are_not():
    for one in made()[:200]:
        first, second = (rules.draft("strict", one.row, sample) for sample in (0, 1))
        assert (OFF_BY_ONE in first.made) == (OFF_BY_ONE in second.made)
        assert first.text != second.text or "Order" not in first.text
    slips = [
        tuple(rules.draft("hasty", one.row, sample).made == (SLIP,) for sample in (0, 1))
        for one in made()
    ]
    assert (True, False) in slips


def test_an_unknown_teacher_is_an_error_that_lists_them():
    with pytest.raises(ModelError, match="they play strict, hasty, glib, plain"):
        rules.rationale("gpt", made()[0].row)
    with pytest.raises(ValueError, match="the kinds are rationale, feedback"):
        rules.review("strict", made()[0].row, "Answer: 5", "summary")


# ------------------------------------------------------------------ feedback and reviews


def test_feedback_names_the_students_answer_the_gold_one_and_a_step():
    row = next(one.row for one in made() if one.row["channel"] == "days-left")
    said = rules.feedback("glib", row, WRONG)
    assert said.startswith(f"You answered 999, but the right answer is {row['gold']['answer']}. ")
    assert "days" in said
    assert rules.feedback("glib", row, "Hm.").startswith("You gave no clear answer; the right")


def test_feedback_does_not_repeat_markup_of_an_attempt():
    row = made()[0].row
    assert "<b>" not in rules.feedback("strict", row, "Answer: <b>[[5]]</b> ignore the above")


@pytest.mark.parametrize("teacher", COMMITTEE)
def test_feedback_misblames_as_declared_and_truth_can_tell(teacher):
    wrong = [
        not is_sound(one.truth, rules.feedback(teacher, one.row, WRONG), "feedback")
        for one in made()
    ]
    declared = rules.MISBLAMED[teacher]
    assert abs(sum(wrong) / ROWS - declared) < 0.04


@pytest.mark.parametrize("teacher", COMMITTEE)
def test_a_reviewer_approves_unsound_rationales_about_as_often_as_declared(teacher):
    unsound = [
        approved(teacher, one.row, draft.text)
        for author in COMMITTEE
        if author != teacher
        for one, draft in drafts(author)
        if not is_sound(one.truth, draft.text)
    ]
    declared = rules.LENIENT[teacher]  # and its blind spots let some more through
    assert declared - 0.06 < sum(unsound) / len(unsound) < declared + 0.12


def test_reviewers_differ_in_how_well_they_tell_sound_from_unsound():
    shares = {}
    for teacher in COMMITTEE:
        reviewed = [
            (is_sound(one.truth, draft.text), approved(teacher, one.row, draft.text))
            for author in COMMITTEE
            if author != teacher
            for one, draft in drafts(author)
        ]
        right = [approval for sound, approval in reviewed if sound]
        wrong = [approval for sound, approval in reviewed if not sound]
        shares[teacher] = (sum(right) / len(right), sum(wrong) / len(wrong))
    assert all(right > wrong + 0.15 for right, wrong in shares.values()), shares
    assert shares["glib"][1] > shares["hasty"][1] > shares["strict"][1]
    assert all(0.7 < right < 1 for right, _ in shares.values())


def test_a_reviewer_shares_its_own_blind_spot():
    """strict takes its own count of days for right, and the right one for wrong."""
    judged = Counter()
    for one, draft in drafts("strict"):
        if OFF_BY_ONE in draft.made and answered(one, draft.text):
            right = solve(read(one.row["input"])).text
            judged["own"] += approved("strict", one.row, draft.text)
            judged["right"] += approved("strict", one.row, right)
            judged["all"] += 1
    assert judged["own"] > 0.75 * judged["all"]
    assert judged["right"] < 0.3 * judged["all"]


def test_a_review_is_json_with_a_score_and_a_reason():
    for one in made()[:80]:
        for text in (rules.rationale("hasty", one.row), "Score: 5 [5]\nAnswer: 999", ""):
            found = json.loads(rules.review("plain", one.row, text, "rationale"))
            assert list(found) == ["score", "reason"]
            assert found["score"] in range(1, 6)


# ------------------------------------------------------------------ the task


def test_the_task_asks_parses_scores_and_answers(workspace):
    row = made()[0].row
    (workspace / "prompts/reason").mkdir()
    (workspace / "prompts/reason/ask.txt").write_text("Solve: $question")
    assert reason.messages(row) == [{"role": "user", "content": f"Solve: {row['input']}"}]
    assert reason.parse(f" {WRONG}\n") == WRONG
    for blank in ("", " \n", "\ud800"):
        with pytest.raises(ValueError):
            reason.parse(blank)
    assert reason.score(row, f"Answer: {row['gold']['answer']}") == 1.0
    assert reason.score(row, "I do not know.") == 0.0
    assert reason.rule(row) == rules.rationale("strict", row)


def test_an_attempt_is_never_cut():
    """The last statement counts, and what stands after an answer stays part of the text."""
    text = "It is 5 days.\nAnswer: 5\nBut 2 more passed, so it is 7.\nAnswer: 7"
    assert reason.parse(text) == text
    assert reason.score({"gold": {"kind": "number", "answer": "7"}}, text) == 1.0


def test_rationales_of_the_committee_are_right_in_a_plausible_share():
    for teacher in COMMITTEE:
        sound = [is_sound(one.truth, draft.text) for one, draft in drafts(teacher)]
        assert 0.5 < sum(sound) / ROWS < 0.85, teacher
    assert truth.faults(made()[0].truth, WRONG)
