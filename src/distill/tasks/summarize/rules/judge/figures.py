"""Errors of identifiers, amounts, dates and counts: missing from the summary or not as given."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from distill.tasks.summarize.rules.judge import coverage, meaning, values
from distill.tasks.summarize.rules.judge.case import Case
from distill.tasks.summarize.rules.judge.values import Value

Error = tuple[str, str]  # code, quote

_MISSPELT = 0.6  # least likeness of a wrong identifier to the one that it stands for
_CODES = {
    "order": "order_number", "item": "item_number", "return": "return_number",
    "case": "case_number", "transaction": "transaction_id", "username": "username",
    "price": "price",
}  # fmt: skip
_CASE_FIELD = re.compile(r"\b(order|item|return|case|transaction)\b.*\b(number|id|no)\b", re.I)
_ITEM_NAME = re.compile(r"\b(?:item|product) (?:name|title)\b", re.I)


def errors(case: Case) -> Iterator[Error]:
    """Yield wrong values, then missing ones for which no wrong one stands."""
    wanted = _wanted(case)
    given = values.find(". ".join(case.points))
    absent = [value for value in wanted if not any(value.equals(other) for other in given)]
    known = _known(case)
    for value in given:
        if not _is_known(value, known):
            original = _original(value, absent)
            if original:
                absent.remove(original)
            yield _wrong_code(value, original), value.text
    yield from ((_missing_code(value), value.text) for value in absent)
    yield from _item_name(case)


def is_case_field(label: str) -> bool:
    """Return whether a form's field identifies the case."""
    return bool(_CASE_FIELD.search(label) or _ITEM_NAME.search(label))


def _known(case: Case) -> Sequence[Value]:
    """Return all values of the interaction, whoever said them."""
    interaction = case.interaction
    return values.find(f"{interaction.customer_text} {interaction.other_text}")


def _is_known(value: Value, known: Sequence[Value]) -> bool:
    if value.kind == "count":
        return int(float(next(iter(value.form)))) <= 3 or any(
            value.equals(other) for other in known
        )
    return any(value.equals(other) for other in known)


def _wanted(case: Case) -> list[Value]:
    """Return the values that the summary should give, each once.

    A value of a clause that is missing as a whole is not missing a second time.
    """
    found: list[Value] = []
    for at in coverage.important(case):
        if coverage.is_covered(case, at):
            found += values.find(case.own[at].text)
    for label, text in case.interaction.fields.items():
        if _CASE_FIELD.search(label):
            found += values.find(f"{label} {text}")
    unique: list[Value] = []
    for value in found:
        if value.kind != "count" and not any(value.equals(other) for other in unique):
            unique.append(value)
    return unique


def _original(value: Value, absent: list[Value]) -> Value | None:
    """Return the missing value for which a wrong one stands: the likest of its kind, or None."""
    near = [(_likeness(value, other), at) for at, other in enumerate(absent)]
    same = [
        (score, at) for score, at in near if score >= _MISSPELT or absent[at].kind == value.kind
    ]
    return absent[max(same)[1]] if same else None


def _likeness(first: Value, second: Value) -> float:
    return SequenceMatcher(None, min(first.form), min(second.form), autojunk=False).ratio()


def _wrong_code(value: Value, original: Value | None) -> str:
    kind = original.kind if original else value.kind
    if kind in ("date", "count"):
        return "data_element_inaccurate"
    return f"entity_inaccurate_{_CODES.get(kind, 'other')}"


def _missing_code(value: Value) -> str:
    return (
        f"entity_missing_{_CODES[value.kind]}" if value.kind in _CODES else "data_element_missing"
    )


def _item_name(case: Case) -> Iterator[Error]:
    for label, name in case.interaction.fields.items():
        if _ITEM_NAME.search(label) and meaning.share(name, ". ".join(case.points)) < 0.5:
            yield "entity_missing_item_name", name
