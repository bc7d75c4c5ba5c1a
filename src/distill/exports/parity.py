"""Whether an export answers as its run does: the share of equal answers, word for word."""

import hashlib
import json
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from distill.errors import ExportError
from distill.llm.messages import Messages, Request
from distill.production import chat
from distill.records import Row
from distill.students.generate import LocalStudent


def drawn(rows: Iterable[Row], count: int) -> list[Row]:
    """Return `count` rows, the same ones each time, whatever their order and channel."""
    ranked = sorted(rows, key=lambda row: hashlib.sha256(row["id"].encode()).digest())
    return ranked[:count]


def local(student: LocalStudent, chats: Mapping[str, Messages]) -> dict[str, str]:
    """Return a student's answers on this machine, by row; rows that do not fit are left out."""
    asked = [Request(id=id, task="export", messages=messages) for id, messages in chats.items()]
    replies = zip(chats, student.complete(asked), strict=True)
    return {id: str(reply.text) for id, reply in replies if not reply.error}


def remote(
    url: str, chats: Mapping[str, Messages], settings: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the answers of a server of chat completions, by row.

    `settings` join each request: the most tokens, temperature 0, the base's penalties.
    """
    for id, messages in chats.items():
        body = json.dumps({"model": "export", "messages": messages, **settings}).encode()
        request = urllib.request.Request(
            f"{url}/chat/completions", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=600) as reply:
                found = json.load(reply)["choices"][0]["message"]["content"]
        except (OSError, ValueError, LookupError) as error:
            raise ExportError(f"export: {id}: the server gave no answer ({error})") from error
        yield id, str(found or "").strip()


def chats(folder: Path, rows: Iterable[Row]) -> dict[str, Messages]:
    """Return the chats that ask about the rows by the prompts of an export, by row."""
    return {row["id"]: chat.messages(folder, row["channel"], row["input"]) for row in rows}


def equal(left: Mapping[str, str], right: Mapping[str, str]) -> tuple[float | None, list[str]]:
    """Return the share of equal answers among the rows that both have, and the ids of the others.

    None where they share no row.
    """
    shared = [id for id in left if id in right]
    unlike = [id for id in shared if left[id] != right[id]]
    return (1 - len(unlike) / len(shared) if shared else None), unlike
