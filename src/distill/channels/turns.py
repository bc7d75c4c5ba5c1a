"""JSON lines of turns: chats with a bot, with an agent, and OpenAI-style messages.

{"id": "7", "turns": [{"speaker": "customer", "text": "hello"}, ...]}
{"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": null}, ...]}

With `id: null` in params.yaml the id of a row is its file and line, "chats-12": such ids are stable
as long as lines are only added at a file's end. With `turns: null` the line itself is the list of
turns. A text may be OpenAI's list of content parts, of which the text parts are read.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from distill.channels import raw
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Turns
from distill.errors import InputError

CUSTOMER = "Customer"
_TEXT_PARTS = ("text", "input_text", "output_text")


def rows(path: Path, stem: str, channel: Turns) -> Iterator[raw.Found]:
    """Yield each line that is not blank; raises InputError for a damaged file or no rows."""
    for number, line in _lines(path):
        raw_id = f"{stem}-{number}" if channel.id is None else ""
        yield f"{path}:{number}", partial(chat, line, channel, raw_id)


def _lines(path: Path) -> Iterator[tuple[int, str | None]]:
    """Yield each line with its number; None for a line beyond the size limit."""
    offset = number = 0
    found = False
    try:
        with raw.opened(path) as stream:
            while line := stream.readline(raw.MAX_RAW_BYTES):
                number += 1
                start, offset = offset, offset + len(line)
                if len(line) == raw.MAX_RAW_BYTES and not line.endswith(b"\n"):
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(raw.MAX_RAW_BYTES)
                        offset += len(line)
                    text = None
                else:
                    text = _decoded(line, path, number, start)
                if text is None or text:
                    found = True
                    yield number, text
    except raw.UNREADABLE as error:
        raise raw.unreadable(path, error) from error
    if not found:
        raise InputError(f"{path}: no rows in the file; remove it or fill it")


def _decoded(line: bytes, path: Path, number: int, offset: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
    except UnicodeDecodeError as error:
        raise raw.not_utf8(path, number, offset + error.start) from error


def chat(line: str | None, channel: Turns, raw_id: str = "") -> tuple[str, str]:
    """Return (id, text) of one line; `raw_id` is the id where params.yaml names no field for it.

    Raises UnusableRowError where the line has another structure than params.yaml says.
    """
    if line is None:
        raise UnusableRowError("too_large", raw_id)
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnusableRowError("broken_json", raw_id) from error
    if not isinstance(row, list if channel.turns is None else dict):
        raise UnusableRowError("wrong_type", raw_id)
    if channel.id is not None:
        raw_id = _raw_id(_field(row, channel.id), channel.id)
    try:
        turns = row if channel.turns is None else _field(row, channel.turns)
        if not isinstance(turns, list):
            raise UnusableRowError(f"wrong_type:{channel.turns}")
        labelled = [turn for turn in (_turn(turn, channel) for turn in turns) if turn is not None]
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id) from fault
    if not any(text for _, text in labelled):
        raise UnusableRowError("empty_text", raw_id)
    if not any(text for label, text in labelled if label == CUSTOMER):
        raise UnusableRowError("no_customer_turn", raw_id)
    return raw.checked(raw_id, [f"{label}: {text}" for label, text in labelled if text])


def _field(row: object, key: str) -> Any:
    if not isinstance(row, dict):
        raise UnusableRowError("wrong_type")
    if key not in row:
        raise UnusableRowError(f"missing_field:{key}")
    return row[key]


def _raw_id(value: object, key: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnusableRowError(f"wrong_type:{key}")
    raw_id = raw.identifier(str(value))
    if not raw_id:
        raise UnusableRowError(f"missing_field:{key}")
    return raw_id


def _turn(turn: object, channel: Turns) -> tuple[str, str] | None:
    """Return the turn's label and text; None where the role is dropped."""
    role = _field(turn, channel.role)
    if not isinstance(role, str):
        raise UnusableRowError(f"wrong_type:{channel.role}")
    if role not in channel.roles:
        raise UnusableRowError("unknown_role")
    label = channel.roles[role]
    if label is None:
        return None
    if label != CUSTOMER and isinstance(turn, dict) and turn.get(channel.text) is None:
        return label, ""  # a model that only calls tools has no text; a customer always has
    return label, raw.flat(_text(_field(turn, channel.text), channel.text))


def _text(value: object, key: str) -> str:
    parts = value if isinstance(value, list) else [{"type": "text", "text": value}]
    texts = [_field(part, "text") for part in parts if _field(part, "type") in _TEXT_PARTS]
    if not all(isinstance(text, str) for text in texts):
        raise UnusableRowError(f"wrong_type:{key}")
    return " ".join(texts)
