"""Who speaks in a turn: its role, as the label that `roles` gives it.

The role stands in the turn, or above it, where `turns` leads through what holds it:

{"participants": [{"role": "agent", "messages": [{"text": "hello"}]}]}    with
turns: participants.messages    and    role: participants.role
"""

from itertools import takewhile

from distill.channels import json_rows, paths, raw
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Turns

CUSTOMER = "Customer"
_FLAGS = ("true", "false")
OTHERS = "*"  # in `roles`, every role that is not listed


def customers(row: object, channel: Turns) -> set[str]:
    """Return the roles that are the customer's in this row, as its own field names them."""
    if channel.customer is None:
        return set()
    return {_name(value, channel.customer) for value in paths.values(row, channel.customer)}


def turns(row: object, places: str | list[str], role: str) -> list[object]:
    """Return the turns at a path or at several, one after the other; lists are joined.

    A turn below the holder of its role has it as its own field, whose name is the whole path.
    """
    several = [places] if isinstance(places, str) else places
    return [turn for path in several for turn in _turns(row, path, role)]


def _turns(row: object, path: str, role: str) -> list[object]:
    found = [_unpacked(value) for value in paths.values(row, path)]
    if not all(isinstance(value, list | dict) for value in found):
        raise UnusableRowError(f"wrong_type:{path}")
    above = _shared(path, role)
    if not above:
        return _entries(found)
    size = len(above) + 1
    return [
        turn
        for holder in _entries(paths.values(row, above))
        for turn in _held(holder, path[size:], role, role[size:])
    ]


def _unpacked(value: object) -> object:
    """Return the turns that a column of a table or a database holds as JSON text."""
    is_json = isinstance(value, str) and value.lstrip().startswith(("[", "{"))
    return json_rows.parsed(value) if is_json else value


def _shared(path: str, role: str) -> str:
    """Return the path of what holds turns and role: "" where the role stands in the turn."""
    keys = path.split("."), role.split(".")
    same = [key for key, _ in takewhile(lambda pair: pair[0] == pair[1], zip(*keys, strict=False))]
    return ".".join(same) if len(same) < min(map(len, keys)) else ""


def _entries(values: list[object]) -> list[object]:
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def _held(holder: object, path: str, name: str, role: str) -> list[object]:
    """Return the turns of one holder, each with the role under `name`, where it has one."""
    try:
        held = _entries(paths.values(holder, path))
    except UnusableRowError:  # one who says nothing
        return []
    try:
        known = {name: paths.one(holder, role)}
    except UnusableRowError:
        return held
    return [known | turn if isinstance(turn, dict) else turn for turn in held]


def label(turn: object, channel: Turns, customers: set[str]) -> str | None:
    """Return who speaks, None where the role is dropped; raises UnusableRowError if unknown."""
    try:
        role = _name(paths.one(turn, channel.role), channel.role)
    except UnusableRowError as fault:
        if not (fault.reason.startswith("missing_field") and "null" in channel.roles):
            raise
        role = "null"
    if role in customers:
        return CUSTOMER
    if role not in channel.roles and role.lower() in _FLAGS:
        role = role.lower()  # in a table
    if role in channel.roles:
        return channel.roles[role]
    if OTHERS in channel.roles:
        return channel.roles[OTHERS]
    raise UnusableRowError("unknown_role", detail=f"role {raw.identifier(role)[:80]!r}")


def _name(value: object, path: str) -> str:
    """Return a role as `roles` writes it: a flag as "true", nobody as "null"."""
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int):
        return str(value)
    raise UnusableRowError(f"wrong_type:{path}")
