"""Rationales of the rule teachers, with their flaws at the declared rates."""

import re
from dataclasses import dataclass

from distill.errors import ModelError
from distill.records import Row
from distill.tasks.reason.rules import flaws, rates
from distill.tasks.reason.rules.rates import draw
from distill.tasks.reason.rules.reading import Case, read
from distill.tasks.reason.rules.solving import solve


@dataclass(frozen=True)
class Draft:
    """A rationale, the flaws for which there was an occasion, and those made (one at most)."""

    text: str
    occasions: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


def draft(teacher: str, row: Row, sample: int = 0) -> Draft:
    """Return the teacher's rationale on a question; only row["input"] is read.

    Off-by-one counts and ignored conditions are the same in all samples, as blind spots are. Raises
    ModelError for an unknown teacher.
    """
    question, style = row["input"], known(teacher) + sample
    case = read(question)
    if case is None:
        return Draft(_guess(question))
    occasions: list[str] = []
    seen, flaw = believed(teacher, question, case, occasions)
    if flaw:
        return Draft(solve(seen, style).text, tuple(occasions), (flaw,))
    chance = draw(question, f"{teacher} {sample} which")
    if wrong := flaws.misread(case, chance):
        occasions.append(rates.MISREAD)
        if _errs(teacher, rates.MISREAD, question, sample):
            altered, forced = wrong
            text = solve(altered, style, forced).text
            return Draft(text, tuple(occasions), (rates.MISREAD,))
    if (slip := flaws.slipped(case, chance)) is not None:
        occasions.append(rates.SLIP)
        if _errs(teacher, rates.SLIP, question, sample):
            return Draft(solve(case, style, slip).text, tuple(occasions), (rates.SLIP,))
    return Draft(solve(case, style).text, tuple(occasions))


def believed(teacher: str, question: str, case: Case, occasions: list[str]) -> tuple[Case, str]:
    """Return the case as the teacher's blind spots let it see it, and the flaw, "" without one.

    Flaws for which there is an occasion are added to `occasions`.
    """
    for flaw, altered in (
        (rates.OFF_BY_ONE, flaws.counted_twice(case)),
        (rates.IGNORED, flaws.ignoring(case)),
    ):
        if altered is not None:
            occasions.append(flaw)
            if _errs(teacher, flaw, question, 0):
                return altered, flaw
    return case, ""


def known(teacher: str) -> int:
    """Return the teacher's number; raises ModelError where there is no such rule teacher."""
    if teacher not in rates.TEACHERS:
        raise ModelError(
            f"no rules play the teacher {teacher!r}; they play {', '.join(rates.TEACHERS)}:"
            " name the entry of `llms` so, or give it an endpoint"
        )
    return rates.TEACHERS.index(teacher)


def _errs(teacher: str, flaw: str, question: str, sample: int) -> bool:
    return draw(question, f"{teacher} {sample} {flaw}") < rates.RATES[teacher][flaw]


def _guess(question: str) -> str:
    """Return an answer to a question that the rules cannot read: its last option or number."""
    named = re.findall(r"\([A-Z]\)", question) or re.findall(r"\d+(?:\.\d+)?", question)
    return f"The question does not say enough.\nAnswer: {named[-1] if named else 'no'}"
