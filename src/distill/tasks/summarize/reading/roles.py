"""The customer's role, buyer or seller, as a form or a summary states or implies it."""

import re

BUYER, SELLER = "buyer", "seller"
_STATED = re.compile(
    r"(?:\b(?:customer|user|contact|sender|they|he|she|i|who)(?:\s+(?:is|are|am|was)|['’](?:s|m"
    r"|re))\s+(?:here\s+)?(?:an?\s+|the\s+)?(?:\w+\s+)?|\bas\s+an?\s+(?:\w+\s+)?|\brole:?\s+"
    r"|^\W*)(buyer|seller)\b(?P<end>\W*$|\b)",
    re.IGNORECASE,
)
_IMPLIED = {
    SELLER: re.compile(
        r"\b(?:i|we)(?:['’]ve| have| had)? (?:just |recently |already )?(?:sold|listed|was selling)"
        r"|\b(?:my|our|the|this|a) buyers?\b|\bmy (?:listings?|shop|store|payout|sales?)\b"
        r"|\bi(?:['’]m| am) selling\b",
        re.IGNORECASE,
    ),
    BUYER: re.compile(
        r"\b(?:i|we)(?:['’]ve| have| had)? (?:just |recently |already )?(?:bought|ordered|purchased"
        r"|paid)|\b(?:the|my|this|a) sellers?\b|\bmy (?:order|purchase|parcel|package|delivery)\b"
        r"|\bi(?:['’]m| am) buying\b",
        re.IGNORECASE,
    ),
}


def stated(text: str) -> set[str]:
    """Return the roles that the text states: "The customer is a seller", "as a buyer"."""
    roles: set[str] = set()
    lowered = text.lower()
    if BUYER not in lowered and SELLER not in lowered:
        return roles
    for match in _STATED.finditer(text):
        # "The buyer never paid" is about somebody else: a bare role must end the text
        if match.start(1) > match.start() or not text[match.end(1) :].strip(" .:"):
            roles.add(match[1].lower())
    return roles


def implied(text: str) -> set[str]:
    """Return the roles that the text implies: "I sold", "my buyer", "I bought", "the seller"."""
    return {role for role, cue in _IMPLIED.items() if cue.search(text)}
