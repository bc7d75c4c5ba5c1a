"""What a text claims, as a reviewing rule teacher reads it: numbers, facts, a verdict."""

import re
from fractions import Fraction

from distill.tasks.reason.rules.reading import Case
from distill.tasks.reason.rules.solving import solve

_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")
_CALCULATION = re.compile(
    r"\d{1,12}(?:\.\d{1,6})?(?:%?\s*(?:[-+x]|of)\s*\d{1,12}(?:\.\d{1,6})?)+\s*=\s*\d{1,12}(?:\.\d{1,6})?",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\d{1,12}(?:\.\d{1,6})?%?|[-+x=]|of")
_DENIED = {
    "sale": r"not (?:a sale item|in the sale)|full price",
    "damaged": r"not damaged",
    "faulty": r"not faulty",
    "misuse": r"is a defect",
}
_AFFIRMED = {
    "sale": r"is a sale item|was in the sale",
    "damaged": r"arrived damaged",
    "faulty": r"is faulty",
    "misuse": r"customer caused",
}


def unknown_numbers(body: str, question: str, case: Case, gold: str) -> list[str]:
    """Return the numbers of a text that neither the question nor the reader's solution has."""
    own = " ".join([question, gold, *(solve(case, style).text for style in range(3))])
    known = {Fraction(number) for number in _NUMBER.findall(own)}
    return [number for number in _NUMBER.findall(body) if Fraction(number) not in known]


def wrong_calculations(body: str) -> list[str]:
    """Return the calculations of a text whose result is another: "3 x 4 = 11"."""
    return [found for found in _CALCULATION.findall(body) if not _holds(found)]


def _holds(calculation: str) -> bool:
    tokens = _TOKEN.findall(calculation.lower())
    value, shares = _value(tokens[0]), tokens[0].endswith("%")
    for sign, token in zip(tokens[1::2], tokens[2::2], strict=True):
        other = _value(token)
        if sign == "=":
            return value == other
        if sign in ("x", "of"):
            value = value * other / (100 if shares else 1)
        else:
            value = value + other if sign == "+" else value - other
        shares = False
    return True


def _value(token: str) -> Fraction:
    return Fraction(token.rstrip("%"))


def wrong_facts(body: str, case: Case) -> list[str]:
    """Return the names of the facts that a text affirms or denies against the reader's view."""
    facts = [name for name in _DENIED if name in case.values]
    return [name for name in facts if re.search((_DENIED if case[name] else _AFFIRMED)[name], body)]


def verdict(text: str) -> str:
    """Return what the text states as its answer, "" where it states none."""
    found = re.findall(r"\banswer(?: is)?\s*:?\s*([^\n]+)", text, re.IGNORECASE)
    return found[-1].strip(" .") if found else ""


def is_gold(answer: str, gold: dict[str, str]) -> bool:
    """Return whether a stated answer is the gold one."""
    if gold["kind"] == "number":
        number = _NUMBER.search(answer.replace(",", ""))
        expected = _NUMBER.search(str(gold["answer"]).replace(",", ""))
        return bool(number and expected and Fraction(number[0]) == Fraction(expected[0]))
    word = re.search(r"[A-Za-z]+", answer)
    return bool(word and word[0].lower() == str(gold["answer"]).strip("() ").lower())
