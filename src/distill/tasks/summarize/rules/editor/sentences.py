"""The grammar that the editor needs: a subordinate clause becomes a sentence of its own."""

import re

_PAST_WORDS = """
    was had did said told got went came saw sent paid bought sold lost found gave took made
    left kept felt thought put set cut hit read spoke wrote broke chose began knew
    understood heard brought held met returned tried won meant spent
"""
_PAST = frozenset(_PAST_WORDS.split())
_PLURAL = {"have": "has", "are": "is", "were": "was", "do": "does", "haven't": "hasn't",
           "aren't": "isn't", "don't": "doesn't", "weren't": "wasn't", "go": "goes"}  # fmt: skip
_FIXED_WORDS = """
    can cannot can't could will would won't should must may might has is does
"""
_FIXED = frozenset(_FIXED_WORDS.split())
_ADVERB = re.compile(
    r"(?:still|also|already|never|only|now|just|first|recently|\w+ly)$", re.IGNORECASE
)


def standalone(clause: str) -> str:
    """Return a clause as a point: "they have not paid" -> "Customer has not paid"."""
    clause = clause.strip(" ,;.")
    if match := re.match(r"(?:they|he|she|the customer|customer) (.+)$", clause, re.IGNORECASE):
        verb = match[1] if not clause.casefold().startswith("they ") else singular(match[1])
        clause = f"Customer {verb}"
    elif match := re.match(
        r"(?:their|his|her|the customer's|customer's) (.+)$", clause, re.IGNORECASE
    ):
        clause = f"Customer's {match[1]}"
    return capital(clause)


def predicate(text: str) -> str:
    """Return a point for words that lack their subject: "wants it" -> "Customer wants it"."""
    text = text.strip(" ,;.")
    if re.match(r"(?:the )?customer\b|(?:they|their|he|she)\b", text, re.IGNORECASE):
        return standalone(text)
    return f"Customer {text}"


def singular(words: str) -> str:
    """Return the predicate of "they" for one person: "still want a label" -> "still wants ..."."""
    first, _, rest = words.partition(" ")
    low = first.casefold()
    if _ADVERB.match(first) and rest:
        return f"{first} {singular(rest)}"
    if low in _PLURAL:
        return f"{_PLURAL[low]} {rest}".strip()
    if low in _PAST or low in _FIXED or low.endswith("ed") or not first.isalpha():
        return words
    if low.endswith(("s", "x", "z", "ch", "sh")):
        return f"{first}es {rest}".strip()
    if low.endswith("y") and low[-2:-1] not in set("aeiou"):
        return f"{first[:-1]}ies {rest}".strip()
    return f"{first}s {rest}".strip()


def capital(text: str) -> str:
    """Return the text with a capital first letter, unless it starts with a name like "iPhone"."""
    return text if re.match(r"[a-z]+[A-Z\d]", text) else text[:1].upper() + text[1:]
