"""Errors of inferred sentiment and of a wrong language, by the truth."""

import re

from distill.offline.truth.mentions import Reading
from distill.offline.truth.words import Words, stem, tokens, word_set

_FRUSTRATED = word_set("""
    aggravated aggravation anger angered angrily angry annoyance annoyed annoying bothered
    disappointed disappointment disgruntled displeased displeasure dissatisfaction dissatisfied
    dismayed enraged exasperated exasperation frustrated frustrating frustration furious fuming
    indignant infuriated irate irked irritated irritation mad outraged unhappy upset vexed
""")
_CONFUSED = word_set("""
    baffled bewildered bewilderment confused confusing confusion perplexed puzzled unsure uncertain
""")
_OTHER = word_set("""
    afraid amused anxious desperate despair eager excited glad happy hopeful impatience impatient
    nervous pleased sad scared shocked stressed surprised worried worry
""")
_CALM = word_set("""
    calm content patient patiently relaxed satisfied composed
""")
MOODS: Words = _FRUSTRATED | _CONFUSED | _OTHER | _CALM
_NEGATED = re.compile(r"\b(?:not|no|never|without|nor|neither)\b|n't\b")
_NO_COMPLAINT = re.compile(r"\bno complaints?\b")
_LANGUAGES = word_set("""
    dutch english french german italian polish portuguese spanish turkish chinese russian arabic
""")


_WOULD_BE = re.compile(r"\b(?:would|'d|will) (?:also )?be \w+|\b(?:content|happy|satisfied) with\b")


def moods(text: str) -> Words:
    """Return the words of feelings in a text; who would be happy with something accepts it."""
    return frozenset(tokens(_WOULD_BE.sub(" ", text))) & MOODS


def faults(reading: Reading) -> list[str]:
    """Return the codes of feelings in the summary that the customer did not state."""
    codes: list[str] = []
    own = frozenset(tokens(_customers_words(reading)))
    for item in reading.items:
        if _NO_COMPLAINT.search(item.text) and "complaint" not in own:
            codes.append("sentiment_inferred_no_complaint")
        inferred = _inferred(moods(item.text) - own, item.text, reading)
        codes += [code for code in inferred if code not in codes]
    return codes


def _customers_words(reading: Reading) -> str:
    return " ".join(fact.text for fact in reading.facts)


def _inferred(words: Words, text: str, reading: Reading) -> list[str]:
    stated, codes = reading.row["sentiment"], []
    negated = bool(_NEGATED.search(" ".join(_before(text, words))))
    for mood, known in (("frustrated", _FRUSTRATED), ("confused", _CONFUSED)):
        if words & known and (negated or stated != mood):
            codes.append(f"sentiment_inferred_{'not_' if negated else ''}{mood}")
    if words & _CALM and not codes and stated == "none":
        codes.append("sentiment_inferred_not_frustrated")
    if words & _OTHER and not codes and stated == "none":
        codes.append("sentiment_other")
    return codes


def _before(text: str, words: Words) -> list[str]:
    """Return the three words before the first word of feeling."""
    every = list(tokens(text))
    first = min((every.index(word) for word in words), default=0)
    return every[max(0, first - 3) : first]


def language_faults(reading: Reading) -> list[str]:
    """Return the code of a summary that names a language which the interaction does not name."""
    named = {w for item in reading.items for w in tokens(item.text)} & _LANGUAGES
    wrong = {w for w in named if stem(w) not in reading.text_stems} - {"english"}
    return ["language_other"] if wrong else []
