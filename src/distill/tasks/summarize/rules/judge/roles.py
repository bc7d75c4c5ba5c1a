"""The customer's role, buyer or seller: what a form shows and what a summary says."""

import re

from distill.tasks.summarize.rules.judge import meaning
from distill.tasks.summarize.rules.judge.interaction import Interaction

_ROLE = r"(buyer|seller)"
_SELF = re.compile(
    rf"\b(?:i am|i'm|as|am writing as|registered as) (?:an? |the |your )?(?:\w+ )?{_ROLE}\b", re.I
)
_CLUES = {
    "seller": re.compile(
        r"\b(?:the|my|this|our|a) buyers?\b|\bbuyer (?:says|claims|has)|\bi (?:have )?(?:sold|"
        r"listed|sell)\b|"
        r"\bmy (?:listings?|shop|store|sale|sales|payout)\b",
        re.I,
    ),
    "buyer": re.compile(
        r"\b(?:the|my|this|a) sellers?\b|\bi (?:have )?(?:bought|ordered|purchased|won|bid)\b|"
        r"\bmy (?:purchase|bid)\b",
        re.I,
    ),
}
_CLAIM = re.compile(
    rf"\b(?:role|type|customer type|user type|account type)\W+(?:an? |the )?{_ROLE}\b"
    rf"|\b(?:customer|user|client|sender|person|they|who|writer)(?:'s)?\b[^.;,]{{0,15}}?"
    rf"\b(?:is|are|as|role is)\b (?:an? |the )?(?:\w+ )?{_ROLE}\b"
    rf"|^\W*(?:an? |the )?{_ROLE}\W*$|\bcustomer \(?{_ROLE}\)?"
    rf"|\bas (?:an? |the ){_ROLE}\b(?! \w+(?:ed|s)\b)"
    rf"|\b(?:says|writes|reports) (?:the |a ){_ROLE}\b"
    rf"|^(?:the |a )?{_ROLE}(?: \w+)? (?:reports?|states?|says|asks?|wants?|claims?|requests?|"
    rf"complains?|"
    rf"explains?|would like|mentions?|seeks|needs|wishes|inquires|contacts)\b",
    re.I,
)
_LEAD = re.compile(rf"^(?:the |a )?{_ROLE}\b", re.I)


def claims(point: str) -> set[str]:
    """Return the roles that a point says the customer has."""
    return {role.casefold() for match in _CLAIM.finditer(point) for role in match.groups() if role}


def says_only_role(point: str) -> bool:
    """Return whether a point says the role and nothing else."""
    return bool(claims(point)) and not meaning.words(point).keys() - {"rol", "typ", "account"}


def leads(point: str) -> set[str]:
    """Return the role with which a point begins, as its subject."""
    match = _LEAD.match(point)
    return {match[1].casefold()} if match else set()


def names(text: str) -> set[str]:
    """Return the roles that a text names, of whomever."""
    return set(re.findall(rf"\b{_ROLE}s?\b", text.casefold()))


def names_one(text: str) -> bool:
    """Return whether a text names a role, from which the customer's is clear."""
    return bool(names(text))


def given(interaction: Interaction) -> str:
    """Return the role that a field or the customer's own words state, "" for none."""
    for label, value in interaction.fields.items():
        if re.search(r"\brole\b|customer type|account type", label, re.I):
            match = re.search(_ROLE, value, re.I)
            if match:
                return match[1].casefold()
    match = _SELF.search(" ".join(interaction.own))
    return match[1].casefold() if match else ""


def implied(interaction: Interaction) -> str:
    """Return the role that the wording implies, "" where it implies none or both."""
    text = interaction.customer_text
    found = [role for role, clue in _CLUES.items() if clue.search(text)]
    return found[0] if len(found) == 1 else ""
