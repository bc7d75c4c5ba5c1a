"""Chats of turns: JSON lines, JSON arrays and documents, and tables with a row a turn.

{"id": "7", "turns": [{"speaker": "customer", "text": "hello"}, ...]}
{"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": null}, ...]}
{"ticket": {"id": 7}, "requester": {"id": 55},
 "comments": [{"author": {"id": 55}, "body": "<p>hello</p>"}, ...]}

The names in params.yaml are paths ("author.id"). With `id: null` the id of a row is its file and
line, "chats-12": such ids are stable as long as lines are only added at a file's end. With
`turns: null` the line itself is the list of turns, or, where `id` names a field, one turn of the
conversation with that id. A text may be a list of parts, of which those with a text are read. Of
the customer's turns those without a text are left out and counted: of a picture, for example.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from distill.channels import json_rows, paths, raw, speakers, table
from distill.channels.order import ordered
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Turns
from distill.channels.speakers import CUSTOMER
from distill.channels.text import entry, shown

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


def _raise(fault: UnusableRowError) -> raw.Interaction:
    raise fault


def chat(content: object, channel: Turns, raw_id: str = "") -> raw.Interaction:
    """Return the chat of one row, JSON text or its value; `raw_id` is its id if it has none.

    Raises UnusableRowError where the row has another structure than params.yaml says.
    """
    try:
        row = json_rows.parsed(content)
        if not isinstance(row, list if channel.turns is None else dict):
            raise UnusableRowError("wrong_type")
        if channel.id is not None:
            raw_id = _raw_id(row, channel.id)
        said = (
            list(row) if channel.turns is None else speakers.turns(row, channel.turns, channel.role)
        )
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id, fault.detail, fault.fields) from fault
    return _conversation(said, row, channel, raw_id)


def _conversation(said: list[object], row: object, channel: Turns, raw_id: str) -> raw.Interaction:
    try:
        labelled = _spoken(said, channel, speakers.customers(row, channel))
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id, fault.detail, fault.fields) from fault
    if not any(text for _, text in labelled):
        raise UnusableRowError("empty_text", raw_id)
    if not any(text for label, text in labelled if label == CUSTOMER):
        raise UnusableRowError("no_customer_turn", raw_id)
    lines = [entry(label, text) for label, text in labelled if text]
    silent = sum(label == CUSTOMER and not text for label, text in labelled)
    return raw.checked(raw_id, lines, ("customer_turn_without_text",) * silent)


def _raw_id(row: object, path: str) -> str:
    value = paths.one(row, path)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # programs that read numbers beside gaps write 7 as 7.0
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnusableRowError(f"wrong_type:{path}")
    raw_id = raw.identifier(str(value))
    if not raw_id:
        raise UnusableRowError(f"missing_field:{path}")
    return raw_id


def _spoken(said: list[object], channel: Turns, customers: set[str]) -> list[tuple[str, str]]:
    """Return label and text of each turn whose role is not dropped.

    A turn may have no text: a model only calls tools, a customer only sends a picture. Raises
    UnusableRowError where the customer's turns have none because the field is missing.
    """
    labels = [speakers.label(turn, channel, customers) for turn in said]
    found = [(label, turn) for label, turn in zip(labels, said, strict=True) if label is not None]
    turns, faults = [], []
    for label, turn in found if channel.order is None else ordered(found, channel.order):
        text = ""
        try:
            values = paths.values(turn, channel.text)
        except UnusableRowError as fault:
            faults += [fault] if label == CUSTOMER else []
        else:
            texts = [_text(value, channel.text) for value in values if value is not None]
            text = shown("\n".join(texts)).strip()
        turns.append((label, text))
    if faults and not any(text for label, text in turns if label == CUSTOMER):
        raise faults[0]
    return turns


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
