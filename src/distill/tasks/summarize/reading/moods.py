"""Patterns of feelings, as stated by customers and as attributed to them by summaries."""

import re

from distill.tasks.summarize.reading.words import words

_FRUSTRATED = (
    r"frustrat\w*|upset\w*|angry|anger\w*|annoy\w*|irritat\w*|furious|mad|fed up|livid"
    r"|disappoint\w*|unhappy|dissatisf\w*|exasperat\w*|pissed|enraged|fuming"
    r"|(?:los(?:t|ing)|out of) (?:\w+ )?patience"
)
_CONFUSED = (
    r"confus\w*|puzzled|baffled|perplexed|bewildered|(?:do(?:n't| not|es not|esn't)) understand"
    r"|at a loss"
)
_OTHER_MOOD = (
    r"happy|pleased|satisfied|excited|anxious|worried|concerned|sad|amused|disgusted|relieved"
    r"|desperate|stressed|impatient|shocked|heartbroken|embarrassed|nervous|scared|grateful"
    r"|sarcastic"
)
FRUSTRATED = re.compile(rf"\b(?:{_FRUSTRATED})\b", re.IGNORECASE)
CONFUSED = re.compile(rf"\b(?:{_CONFUSED})\b", re.IGNORECASE)
OTHER_MOOD = re.compile(rf"\b(?:{_OTHER_MOOD})\b", re.IGNORECASE)
_NOT = r"\b(?:not|no|without|n't|never|any)\b[^.;,]{0,30}\b(?:%s)\b"
NOT_FRUSTRATED = re.compile(
    _NOT % _FRUSTRATED + r"|\b(?:stays?|remains?|is|was|seems?) (?:\w+ )?(?:calm|patient)\b",
    re.IGNORECASE,
)
NOT_CONFUSED = re.compile(_NOT % _CONFUSED, re.IGNORECASE)
_THIRD_PERSON = re.compile(r"\b(?:customer|user|buyer|seller|they|he|she)\b", re.IGNORECASE)
NO_COMPLAINT = re.compile(
    r"\b(?:no|without|not|any|n't) (?:\w+ ){0,3}(?:complain\w*|dissatisfaction)\b", re.IGNORECASE
)


def is_mood(text: str) -> bool:
    """Return whether the text states a feeling and at most two other content words."""
    remainder = CONFUSED.sub(" ", FRUSTRATED.sub(" ", text))
    if remainder == text:
        remainder = OTHER_MOOD.sub(" ", text)
    return remainder != text and len(words(remainder)) <= 2


def calls_frustrated(text: str) -> bool:
    """Return whether the text calls somebody frustrated, angry or upset."""
    return bool(FRUSTRATED.search(text)) and not NOT_FRUSTRATED.search(text)


def calls_confused(text: str) -> bool:
    """Return whether the text calls somebody confused."""
    return bool(CONFUSED.search(text)) and not NOT_CONFUSED.search(text)


def names_other_mood(text: str) -> bool:
    """Return whether the text attributes another feeling to a person, such as worry."""
    return bool(OTHER_MOOD.search(text) and _THIRD_PERSON.search(text))
