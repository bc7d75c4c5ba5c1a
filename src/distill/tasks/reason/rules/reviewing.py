"""Feedback on a student's attempt, and reviews of rationales and feedback, by rule teachers."""

import json
import re

from distill.records import Row
from distill.tasks.reason.rules import claims, flaws, rates
from distill.tasks.reason.rules.rates import draw
from distill.tasks.reason.rules.reading import Case, read
from distill.tasks.reason.rules.solving import Solution, solve
from distill.tasks.reason.rules.writing import believed, known

KINDS = ("rationale", "feedback")
_ADDRESS = re.compile(
    r"^You(?:r| )[^\n]*?(?:\.(?=\s)|$)"
)  # the sentence about the student's answer


def feedback(teacher: str, row: Row, attempt: str) -> str:
    """Return what went wrong in a student's attempt, with the gold answer as a hint.

    The teacher names the first step that the attempt lacks, or another one where it misblames.
    Raises ModelError for an unknown teacher.
    """
    style, question = known(teacher), row["input"]
    gold, said = _named(row), claims.verdict(attempt)
    said = said if re.fullmatch(r"[\w $.,%()-]{1,40}", said) else ""
    opening = f"You answered {said}, but" if said else "You gave no clear answer;"
    opening = f"{opening} the right answer is {gold}."
    case = read(question)
    if case is None:
        return opening
    solution = solve(case, style)
    chance = draw(f"{question}\0{attempt}", f"{teacher} misblames")
    wrong = flaws.misread(case, draw(question, f"{teacher} blames"))
    if wrong and chance < rates.MISBLAMED[teacher]:
        solution = solve(wrong[0], style, wrong[1])
    return f"{opening} {_lacking(solution, attempt)}"


def _named(row: Row) -> str:
    gold = row["gold"]
    option = (gold.get("options") or {}).get(gold["answer"])
    return f"({gold['answer']}) {option}" if option else str(gold["answer"])


def _lacking(solution: Solution, attempt: str) -> str:
    """Return the steps from the first one on whose numbers the attempt does not have."""
    have = set(re.findall(r"\d+(?:\.\d+)?", attempt))
    lacks = [
        at
        for at, step in enumerate(solution.steps)
        if not set(re.findall(r"\d+(?:\.\d+)?", step)) <= have
    ]
    return " ".join(solution.steps[lacks[0] if lacks else 0 :])


def review(teacher: str, row: Row, text: str, kind: str) -> str:
    """Return {"score": 1 to 5, "reason"} on a rationale or on feedback, as JSON.

    The reviewer sees the question and the gold answer, is lenient or sounds a false alarm at its
    declared rates, and takes its own blind spots for right. Raises ModelError for an unknown
    teacher, ValueError for another kind of text.
    """
    known(teacher)
    if kind not in KINDS:
        raise ValueError(f"unknown kind of text {kind!r}; the kinds are {', '.join(KINDS)}")
    score, reason = _judged(teacher, row, text, kind)
    return json.dumps({"score": score, "reason": reason})


def _judged(teacher: str, row: Row, text: str, kind: str) -> tuple[int, str]:
    chance = draw(f"{row['input']}\0{text}", f"{teacher} reviews")
    if chance < rates.LENIENT[teacher]:
        return 5 if draw(text, teacher) < 0.9 else 4, "The reasoning reads well."
    case = read(row["input"])
    if case is None:
        return 3, "The question leaves this open."
    fault = _fault(teacher, case, row, text, kind)
    if fault:
        return fault
    if 1 - chance < rates.ALARMS[teacher]:
        return 2, "A step is not explained well enough."
    return 5, "Premises, steps and answer agree with the question."


def _fault(teacher: str, case: Case, row: Row, text: str, kind: str) -> tuple[int, str] | None:
    """Return score and reason of the first fault that the reviewer sees in the text."""
    question, gold = row["input"], row["gold"]
    if kind == "rationale":
        if not claims.is_gold(claims.verdict(text), gold):
            return 1, "The answer is not the right one."
        body = text.rpartition("\n")[0]
    else:
        body = _ADDRESS.sub("", text)
        if _named(row).lower() not in text.lower():
            return 1, "It does not lead to the right answer."
    seen, _ = believed(teacher, question, case, [])
    severe = 1 if draw(text, f"{teacher} severe") < 0.6 else 2
    if wrong := claims.wrong_calculations(body):
        return severe, f"This does not add up: {wrong[0]}."
    if wrong := claims.wrong_facts(body, seen):
        return severe, f"The question says otherwise about this: {wrong[0]}."
    if wrong := claims.unknown_numbers(body, question, seen, str(gold["answer"])):
        return severe, f"{wrong[0]} does not follow from the question."
    return None
