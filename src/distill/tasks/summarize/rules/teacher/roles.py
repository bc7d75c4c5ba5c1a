"""What closes the summary of a form: the role of the customer and the identifiers of its fields."""

import re

from distill.tasks.summarize.rules.teacher.interaction import Interaction
from distill.tasks.summarize.rules.teacher.rates import Errors

_FIELDS = ("order number", "item number", "item name", "return number", "case number",
           "transaction id", "username")  # fmt: skip
_BUYER = re.compile(r"\b(?:the seller|this seller|i (?:bought|ordered|purchased|won))\b", re.I)
_SELLER = re.compile(
    r"\b(?:(?:my|the|this|a) buyers?|i (?:sold|listed|am selling)|my (?:listing|auction|sale|payout"
    r"|shop|store)|selling)\b",
    re.IGNORECASE,
)
_STATED = re.compile(
    r"\bi am (?:writing as )?(?:a|the) (buyer|seller)\b|\bas (?:a|the) (buyer|seller)\b", re.I
)


def completed(points: list[str], interaction: Interaction, errors: Errors) -> list[str]:
    """Return the points with a form's role and identifiers behind them."""
    if not interaction.fields:
        return points
    role = _role(interaction, errors)
    names = _identifiers(interaction, errors)
    ends = [f"Customer is a {role}"] if role else []
    return [*points, *ends, *([", ".join(names)] if names else [])]


def _role(interaction: Interaction, errors: Errors) -> str:
    role = known(interaction)
    if not role:
        guessed = errors.errs("customer_type_inaccurate", "the role is unknown")
        return "buyer" if guessed else ""
    if errors.errs("customer_type_inaccurate", "the role is known"):
        return "seller" if role == "buyer" else "buyer"
    return role


def known(interaction: Interaction) -> str:
    """Return "buyer" or "seller" by the form's field, a statement or the matter; "" if unclear."""
    field = interaction.field("role").casefold()
    if field in ("buyer", "seller"):
        return field
    if stated := _STATED.search(interaction.text):
        return (stated[1] or stated[2]).lower()
    buys, sells = bool(_BUYER.search(interaction.text)), bool(_SELLER.search(interaction.text))
    return "" if buys == sells else "buyer" if buys else "seller"


def _identifiers(interaction: Interaction, errors: Errors) -> list[str]:
    """Return "Order number 12" for each field with an identifier that the message does not give."""
    told: list[str] = []
    for name in _FIELDS:
        value = interaction.field(name)
        if not value or value in interaction.text:
            continue
        if name == "item number" and errors.errs("entity_missing", "the form has an item number"):
            continue
        told.append(f"{name} {value}" if told else f"{name.capitalize()} {value}")
    return told
