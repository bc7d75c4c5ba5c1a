"""Errors of the customer's role, by the truth: missing, wrong or given twice."""

import re

from distill.offline.truth.mentions import Fact, Reading

_ROLE = r"(buyer|seller)"
_CLAIM = re.compile(
    rf"\b(?:customer|user|writer|sender|person|who|they|she|he|i)(?:'s)?\b[^.;,]{{0,12}}"
    rf"(?:\bis|\bas|'m|\bam|\bare) (?:an? |the )?(?:registered )?{_ROLE}"
    rf"|^(?:\W*(?:customer|user)?\W*(?:role|type)\W+)?(?:a |the )?{_ROLE}\W*$"
    rf"|\bas an? {_ROLE}\b|\bas the {_ROLE}\W*$|\b{_ROLE} account|\((?:an? |the )?{_ROLE}\)"
    rf"|\bcustomer,? (?:an? |the ){_ROLE}\b|\bcustomer role\W+{_ROLE}"
    rf"|\brole\W+(?:is )?(?:that of )?(?:the |an? )?{_ROLE}"
    rf"|\b(?:the|an?) {_ROLE} customer\b"
)
_SUBJECT = re.compile(rf"^\W*(?:the |a |an )?{_ROLE}(?:'s)?(?=\W)(?!\W+of\b)")
_ANY = re.compile(rf"\b{_ROLE}s?\b")
_OTHER = {"buyer": "seller", "seller": "buyer"}


def faults(reading: Reading) -> list[str]:
    """Return the code of the role. A chat with a wrong role is inaccurate in its content."""
    row = reading.row
    claims, named = _claims(reading), _named(reading)
    if not reading.is_form:
        wrong = row["role"] and claims == {_OTHER[row["role"]]}
        return ["content_inaccurate"] if wrong else []
    if len(claims) == 2:
        return ["customer_type_other"]
    if claims:
        return [] if claims == {row["role"]} else ["customer_type_inaccurate"]
    is_missing = row["role_stated"] == "stated" and not named
    return ["customer_type_missing"] if is_missing else []


def _claims(reading: Reading) -> set[str]:
    """Return the roles that the summary gives the customer.

    The role at the head of an item is the customer's, unless a fact stated there is about that
    party: "Seller refuses the return" of a buyer.
    """
    claims: set[str] = set()
    for at, item in enumerate(reading.items):
        for found in _CLAIM.finditer(item.text):
            claims |= {role for role in found.groups() if role}
        head = _SUBJECT.match(item.text)
        if head and reading.is_form and not _is_about(reading, at, head[1]):
            claims.add(head[1])
    return claims


def _is_about(reading: Reading, item: int, role: str) -> bool:
    """Return whether an item begins with a fact of the other party, or what may be one."""
    if role == reading.row["role"]:
        return False
    first, every = reading.facts_of(item, 0), {m.fact for m in reading.mentions if m.item == item}
    own = [reading.facts[at] for at in first if not reading.facts[at].is_value] or [
        reading.facts[at] for at in every if not reading.facts[at].is_value
    ]
    return not own or any(_names(fact, role) for fact in own)


def _names(fact: Fact, role: str) -> bool:
    return role in fact.text or role in fact.family


def _named(reading: Reading) -> set[str]:
    return {role for item in reading.items for role in _ANY.findall(item.text)}
