"""Raw interactions of any channel, read by params alone into {"id", "channel", "text"}.

A file that cannot be read ends the stage with one line that names the file, the place and the
mend. A row that cannot be used is quarantined in the ledger with a reason, and the others go on.
"""

import gzip
import json
import lzma
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from arf.errors import InputError
from arf.ledger import Ledger
from arf.params import Channel, Turns, Xml
from arf.records import Row

CUSTOMER = "Customer"
MAX_TEXT_BYTES = 1_000_000  # of one interaction
_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
_UNREADABLE = (EOFError, OSError, lzma.LZMAError, zlib.error)


class UnusableRowError(Exception):
    """One row cannot be used; `reason` is the ledger's slug."""

    def __init__(self, reason: str, raw_id: str = ""):
        super().__init__(reason)
        self.reason, self.raw_id = reason, raw_id


def read(source: Path, name: str, channel: Channel, ledger: Ledger) -> Iterator[Row]:
    """Yield the usable interactions of all files below source/<name>, in the files' order.

    Unusable rows go to the ledger; `ok` is left to the caller. Raises InputError where there is
    no file, or where one is empty, damaged, not UTF-8, or XML that is malformed or hostile.
    """
    folder = source / name
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    if not files:
        raise InputError(
            f"{folder}: no files; put the raw interactions there or correct `source` in params.yaml"
        )
    seen: set[str] = set()
    for file in files:
        if file.stat().st_size == 0:
            raise InputError(f"{file}: empty file; remove it or fill it")
        rows = _turns_rows if isinstance(channel, Turns) else _xml_rows
        for where, make in rows(file, cast(Any, channel)):
            try:
                raw_id, text = make()
                row_id = f"{name}-{raw_id}"
                if row_id in seen:
                    raise UnusableRowError("duplicate_id", raw_id)
            except UnusableRowError as fault:
                row_id = f"{name}-{fault.raw_id}" if fault.raw_id else ""
                ledger.quarantine(row_id, fault.reason, where)
                continue
            seen.add(row_id)
            yield {"id": row_id, "channel": name, "text": text}


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], _OPENERS.get(path.suffix, open)(path, "rb"))


def _unreadable(path: Path, error: BaseException) -> InputError:
    mend = "compress it again" if path.suffix in _OPENERS else "check the disk and its permissions"
    return InputError(f"{path}: cannot be read ({' '.join(str(error).split())}); {mend}")


def _not_utf8(path: Path, line: int, offset: int) -> InputError:
    return InputError(
        f"{path}:{line}: not UTF-8 (byte {offset} of the file); convert it, for example with iconv"
    )


def _flat(text: str) -> str:
    """One line: every run of blanks, line ends and control characters becomes one blank."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()


def _checked(raw_id: str, lines: list[str]) -> tuple[str, str]:
    text = "\n".join(lines)
    if not text:
        raise UnusableRowError("empty_text", raw_id)
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as error:  # half of a surrogate pair, written as "\ud83d"
        raise UnusableRowError("broken_unicode", raw_id) from error
    if size > MAX_TEXT_BYTES:
        raise UnusableRowError("too_large", raw_id)
    return raw_id, text


# --- turns: JSON lines ----------------------------------------------------------------------


def _turns_rows(path: Path, channel: Turns) -> Iterator[tuple[str, Callable[[], tuple[str, str]]]]:
    for number, line in _lines(path):
        yield f"{path}:{number}", lambda line=line: _chat(line, channel)  # type: ignore[misc]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    offset = 0
    found = False
    try:
        with _open(path) as stream:
            for number, raw in enumerate(stream, start=1):
                try:
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                except UnicodeDecodeError as error:
                    raise _not_utf8(path, number, offset + error.start) from error
                offset += len(raw)
                if line:
                    found = True
                    yield number, line
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error
    if not found:
        raise InputError(f"{path}: no rows in the file; remove it or fill it")


def _chat(line: str, channel: Turns) -> tuple[str, str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnusableRowError("broken_json") from error
    if not isinstance(row, dict):
        raise UnusableRowError("wrong_type")
    raw_id = _raw_id(_field(row, channel.id))
    try:
        turns = _field(row, channel.turns)
        if not isinstance(turns, list):
            raise UnusableRowError("wrong_type")
        said = [turn for turn in (_turn(turn, channel) for turn in turns) if turn is not None]
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id) from fault
    if not any(text for _, text in said):
        raise UnusableRowError("empty_text", raw_id)
    if not any(text for label, text in said if label == CUSTOMER):
        raise UnusableRowError("no_customer_turn", raw_id)
    return _checked(raw_id, [f"{label}: {text}" for label, text in said if text])


def _field(row: object, key: str) -> Any:
    if not isinstance(row, dict):
        raise UnusableRowError("wrong_type")
    if key not in row:
        raise UnusableRowError("missing_field")
    return row[key]


def _raw_id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnusableRowError("wrong_type")
    raw_id = _flat(str(value))
    if not raw_id:
        raise UnusableRowError("missing_field")
    return raw_id.encode("utf-8", "replace").decode("utf-8")


def _turn(turn: object, channel: Turns) -> tuple[str, str] | None:
    """The turn's label and text; None where the role is dropped."""
    role = _field(turn, channel.role)
    if not isinstance(role, str):
        raise UnusableRowError("wrong_type")
    if role not in channel.roles:
        raise UnusableRowError("unknown_role")
    label = channel.roles[role]
    if label is None:
        return None
    text = _field(turn, channel.text)
    if not isinstance(text, str):
        raise UnusableRowError("wrong_type")
    return label, _flat(text)


