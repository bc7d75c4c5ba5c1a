"""Cached replies as a file, for another host of the team:

{"key": "9f86d081...", "model": "gpt-x", "max_tokens": 512, "reply": {"text": "...", ...}}

An import adds replies and replaces none, and adds all of a file or none.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distill.errors import InputError
from distill.llm.store import FIELDS, Store

_KEY = re.compile(r"[0-9a-f]{64}")
_PAGE = 1_000  # replies that are read at a time
_MOST = 2**31  # tokens, calls and the like
_TYPES = {
    "key": str, "max_tokens": int, "reply": dict, "text": str, "more": list, "logprobs": list,
    "truncated": bool, "model": str, "prompt_tokens": int, "completion_tokens": int, "calls": int,
}  # fmt: skip


def export(store: Store, path: Path) -> int:
    """Write all replies to a file that its owner alone may read; return their number.

    Raises InputError where the file cannot be written.
    """
    if not path.name or path.is_dir():
        raise InputError(f"{path}: cannot be written (Is a directory); name a file")
    temporary, count = path.with_name(f".{path.name}.{os.getpid()}.tmp"), 0
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii", newline="\n") as file:
            for key, reply, max_tokens, model in _replies(store):
                line = {"key": key, "model": model, "max_tokens": max_tokens, "reply": reply}
                file.write(json.dumps(line) + "\n")
                count += 1
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another") from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def _replies(store: Store) -> Iterator[tuple[str, Any, int, str]]:
    """Yield key, reply, cap and model of each reply by key."""
    sql = "SELECT key, reply, max_tokens, model FROM replies WHERE key > ? ORDER BY key LIMIT ?"
    last = ""
    while page := store.query(sql, [last, _PAGE]):
        for key, text, max_tokens, model in page:
            yield key, json.loads(text), max_tokens, model
        last = page[-1][0]


def import_(store: Store, path: Path) -> tuple[int, int]:
    """Add the replies of a file; return how many were added, and how many were there already.

    Raises InputError, naming file and line, where a line holds no reply; nothing is added then.
    """
    added = present = 0
    now = int(time.time())
    sql = "INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?)"
    with store.transaction():
        for line in _lines(path):
            reply = json.dumps({name: line["reply"][name] for name in FIELDS})
            values = [line["key"], reply, line["max_tokens"], line["model"], now]
            is_new = store.execute(sql, values)
            added, present = added + is_new, present + 1 - is_new
    return added, present


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as lines:
            for number, text in enumerate(lines, start=1):
                line = _parsed(text)
                if fault := _fault(line):
                    raise InputError(
                        f"{path}:{number}: no cached reply ({fault}); export the cache again and"
                        " copy the whole file; nothing was imported"
                    )
                yield line
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); correct its name") from error


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _fault(line: Any) -> str:
    """Return what is wrong with a line; "" for a reply."""
    if not isinstance(line, dict):
        return "not a line of JSON"
    if fault := _mistyped(line, ["key", "model", "max_tokens", "reply"]):
        return fault
    if not _KEY.fullmatch(line["key"]) or line["max_tokens"] < 1:
        return "key or max_tokens"
    reply = line["reply"]
    if fault := _mistyped(reply, FIELDS):
        return f"reply.{fault}"
    if not all(isinstance(text, str) for text in reply["more"]):
        return "reply.more"
    return "" if all(map(_is_token, reply["logprobs"])) else "reply.logprobs"


def _mistyped(value: dict[str, Any], names: list[str]) -> str:
    """Return the first name whose value is missing, of another type or size, or is unknown."""
    for name in [*names, *value]:
        found = value.get(name)
        if name not in names or type(found) is not _TYPES[name]:
            return name
        if isinstance(found, int) and not 0 <= found < _MOST:
            return name
        if name == "model" and not str(found).isprintable():  # half of a surrogate pair
            return name
    return ""


def _is_token(value: Any) -> bool:
    """Whether a value is a token and its alternatives with their log probabilities.

    json reads NaN and infinities, too.
    """
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], dict)
        and all(type(one) in (float, int) and abs(one) < _MOST for one in value[1].values())
    )
