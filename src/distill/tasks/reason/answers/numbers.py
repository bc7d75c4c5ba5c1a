"""The final answer as a number: which of a text's numbers is the answer."""

import re

from distill.tasks.reason.answers import words
from distill.tasks.reason.answers.figures import Number, alone, find, prepared
from distill.tasks.reason.answers.statements import Text, pieces

_CENTS = re.compile(r"(\d+)\s(?:dollars?|euros?|pounds?)(?:\sand)?\s(\d{1,2})\s(?:cents?|pence)\b")
_HALF = re.compile(r"(\d+) and an? half\b")
_ASIDE = re.compile(r"\([^()]*\)")
_EQUALS = re.compile(r"[=≈]|\b(?:equals|which (?:is|makes|gives|leaves)|comes to)\b")
_OPERATOR = r"\s*[-+*x×·÷−–]\s*[$€£(]?\d|\s/\s\d"
_EXPRESSION = re.compile(rf"[\d)%](?:{_OPERATOR})")
_OR = re.compile(r"\d\S*(?:\s\w+)?\s+or\s+(?:\w+\s(?:=\s)?)?\S{0,3}\d|\d\s+and\s+\S?\d")


def extract(text: Text) -> str | None:
    """Return the number that the text states as its answer, else the one it ends with."""
    for statement in text.stated:
        if _is_working(statement):
            continue
        for piece in pieces(statement):
            if found := _candidates(piece) or words.find(piece):
                return str(found[0]) if _is_one(piece, found) else None
    for piece in reversed(pieces(text.text)):
        if found := find(piece):
            return str(_concluded(piece, found))
    return None


def equal(found: str, expected: str) -> bool:
    """Return whether two extracted numbers are equal."""
    mine, theirs = alone(found), alone(expected)
    return mine.equals(theirs) if mine and theirs else found == expected


def _is_working(statement: str) -> bool:
    """Return whether "Answer:" heads a whole calculation, whose result comes last."""
    lines = [line for line in statement.splitlines() if line.strip()]
    is_headed = statement.lstrip(" \t").startswith("\n")
    return is_headed and len(lines) > 1 and ("=" in lines[0] or len(lines[0].split()) > 8)


def _candidates(piece: str) -> list[Number]:
    """Return the numbers of a statement, the answer first: "7" of "3 + 4 = 7" and "7 (= 3 + 4)"."""
    piece = _plain(piece)
    outside = _ASIDE.sub(" ", piece)
    if find(outside):
        piece = outside
    parts = [part for part in _EQUALS.split(piece) if find(part)]
    results = [part for part in parts if not _EXPRESSION.search(part)] or parts
    return find(results[-1]) if results else []


def _plain(piece: str) -> str:
    """Return the sentence with "5 dollars and 50 cents" as 5.50 and "2 and a half" as 2.5."""
    piece = _CENTS.sub(lambda match: f"{match[1]}.{int(match[2]):02}", prepared(piece))
    return _HALF.sub(r"\1.5", piece)


def _is_one(piece: str, found: list[Number]) -> bool:
    """Return whether a statement gives one answer: not "5 or 6", "5-7" or the sum "5 + 3"."""
    piece = _ASIDE.sub(" ", _plain(piece))
    if _OR.search(piece):
        return len({number.value for number in find(piece)}) == 1
    if len(found) == 1 or _EQUALS.search(piece):
        return True
    return not _EXPRESSION.match(piece, max(0, found[0].end - 1))


def _concluded(piece: str, found: list[Number]) -> Number:
    """Return the answer of the last sentence with a number, where none is stated as such.

    It is what the sentence's equation results in, else its one amount of money, else its last
    number.
    """
    if _EQUALS.search(piece) and (results := _candidates(piece)):
        return results[0]
    amounts = [number for number in found if number.currency]
    return amounts[0] if len(amounts) == 1 else found[-1]