# --- xml: one element per form --------------------------------------------------------------


def _xml_rows(path: Path, channel: Xml) -> Iterator[tuple[str, Callable[[], tuple[str, str]]]]:
    number = 0
    with closing(_records(path, channel.record)) as found:
        for number, record in enumerate(found, start=1):
            yield f"{path}:record {number}", lambda record=record: _form(record, channel)  # type: ignore[misc]
    if not number:
        raise InputError(
            f"{path}: no <{channel.record}> element; correct the channel's `record` in params.yaml"
        )


def _records(path: Path, tag: str) -> Generator[Element, None, None]:
    """Yield each record once it is complete; what has been read is let go."""
    above: list[Element] = []
    inside = 0
    try:
        with _open(path) as stream:
            events = iterparse(stream, events=("start", "end"), forbid_dtd=True)
            for event, element in events:
                if event == "start":
                    element.tag = element.tag.rpartition("}")[2]
                    above.append(element)
                    inside += element.tag == tag
                    continue
                above.pop()
                inside -= element.tag == tag
                if element.tag == tag and not inside:
                    yield element
                if above and not inside:
                    above[-1].remove(element)
    except ParseError as error:
        raise _malformed(path, error) from error
    except DefusedXmlException as error:
        raise InputError(
            f"{path}: declares a document type or entities, which could expand without end or read"
            " other files; remove the <!DOCTYPE ...> part"
        ) from error
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def _malformed(path: Path, error: ParseError) -> InputError:
    line, column = error.position
    if "invalid token" in str(error):
        for number, raw, offset in _raw_lines(path):
            try:
                raw.decode("utf-8")
            except UnicodeDecodeError as fault:
                return _not_utf8(path, number, offset + fault.start)
    reason = str(error).partition(":")[0]
    return InputError(
        f"{path}:{line}: malformed XML at column {column + 1} ({reason}); mend it there"
    )


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes, int]]:
    offset = 0
    with _open(path) as stream:
        for number, raw in enumerate(stream, start=1):
            yield number, raw, offset
            offset += len(raw)


def _form(record: Element, channel: Xml) -> tuple[str, str]:
    raw_id = _flat(_value(record, channel.id))
    if not raw_id:
        raise UnusableRowError("missing_field")
    values = {label: _flat(_value(record, path)) for label, path in channel.fields.items()}
    return _checked(raw_id, [f"{label}: {value}" for label, value in values.items() if value])


def _value(record: Element, path: str) -> str:
    """The text at a path; "@name", or "path/@name", reads an attribute; repeats are joined."""
    path, at, attribute = path.rpartition("@")
    path = path.strip("/") if at else attribute
    elements = record.findall(path) if path else [record]
    if at:
        return "; ".join(filter(None, (element.get(attribute, "") for element in elements)))
    return "; ".join(filter(None, ("".join(element.itertext()).strip() for element in elements)))
