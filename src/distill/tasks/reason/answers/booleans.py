"""The final answer as yes or no."""

import re

from distill.tasks.reason.answers.statements import Text, pieces

_VALUES = {"yes": "yes", "y": "yes", "true": "yes", "correct": "yes", "right": "yes"}
_VALUES |= {"yeah": "yes", "yep": "yes", "yup": "yes", "nope": "no", "nah": "no"} | {
    "no": "no", "n": "no", "false": "no", "incorrect": "no", "wrong": "no",
}  # fmt: skip
_NEGATED = r"(?P<not>\b(?:not|isn't|is not|never|cannot be)\s+(?:\w+\s+)?)?"
_STATED = re.compile(
    rf"{_NEGATED}\b(?P<word>yes|no|true|false|correct|right|incorrect|wrong|yeah|yep|yup|nope|nah|(?<!\w)[yn](?!\w))\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:yes|true)\b\s*(?:/|or|and)\s*(?:no|false)\b"
    r"|\b(?:no|false)\b\s*(?:/|or|and)\s*(?:yes|true)\b",
    re.IGNORECASE,
)
# A word that stands for a whole clause; "no" before a noun ("no fee applies") is none.
_CLAUSE = re.compile(
    r"(?:^|[.!?:;,\n(–—-]\s*|\b(?:so|therefore|thus|hence|then|is)\b,?\s*)"
    r"(?P<word>yes|no|true|false)\b(?=\s*(?:[.,;:!)\n–—-]|$))",
    re.IGNORECASE,
)
_WORD = re.compile(rf"{_NEGATED}\b(?P<word>yes|true|false)\b", re.IGNORECASE)


def extract(text: Text) -> str | None:
    """Return what the text states as its answer, else the last yes or no that it gives."""
    for statement in text.stated:
        for piece in pieces(statement):
            if match := _STATED.search(piece):
                return None if _HEDGED.search(piece) else _value(match)
    clauses, words = list(_CLAUSE.finditer(text.text)), list(_WORD.finditer(text.text))
    if clauses:
        return _VALUES[clauses[-1]["word"].lower()]
    return _value(words[-1]) if words else None


def _value(match: re.Match[str]) -> str:
    value = _VALUES[match["word"].lower()]
    return {"yes": "no", "no": "yes"}[value] if match["not"] else value
