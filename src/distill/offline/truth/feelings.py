"""Errors of inferred sentiment and of an unnamed language, by the truth."""

import re

from distill.offline.truth.items import Items
from distill.offline.truth.words import Words, tokens, word_set
from distill.records import Row

_FRUSTRATED = word_set("""
    angry anger annoyed annoyance annoying disappointed disappointment dissatisfied frustrated
    frustrating frustration furious irate irritated outraged unhappy upset
""")
_CONFUSED = word_set("""
    baffled bewildered confused confusing confusion perplexed puzzled uncertain
""")
_OTHER = word_set("""
    amused anxious desperate excited glad happy impatient nervous pleased sad scared surprised
    worried
""")
_CALM = word_set("""
    calm content patient relaxed satisfied
""")
MOODS: Words = _FRUSTRATED | _CONFUSED | _OTHER | _CALM
_NEGATED = re.compile(r"\b(?:not|no|never|without|nor|neither)\b|n't\b")
_NO_COMPLAINT = re.compile(r"\bno complaints?\b")
LANGUAGES = {
    "es": {"spanish", "español"},
    "de": {"german", "deutsch"},
    "fr": {"french", "français"},
    "it": {"italian", "italiano"},
    "pt": {"portuguese", "português"},
    "nl": {"dutch", "nederlands"},
    "pl": {"polish", "polski"},
    "en": {"english"},
}
_ANY_LANGUAGE = frozenset().union(*LANGUAGES.values())


def faults(row: Row, items: Items) -> set[str]:
    """Return the codes of feelings in the summary that the customer did not state."""
    codes = set()
    for item in items.all:
        text = item.text.casefold()
        if _NO_COMPLAINT.search(text) and "complaint" not in items.customer_tokens:
            codes.add("sentiment_inferred_no_complaint")
        stated = items.customer_tokens | (item.source.words if item.source else frozenset())
        inferred = frozenset(tokens(text)) & MOODS - stated
        codes |= _moods(inferred, bool(_NEGATED.search(text)), row["sentiment"])
    return codes


def _moods(inferred: Words, negated: bool, stated: str) -> set[str]:
    codes = set()
    for mood, words in (("frustrated", _FRUSTRATED), ("confused", _CONFUSED)):
        if inferred & words and (negated or stated != mood):
            codes.add(f"sentiment_inferred_{'not_' if negated else ''}{mood}")
    if inferred & _CALM and not codes:
        codes.add("sentiment_inferred_not_frustrated")
    if inferred & _OTHER and not codes and stated == "none":
        codes.add("sentiment_other")
    return codes


def names_language(words: Words) -> bool:
    """Return whether the words name a language."""
    return bool(words & _ANY_LANGUAGE)


def language_faults(row: Row, items: Items) -> set[str]:
    """Return the code of a summary that does not name the language, or names a wrong one."""
    named = {word for item in items.all for word in item.words & _ANY_LANGUAGE}
    if row["language"] == "en":
        wrong = named - LANGUAGES["en"] - items.text_tokens
        return {"language_other"} if wrong else set()
    right = LANGUAGES.get(row["language"], _ANY_LANGUAGE)
    return set() if named & right else {"language_non_english_not_identified"}
