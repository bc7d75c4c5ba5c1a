"""Errors of identifiers, dates and the customer's role, by the truth: missing or inaccurate."""

import re
from difflib import SequenceMatcher

from distill.offline.truth.items import Items, Sentence
from distill.offline.truth.words import is_date, is_identifier, tokens
from distill.records import Row

_PRICE = re.compile(r"[$£€]\d|\d\.\d\d$")
_NEAR = 0.6  # least similarity of a wrong value to the value that it misspells
_ROLE = r"\b(buyer|seller)\b"
_ROLE_CLAIM = re.compile(
    rf"\b(?:customer|user|writer|sender|person|who|they|she|he|i)(?:'s)?\b[^.;,]{{0,12}}"
    rf"(?:\bis|\bas|'m|\bam|\bare) (?:an? |the )?(?:registered )?{_ROLE}"
    rf"|^(?:\W*(?:customer|user)?\W*(?:role|type)\W+)?(?:a |the )?{_ROLE}\W*$"
    rf"|\bas (?:an? |the ){_ROLE}|\b{_ROLE} account"
)


def faults(row: Row, items: Items) -> set[str]:
    """Return the codes of missing values and of values from outside the interaction.

    A value that the summary misspells, or that belongs to a missing fact, does not count as missing
    a second time.
    """
    absent = {
        (kind, value)
        for kind, listed in row["entities"].items()
        for value in listed
        if not _stated(value, items)
    }
    codes = set()
    for token in sorted(_foreign(items)):
        code, misspelt = _wrong(token, absent)
        codes.add(code)
        absent.discard(misspelt)
    missing = [fact for at, fact in enumerate(items.facts) if at not in items.stated_facts]
    stated = [fact for at, fact in enumerate(items.facts) if at in items.stated_facts]
    for kind, value in absent:
        if _within(value, missing) and not _within(value, stated):
            continue
        codes.add(_absent_code(kind, value, items))
    return codes


def _within(value: str, facts: list[Sentence]) -> bool:
    return any(set(tokens(value)) <= set(tokens(fact.text)) for fact in facts)


def _stated(value: str, items: Items) -> bool:
    return any(set(tokens(value)) <= item.all_words for item in items.all)


def _foreign(items: Items) -> set[str]:
    """Return the summary's identifiers, figures and dates that the interaction does not contain."""
    words = {token for item in items.all for token in item.all_words}
    return {token for token in words if is_identifier(token)} - items.text_tokens


def _wrong(token: str, absent: set[tuple[str, str]]) -> tuple[str, tuple[str, str]]:
    """Return the code of a foreign value, and the absent (kind, value) that it misspells."""
    if is_date(token):
        dates = sorted(entry for entry in absent if entry[0] == "date")
        return "data_element_inaccurate", (dates or [("", "")])[0]
    near = max(
        sorted(absent), key=lambda entry: _similarity(token, entry[1]), default=("other", "")
    )
    if _similarity(token, near[1]) >= _NEAR:
        inaccurate = "data_element" if near[0] == "date" else "entity"
        kind = "" if near[0] == "date" else f"_{near[0]}"
        return f"{inaccurate}_inaccurate{kind}", near
    if _PRICE.search(token):
        return "entity_inaccurate_price", ("", "")
    if token.isdigit() and len(token) < 5:
        return "data_element_inaccurate", ("", "")
    return "entity_inaccurate_other", ("", "")


def _similarity(token: str, value: str) -> float:
    return max(
        (
            SequenceMatcher(None, token, part, autojunk=False).ratio()
            for part in [value.casefold(), *tokens(value)]
        ),
        default=0.0,
    )


def _absent_code(kind: str, value: str, items: Items) -> str:
    if kind == "date":
        return "data_element_missing"
    parts = set(tokens(value))
    if kind == "item_name" and any(
        2 * len(parts & item.all_words) >= len(parts) and items.unsupported(item)
        for item in items.all
    ):
        return "entity_inaccurate_item_name"
    return f"entity_missing_{kind}"


def role_faults(row: Row, items: Items) -> set[str]:
    """Return the code of a role that is missing, wrong or unsupported.

    A quotation of the customer's statement of a role is no claim of the summary.
    """
    claims: set[str] = set()
    quoted: set[str] = set()
    for item in items.all:
        own = item.source is not None and item.source.kind == "fact"
        for match in _ROLE_CLAIM.finditer(item.text.casefold()):
            (quoted if own else claims).update(role for role in match.groups() if role)
    if len(claims) == 2:
        return {"customer_type_other"}
    if claims:
        return set() if claims == {row["role"]} else {"customer_type_inaccurate"}
    silent = row["role_stated"] == "stated" and not quoted
    return {"customer_type_missing"} if silent else set()
