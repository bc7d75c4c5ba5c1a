"""Places of a value within a row: "author.id" of {"author": {"id": 55}}."""

import re
from typing import Any

from distill.channels.raw import UnusableRowError

_NAME = re.compile(r"[\w.-]{1,30}")


def values(row: object, path: str) -> list[Any]:
    """Return the values at a path; through a list it leads to a value of each entry.

    A number leads to one entry, from 0: "authors.0.name". A key may hold dots itself. Raises
    UnusableRowError where there is none, unless a list on the way is empty.
    """
    if isinstance(row, dict) and path in row:
        return [row[path]]
    found: list[Any] = [row]
    for key in path.split("."):
        if key.isdecimal() and (entries := _entries(found, int(key))):
            found = entries
            continue
        inner = [one for value in found for one in (value if isinstance(value, list) else [value])]
        found = [one[key] for one in inner if isinstance(one, dict) and key in one]
        if inner and not found:
            if not isinstance(row, dict | list):
                raise UnusableRowError("wrong_type")
            raise UnusableRowError(f"missing_field:{path}", fields=_names(row))
    return found


def _entries(values: list[Any], place: int) -> list[Any]:
    return [value[place] for value in values if isinstance(value, list) and place < len(value)]


def one(row: object, path: str) -> Any:
    """Return the only value at a path; raises UnusableRowError where there is none or several."""
    found = values(row, path)
    if len(found) != 1:
        raise UnusableRowError(f"wrong_type:{path}")
    return found[0]


def _names(row: object) -> frozenset[str]:
    """Return the row's keys that may be names of fields."""
    keys = [key for key in row if isinstance(key, str)] if isinstance(row, dict) else []
    return frozenset(key for key in keys if _NAME.fullmatch(key))
