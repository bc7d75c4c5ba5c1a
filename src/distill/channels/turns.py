"""Chats of turns: JSON lines, JSON arrays and documents, and tables with a row a turn.

{"id": "7", "turns": [{"speaker": "customer", "text": "hello"}, ...]}
{"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": null}, ...]}
{"ticket": {"id": 7}, "requester": {"id": 55},
 "comments": [{"author": {"id": 55}, "body": "<p>hello</p>"}, ...]}

The names in params.yaml are paths ("author.id"). With `id: null` the id of a row is its file and
line, "chats-12": such ids are stable as long as lines are only added at a file's end. With
`turns: null` the line itself is the list of turns, or, where `id` names a field, one turn of the
conversation with that id. A text may be a list of parts, of which those with a text are read.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from distill.channels import json_rows, paths, raw, table
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Turns
from distill.channels.text import entry, shown

CUSTOMER = "Customer"
OTHERS = "*"  # in `roles`, every role that is not listed
_UNREAD_PARTS = ("reasoning", "thinking", "summary", "tool")  # how their types begin


def rows(path: Path, stem: str, channel: Turns) -> Iterator[raw.Found]:
    """Yield each conversation; raises InputError for a damaged file or one of another format."""
    found = table.rows(path) if table.is_table(path) else json_rows.rows(path, channel)
    if channel.turns is None and channel.id is not None:
        yield from _gathered(found, channel.id, channel)
        return
    for number, where, row in found:
        raw_id = f"{stem}-{number}" if channel.id is None else ""
        yield where, partial(chat, row, channel, raw_id)


def _gathered(found: Iterator[raw.Numbered], key: str, channel: Turns) -> Iterator[raw.Found]:
    """Yield the conversations whose turns are rows of their own, in the order of their firsts."""
    turns: dict[str, list[object]] = {}
    places: dict[str, str] = {}
    for _, where, row in found:
        try:
            turn = json_rows.parsed(row)
            raw_id = _raw_id(turn, key)
        except UnusableRowError as fault:
            yield where, partial(_raise, fault)
            continue
        turns.setdefault(raw_id, []).append(turn)
        places.setdefault(raw_id, where)
    for raw_id, said in turns.items():
        yield places[raw_id], partial(_conversation, said, said[0], channel, raw_id)


def _raise(fault: UnusableRowError) -> tuple[str, str]:
    raise fault


def chat(content: object, channel: Turns, raw_id: str = "") -> tuple[str, str]:
    """Return (id, text) of one row, JSON text or its value; `raw_id` is its id if it has none.

    Raises UnusableRowError where the row has another structure than params.yaml says.
    """
    try:
        row = json_rows.parsed(content)
        if not isinstance(row, list if channel.turns is None else dict):
            raise UnusableRowError("wrong_type")
        if channel.id is not None:
            raw_id = _raw_id(row, channel.id)
        said = list(row) if channel.turns is None else _turns(row, channel.turns)
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id, fault.detail, fault.fields) from fault
    return _conversation(said, row, channel, raw_id)


def _conversation(said: list[object], row: object, channel: Turns, raw_id: str) -> tuple[str, str]:
    try:
        customers = _customers(row, channel)
        turns = [_turn(turn, channel, customers) for turn in said]
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id, fault.detail, fault.fields) from fault
    labelled = [turn for turn in turns if turn is not None]
    if not any(text for _, text in labelled):
        raise UnusableRowError("empty_text", raw_id)
    if not any(text for label, text in labelled if label == CUSTOMER):
        raise UnusableRowError("no_customer_turn", raw_id)
    return raw.checked(raw_id, [entry(label, text) for label, text in labelled if text])


def _turns(row: object, places: str | list[str]) -> list[object]:
    """Return the turns at a path or at several, one after the other; lists are joined."""
    turns: list[object] = []
    for path in [places] if isinstance(places, str) else places:
        found = paths.values(row, path)
        if not all(isinstance(value, list | dict) for value in found):
            raise UnusableRowError(f"wrong_type:{path}")
        for value in found:
            turns += value if isinstance(value, list) else [value]
    return turns


def _raw_id(row: object, path: str) -> str:
    value = paths.one(row, path)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnusableRowError(f"wrong_type:{path}")
    raw_id = raw.identifier(str(value))
    if not raw_id:
        raise UnusableRowError(f"missing_field:{path}")
    return raw_id


def _customers(row: object, channel: Turns) -> set[str]:
    """Return the roles that are the customer's in this row, as its own field names them."""
    if channel.customer is None:
        return set()
    return {_name(value, channel.customer) for value in paths.values(row, channel.customer)}


def _turn(turn: object, channel: Turns, customers: set[str]) -> tuple[str, str] | None:
    """Return the turn's label and text; None where the role is dropped."""
    label = _label(turn, channel, customers)
    if label is None:
        return None
    try:
        values = paths.values(turn, channel.text)
    except UnusableRowError:
        if label == CUSTOMER:
            raise
        return label, ""
    if label != CUSTOMER and values == [None]:
        return label, ""  # a model that only calls tools has no text; a customer always has
    return label, shown("\n".join(_text(value, channel.text) for value in values)).strip()


def _label(turn: object, channel: Turns, customers: set[str]) -> str | None:
    try:
        role = _name(paths.one(turn, channel.role), channel.role)
    except UnusableRowError as fault:
        if not (fault.reason.startswith("missing_field") and "null" in channel.roles):
            raise
        role = "null"
    if role in customers:
        return CUSTOMER
    if role in channel.roles:
        return channel.roles[role]
    if OTHERS in channel.roles:
        return channel.roles[OTHERS]
    raise UnusableRowError("unknown_role", detail=f"role {raw.identifier(role)[:80]!r}")


def _name(value: object, path: str) -> str:
    """Return a role as `roles` writes it: a flag as "true", nobody as "null"."""
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, str | int):
        return str(value)
    raise UnusableRowError(f"wrong_type:{path}")


def _text(value: object, key: str) -> str:
    """Return a text, or the texts of a list of parts: {"type": "text", "text": "hello"}."""
    texts = []
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict):
            if "text" not in part and "type" not in part:
                raise UnusableRowError(f"wrong_type:{key}")
            if "text" not in part or str(part.get("type")).startswith(_UNREAD_PARTS):
                continue
            part = part["text"]  # noqa: PLW2901
        if not isinstance(part, str):
            raise UnusableRowError(f"wrong_type:{key}")
        texts.append(part)
    return " ".join(texts)
