"""The rows of a JSON file: a line each, the entries of an array, or lists within documents.

{"id": 1, ...}          [{"id": 1, ...},          {"tickets": [{"id": 1, ...}, ...],
{"id": 2, ...}           {"id": 2, ...}]           "next_page": null}        with `records: tickets`
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from distill.channels import kinds, paths, raw
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Turns
from distill.errors import InputError

_CHUNK = 1 << 16
_PIECE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)
_BETWEEN = b" \t\r\n,\x00\x1e"  # zeros of a file that a crash padded, separators of RFC 7464
_AROUND = " \t\r\n\x00\x1e\ufeff"
_BOM = b"\xef\xbb\xbf"


def parsed(content: object) -> Any:
    """Return the value of JSON text, and any other value as it is.

    Raises UnusableRowError where the text is broken or repeats a key, of which a parser would
    silently take the last, and where reading it raised one, which is the content then.
    """
    if isinstance(content, UnusableRowError):
        raise content
    if not isinstance(content, str):
        return content
    try:
        return json.loads(content, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise UnusableRowError("broken_json") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnusableRowError("repeated_key")
    return found


def rows(path: Path, channel: Turns) -> Iterator[raw.Numbered]:
    """Yield number, place and content of each row, or why it is unusable.

    Raises InputError for a damaged file, one of another format, or no rows.
    """
    number = 0
    lists = channel.turns is None and channel.id is None
    try:
        head = kinds.head(path)
        kinds.check_rows(path, head, channel)
        with raw.opened(path) as stream:
            if channel.records is not None:
                found = _listed(stream, path, channel.records)
            elif _is_array(head, lists):
                found = _entries(stream, path, 1)
            else:
                whole = _is_document(head) or _is_joined(head)
                found = _entries(stream, path, 0) if whole else _lines(stream, path)
            for number, where, row in found:
                yield number, where, row
    except raw.UNREADABLE as error:
        raise raw.unreadable(path, error) from error
    if not number:
        raise InputError(f"{path}: no rows in the file; remove it or fill it")


def _is_array(head: bytes, lists: bool) -> bool:
    """Return whether a file is an array of rows; `lists`: rows are lists themselves."""
    begin = re.sub(rb"\s", b"", head.removeprefix(_BOM))
    return begin.startswith(b"[[" if lists else b"[")


def _is_document(head: bytes) -> bool:
    """Return whether a row has several lines: neither of the first two is JSON."""
    lines = [line for line in head.removeprefix(_BOM).split(b"\n") if line.strip()]
    return len(lines) > 2 and not any(map(_is_json, lines[:2]))


def _is_joined(head: bytes) -> bool:
    """Return whether more than an end of line stands behind a row: a comma, or the next row."""
    text = head.removeprefix(_BOM).decode("utf-8", "ignore").lstrip(_AROUND)
    if not text.startswith("{"):
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip(" \t\r")[:1] in (",", "{") and text[end : end + 1] != "\n"


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(stream: IO[bytes], path: Path) -> Iterator[raw.Numbered]:
    """Yield each line that is not blank."""
    offset = number = 0
    while line := stream.readline(raw.MAX_RAW_BYTES):
        number += 1
        start, offset = offset, offset + len(line)
        text: str | UnusableRowError = UnusableRowError("too_large")
        if len(line) == raw.MAX_RAW_BYTES and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(raw.MAX_RAW_BYTES)
                offset += len(line)
        else:
            text = _decoded(line, path, number, start)
        if text:
            yield number, f"{path}:{number}", text


def _decoded(line: bytes, path: Path, number: int, offset: int) -> str:
    try:
        return line.decode("utf-8").strip(_AROUND)
    except UnicodeDecodeError as error:
        raise raw.not_utf8(path, number, offset + error.start) from error


def _entries(stream: IO[bytes], path: Path, level: int) -> Iterator[raw.Numbered]:
    """Yield the values within so many brackets: 1 for the entries of an array."""
    for number, content in enumerate(_values(stream, path, level), start=1):
        where = f"{path}:record {number}"
        try:
            yield number, where, content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{where}: not UTF-8; convert it, for example with iconv") from error


def _values(stream: IO[bytes], path: Path, level: int) -> Iterator[bytes]:
    buffer, size = stream.read(_CHUNK).removeprefix(_BOM), _CHUNK
    depth = start = at = 0  # open brackets, begin of the value, end of what was looked at
    while True:
        for match in _PIECE.finditer(buffer, at):
            piece = match[0]
            if piece == b'"':  # a string that goes on behind the buffer
                break
            at = match.end()
            opens, closes = piece in (b"[", b"{"), piece in (b"]", b"}")
            depth -= closes
            if (opens and depth <= level) or (closes and depth < level):
                if between := buffer[start : match.start()].strip(_BETWEEN):
                    yield between  # no list or object, and so no row
                start = match.start() if depth == level else at
            elif closes and depth == level:
                yield buffer[start:at]
                start = at
            depth += opens
        if not (more := stream.read(size)):
            break
        size = min(2 * size, raw.MAX_RAW_BYTES) if at == 0 else _CHUNK
        buffer, at, start = buffer[start:] + more, at - start, 0
        if len(buffer) > 2 * raw.MAX_RAW_BYTES:
            raise InputError(f"{path}: a record is larger than {raw.MAX_RAW_BYTES} bytes; split it")
    if depth:
        raise InputError(f"{path}: ends within a record, so it is cut off; export it again")
    if rest := buffer[start:].strip(_BETWEEN):
        yield rest


def _listed(stream: IO[bytes], path: Path, place: str) -> Iterator[raw.Numbered]:
    """Yield the entries of the lists at a place of each document, which are read as a whole."""
    number = 0
    for _, where, content in _entries(stream, path, 0):
        try:
            for found in paths.values(parsed(content), place):
                for row in found if isinstance(found, list) else [found]:
                    number += 1
                    yield number, f"{path}:record {number}", row
        except UnusableRowError as fault:
            raise InputError(
                f"{where}: {fault.reason}, read as a document with records at {place!r}; correct"
                " the file or the channel's `records` in params.yaml"
            ) from fault
