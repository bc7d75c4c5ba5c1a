"""Feelings that a summary ascribes to the customer and that the customer did not name."""

import re
from collections.abc import Sequence

_FAMILIES = {
    "frustrated": r"frustrat\w*|annoy\w*|ang(?:ry|er|ered)|upset|irritat\w*|furious|disappoint\w*|"
    r"dissatisf\w*|displeas\w*|unhapp\w*|exasperat\w*|outrag\w*|mad|fed up|sick of|impatien\w*|"
    r"disgust\w*|livid|aggravat\w*|infuriat\w*",
    "confused": r"confus\w*|puzzl\w*|bewilder\w*|perplex\w*|baffl\w*|uncertain|unsure|lost track",
    "calm": r"calm|(?<!be )satisfied|pleased|patient|relaxed|(?<!be )happy|glad|delighted",
    "other": r"worri(?:ed|es)|anxious|nervous|sad|surprised|shocked|amused|excited|scared|"
    r"concerned|"
    r"stressed|desperate|distress\w*|embarrass\w*",
}
_WORDS = {name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in _FAMILIES.items()}
_NOT = re.compile(r"\b(?:not|no|without|never|isn't|doesn't|neither)\b[^,;.]{0,20}$", re.I)
_NO_COMPLAINT = re.compile(
    r"\bno (?:further )?complaints?\b|\bnot (?:have|complain)\w*\b.{0,12}complain", re.I
)
_CODES = {
    ("frustrated", False): "sentiment_inferred_frustrated",
    ("frustrated", True): "sentiment_inferred_not_frustrated",
    ("confused", False): "sentiment_inferred_confused",
    ("confused", True): "sentiment_inferred_not_confused",
    ("calm", False): "sentiment_inferred_not_frustrated",
    ("calm", True): "sentiment_inferred_frustrated",
    ("other", False): "sentiment_other",
}


def inferred(clause: str, customer: Sequence[str]) -> str:
    """Return the code of a feeling in the clause that no sentence of the customer names, or ""."""
    if _NO_COMPLAINT.search(clause) and not any(map(_NO_COMPLAINT.search, customer)):
        return "sentiment_inferred_no_complaint"
    for family, pattern in _WORDS.items():
        match = pattern.search(clause)
        if match is None:
            continue
        negated = bool(_NOT.search(clause[: match.start()]))
        if any(_names(sentence, family, negated) for sentence in customer):
            return ""
        return _CODES.get((family, negated), "")
    return ""


def names_mood(clause: str) -> bool:
    """Return whether the clause names a feeling."""
    return any(pattern.search(clause) for pattern in _WORDS.values())


def without(clause: str) -> str:
    """Return the clause without the words of feelings."""
    for pattern in _WORDS.values():
        clause = pattern.sub("", clause)
    return clause


def _names(sentence: str, family: str, negated: bool) -> bool:
    match = _WORDS[family].search(sentence)
    return match is not None and bool(_NOT.search(sentence[: match.start()])) == negated
