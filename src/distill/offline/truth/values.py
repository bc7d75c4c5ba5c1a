"""Errors of identifiers, prices, dates and figures, by the truth: missing or inaccurate."""

import re
from difflib import SequenceMatcher

from distill.offline.truth.mentions import Reading, has_value
from distill.offline.truth.words import (
    NUMBERS,
    STOP,
    canonical,
    is_date,
    is_identifier,
    is_price,
    tokens,
    word_set,
)

_NEAR = 0.6  # least similarity of a wrong value to the value that it misspells
_LABELS = {
    "item_number": "item|listing",
    "order_number": "order",
    "return_number": "return",
    "case_number": "case",
    "transaction_id": "transaction|payment",
}
_FIGURE = re.compile(
    rf"\b({'|'.join(NUMBERS[2:])}) (?:\w+ )?(days|weeks|times|reminders|messages)\b"
)
_COLOURS = word_set(
    "red blue black green white grey gray yellow brown orange pink purple silver beige"
)
_CARRIERS = word_set("usps ups fedex dhl")
_CHOICES = (_COLOURS, _CARRIERS)  # words of which a wrong one makes a point inaccurate


def faults(reading: Reading) -> list[str]:
    """Return the codes of missing values and of values from outside the interaction.

    A value that the summary misspells, or that belongs to a lost fact, does not count as missing a
    second time.
    """
    absent = [
        (kind, canonical(value))
        for kind, listed in reading.row["entities"].items()
        for value in listed
        if not _stated(kind, canonical(value), reading)
    ]
    codes = []
    for token in _foreign(reading):
        code, misspelt = _wrong(token, absent)
        codes.append(code)
        if misspelt in absent:
            absent.remove(misspelt)
    codes += [_absent_code(*entry, reading) for entry in absent if not _is_lost(entry[1], reading)]
    return codes + _mislabelled(reading) + _figures(reading) + _names(reading)


def _stated(kind: str, value: str, reading: Reading) -> bool:
    if kind == "item_name":
        head = tokens(value)[-1]
        return any(_has_word(item.text, head) for item in reading.items)
    return any(has_value(item.text, value) for item in reading.items)


def _has_word(text: str, word: str) -> bool:
    one = word.removesuffix("s")
    return any(token.removesuffix("s") == one for token in tokens(text))


def _is_lost(value: str, reading: Reading) -> bool:
    """Return whether the value stands in lost facts only."""
    own = {at for at, fact in enumerate(reading.facts) if value in fact.values.values()}
    others = {at for at in own if not reading.facts[at].is_value}
    fields = value in reading.text and not own
    return bool(others) and others <= set(reading.lost) and not fields


def _foreign(reading: Reading) -> list[str]:
    """Return the summary's identifiers, amounts and dates that the interaction does not contain."""
    known = set(tokens(reading.text))
    found = {token for item in reading.items for token in tokens(item.text)}
    return sorted(
        token for token in found - known if is_identifier(token) and not _is_part(token, known)
    )


def _is_part(token: str, known: set[str]) -> bool:
    """Return whether a token is a known one with a possessive or written in other parts."""
    return token.removesuffix("'s") in known or any(token in one.split("-") for one in known)


def _wrong(token: str, absent: list[tuple[str, str]]) -> tuple[str, tuple[str, str]]:
    """Return the code of a foreign value, and the absent (kind, value) that it misspells."""
    if is_date(token):
        dates = [entry for entry in absent if entry[0] == "date"]
        return "data_element_inaccurate", (dates or [("", "")])[0]
    if is_price(token):
        prices = [entry for entry in absent if entry[0] == "price"]
        return "entity_inaccurate_price", (prices or [("", "")])[0]
    near = max(absent, key=lambda entry: _similarity(token, entry[1]), default=("", ""))
    if _similarity(token, near[1]) >= _NEAR:
        return f"entity_inaccurate_{near[0]}", near
    if token.isdigit() and len(token) < 5:
        return "data_element_inaccurate", ("", "")
    return "entity_inaccurate_other", ("", "")


def _similarity(token: str, value: str) -> float:
    return SequenceMatcher(None, token, value, autojunk=False).ratio()


def _absent_code(kind: str, value: str, reading: Reading) -> str:
    if kind == "date":
        return "data_element_missing"
    parts = {part for part in tokens(value)[:-1] if part not in STOP}
    if kind == "item_name" and any(parts & set(tokens(item.text)) for item in reading.items):
        return "entity_inaccurate_item_name"
    return f"entity_missing_{kind}"


def _mislabelled(reading: Reading) -> list[str]:
    """Return the codes of numbers under the name of another kind: a return as an order."""
    codes = []
    for kind, label in _LABELS.items():
        for other in _LABELS.keys() - {kind}:
            for value in reading.row["entities"].get(other, []):
                number = re.escape(canonical(value))
                wrong = rf"\b(?:{label})(?: (?:number|no\.?|id))?:? #?{number}(?!\w)"
                if any(re.search(wrong, item.text) for item in reading.items) and not re.search(
                    wrong, reading.text
                ):
                    codes.append(f"entity_inaccurate_{kind}")
    return codes


def _figures(reading: Reading) -> list[str]:
    """Return the codes of numbers of days, weeks or times that the interaction does not have."""
    said = set(tokens(reading.text))
    found = {
        word
        for item in reading.items
        for word, unit in _FIGURE.findall(item.text)
        if (word, unit) != ("two", "times")
    }
    wrong = ["data_element_inaccurate" for _ in found - said]
    days = [
        fact.values["days"] for at, fact in enumerate(reading.facts)
        if "days" in fact.values and at in reading.stated
    ]  # fmt: skip
    missing = [d for d in days if not any(has_value(item.text, d) for item in reading.items)]
    return wrong + ["data_element_missing" for _ in missing[len(wrong) :]]


def _names(reading: Reading) -> list[str]:
    """Return the codes of colours and carriers that nobody named, and of changed item names."""
    said = set(tokens(reading.text))
    codes = []
    for item in reading.items:
        words = tokens(item.text)
        wrong = [w for choice in _CHOICES for w in words if w in choice and w not in said]
        codes += ["content_inaccurate" for _ in wrong]
    return codes
