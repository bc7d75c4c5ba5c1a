"""Checks of identifiers and figures, of the item's name and of the customer's role."""

from collections.abc import Callable
from difflib import SequenceMatcher

from distill.tasks.summarize.checks.case import Case
from distill.tasks.summarize.checks.content import missing as missing_sentences
from distill.tasks.summarize.reading import roles, words
from distill.tasks.summarize.reading.entities import Entity

_CODED = ("item_number", "order_number", "return_number", "case_number", "transaction_id")
_KINDS = (*_CODED, "username", "price")
_CLOSE = 0.7  # similarity from which an unknown identifier is a misspelt known one


def _closeness(one: str, two: str) -> float:
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def _invented(case: Case) -> list[Entity]:
    """What the summary tells and the text does not hold, not even inside another identifier."""
    return [
        told for told in case.told if told.key not in case.text_keys and not case.quotes(told.value)
    ]


def _meant(case: Case, told: Entity) -> Entity | None:
    """The closest identifier of the interaction, if it is close."""
    rated = [
        (_closeness(told.key, given.key), given.kind == told.kind, given) for given in case.given
    ]
    rated = [entry for entry in rated if entry[0] >= _CLOSE]
    return max(rated, key=lambda entry: entry[:2])[2] if rated else None


def _cut(case: Case, told: Entity) -> bool:
    return len(told.key) >= 4 and any(
        told.key != given.key and told.key in given.key for given in case.given
    )


def _missing(kind: str) -> Callable[[Case], list[str]]:
    def check(case: Case) -> list[str]:
        if not case.points:
            return []
        gone = [
            given for given in case.given if given.kind == kind and given.key not in case.told_keys
        ]
        if not gone:
            return []
        replaced = {meant.key for told in _invented(case) if (meant := _meant(case, told))}
        replaced |= {given.key for told in case.told for given in gone if told.key in given.key}
        untold = " ".join(missing_sentences(case))
        return list(
            dict.fromkeys(
                given.value
                for given in gone
                if given.key not in replaced and given.value not in untold
            )
        )

    return check


def _inaccurate(kind: str) -> Callable[[Case], list[str]]:
    def check(case: Case) -> list[str]:
        return [told.value for told in _invented(case) if _fault(case, told) == kind]

    return check


def _fault(case: Case, told: Entity) -> str:
    if told.kind == "date":
        return "date"
    meant = _meant(case, told)
    if meant and meant.kind in _KINDS:
        return meant.kind
    return "price" if told.kind == "price" else "other"


def _cut_short(case: Case) -> list[str]:
    """Identifiers that the summary gives in part."""
    return [
        told.value
        for told in case.told
        if told.kind != "price"
        and told.key not in case.text_keys
        and _cut(case, told)
        and case.quotes(told.value)
    ]


def _item_name(case: Case) -> str:
    names = [value for label, value in case.interaction.fields if label.casefold() == "item name"]
    return names[0] if names else ""


def _name_missing(case: Case) -> list[str]:
    name = words.words(_item_name(case))
    if not name or not case.points or words.share(name, case.summary_words) >= 0.3:
        return []
    return [_item_name(case)]


def _name_inaccurate(case: Case) -> list[str]:
    name = _item_name(case)
    told = [point for point in case.points if point.casefold().startswith("item name")]
    return [
        point
        for point in told
        if name
        and words.words(point) - words.words("item name") != words.words(name)
        and _closeness(point[9:].strip(" :").casefold(), name.casefold()) >= 0.4
    ]


def role(case: Case) -> set[str]:
    """The roles that the form tells: by its field, else stated, else implied."""
    for label, value in case.interaction.fields:
        if label.casefold() == "role" and value.casefold() in (roles.BUYER, roles.SELLER):
            return {value.casefold()}
    return roles.stated(case.said) or roles.implied(case.said)


def _told_roles(case: Case) -> set[str]:
    return set().union(*map(roles.stated, case.points))


def _role_missing(case: Case) -> list[str]:
    known = role(case)
    told = _told_roles(case) or set().union(*map(roles.implied, case.points))
    return sorted(known) if len(known) == 1 and case.points and not told else []


def _role_inaccurate(case: Case) -> list[str]:
    """The role that is told against the form, or without any ground in it."""
    known, told = role(case), _told_roles(case)
    return sorted(told) if len(known) < 2 and len(told) == 1 and told != known else []


def _role_other(case: Case) -> list[str]:
    told = _told_roles(case)
    return sorted(told) if len(told) > 1 else []


CHECKS: dict[str, Callable[[Case], list[str]]] = {
    **{f"entity_missing_{kind}": _missing(kind) for kind in _KINDS},
    "entity_missing_item_name": _name_missing,
    **{f"entity_inaccurate_{kind}": _inaccurate(kind) for kind in _KINDS},
    "entity_inaccurate_item_name": _name_inaccurate,
    "entity_inaccurate_other": _inaccurate("other"),
    "entity_other": _cut_short,
    "data_element_missing": _missing("date"),
    "data_element_inaccurate": _inaccurate("date"),
    "customer_type_missing": _role_missing,
    "customer_type_inaccurate": _role_inaccurate,
    "customer_type_other": _role_other,
}
