"""Places of a value within a row: "author.id" of {"author": {"id": 55}}."""

import re
from typing import Any

from distill.channels.raw import UnusableRowError

_KEY = re.compile(r"[\w.-]{1,30}")
_MOST_KEYS = 12


def values(row: object, path: str) -> list[Any]:
    """Return the values at a path; through a list it leads to a value of each entry.

    A key may hold dots itself. Raises UnusableRowError where there is none, unless a list on the
    way is empty.
    """
    if isinstance(row, dict) and path in row:
        return [row[path]]
    found: list[Any] = [row]
    for key in path.split("."):
        inner = [one for value in found for one in (value if isinstance(value, list) else [value])]
        found = [one[key] for one in inner if isinstance(one, dict) and key in one]
        if inner and not found:
            if not isinstance(row, dict | list):
                raise UnusableRowError("wrong_type")
            raise UnusableRowError(f"missing_field:{path}", detail=f"it has {_keys(row)}")
    return found


def one(row: object, path: str) -> Any:
    """Return the only value at a path; raises UnusableRowError where there is none or several."""
    found = values(row, path)
    if len(found) != 1:
        raise UnusableRowError(f"wrong_type:{path}")
    return found[0]


def _keys(row: object) -> str:
    """Return the row's first keys that are names, not somebody's words."""
    keys = [key for key in row if isinstance(key, str)] if isinstance(row, dict) else []
    return ", ".join([key for key in keys if _KEY.fullmatch(key)][:_MOST_KEYS]) or "no fields"
