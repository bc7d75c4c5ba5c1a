"""Checks of identifiers, figures, the item's name and the customer's role."""

from collections.abc import Callable
from difflib import SequenceMatcher

from distill.tasks.summarize.checks.case import Case
from distill.tasks.summarize.reading import roles, words
from distill.tasks.summarize.reading.entities import Entity

_CODED = ("item_number", "order_number", "return_number", "case_number", "transaction_id")
_KINDS = (*_CODED, "username", "price")
_CLOSE = 0.7  # least similarity of an unknown identifier to the one that it misspells


def _similarity(one: str, two: str) -> float:
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def _invented(case: Case) -> list[Entity]:
    """Return the summary's entities that the text does not contain, even as part of another."""
    return [
        entity
        for entity in case.summary_entities
        if entity.key not in case.text_keys and not case.quotes(entity.value)
    ]


def _closest(case: Case, invented: Entity) -> Entity | None:
    """Return the customer's entity that an invented one misspells, None where none is similar."""
    rated = [
        (_similarity(invented.key, entity.key), entity.kind == invented.kind, entity)
        for entity in case.customer_entities
    ]
    rated = [entry for entry in rated if entry[0] >= _CLOSE]
    return max(rated, key=lambda entry: entry[:2])[2] if rated else None


def _is_truncated(case: Case, entity: Entity) -> bool:
    """Return whether an identifier lacks digits of a whole one; a word before it is no part."""
    return len(entity.key) >= 4 and any(
        any(map(str.isdigit, whole.key.replace(entity.key, "", 1)))
        for whole in case.customer_entities
        if entity.key in whole.key
    )


def _missing(kind: str) -> Callable[[Case], list[str]]:
    """Return a check for entities of a kind that the summary does not state.

    An entity that the summary misspells or truncates is not missing.
    """

    def check(case: Case) -> list[str]:
        if not case.points:
            return []
        absent = [
            entity
            for entity in case.customer_entities
            if entity.kind == kind and entity.key not in case.summary_keys
        ]
        if not absent:
            return []
        replaced = {
            closest.key for entity in _invented(case) if (closest := _closest(case, entity))
        }
        replaced |= {
            entity.key
            for stated in case.summary_entities
            for entity in absent
            if stated.key in entity.key
        }
        return list(dict.fromkeys(one.value for one in absent if one.key not in replaced))

    return check


def _inaccurate(kind: str) -> Callable[[Case], list[str]]:
    def check(case: Case) -> list[str]:
        return [entity.value for entity in _invented(case) if _misspelt_kind(case, entity) == kind]

    return check


def _misspelt_kind(case: Case, invented: Entity) -> str:
    if invented.kind == "date":
        return "date"
    closest = _closest(case, invented)
    if closest and closest.kind in _KINDS:
        return closest.kind
    return "price" if invented.kind == "price" else "other"


def _truncated(case: Case) -> list[str]:
    """Return the identifiers of which the summary states only a part."""
    return [
        entity.value
        for entity in case.summary_entities
        if entity.kind != "price"
        and entity.key not in case.text_keys
        and _is_truncated(case, entity)
        and case.quotes(entity.value)
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
    named = [point for point in case.points if point.casefold().startswith("item name")]
    return [
        point
        for point in named
        if name
        and words.words(point) - words.words("item name") != words.words(name)
        and _similarity(point[9:].strip(" :").casefold(), name.casefold()) >= 0.4
    ]


def customer_roles(case: Case) -> set[str]:
    """Return the customer's roles by the form's field, else as stated, else as implied."""
    for label, value in case.interaction.fields:
        if label.casefold() == "role" and value.casefold() in (roles.BUYER, roles.SELLER):
            return {value.casefold()}
    return roles.stated(case.customer_text) or roles.implied(case.customer_text)


def _summary_roles(case: Case) -> set[str]:
    return set().union(*map(roles.stated, case.points))


def _role_missing(case: Case) -> list[str]:
    known = customer_roles(case)
    stated = _summary_roles(case) or set().union(*map(roles.implied, case.points))
    return sorted(known) if len(known) == 1 and case.points and not stated else []


def _role_inaccurate(case: Case) -> list[str]:
    """Return the summary's role where it contradicts the form or has no basis in it."""
    known, stated = customer_roles(case), _summary_roles(case)
    return sorted(stated) if len(known) < 2 and len(stated) == 1 and stated != known else []


def _role_other(case: Case) -> list[str]:
    """Return the summary's roles where it states both."""
    stated = _summary_roles(case)
    return sorted(stated) if len(stated) > 1 else []


CHECKS: dict[str, Callable[[Case], list[str]]] = {
    **{f"entity_missing_{kind}": _missing(kind) for kind in _KINDS},
    "entity_missing_item_name": _name_missing,
    **{f"entity_inaccurate_{kind}": _inaccurate(kind) for kind in _KINDS},
    "entity_inaccurate_item_name": _name_inaccurate,
    "entity_inaccurate_other": _inaccurate("other"),
    "entity_other": _truncated,
    "data_element_missing": _missing("date"),
    "data_element_inaccurate": _inaccurate("date"),
    "customer_type_missing": _role_missing,
    "customer_type_inaccurate": _role_inaccurate,
    "customer_type_other": _role_other,
}
