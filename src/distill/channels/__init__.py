"""Raw interactions of any channel, read as params.yaml says into {"id", "channel", "input"}.

A file that cannot be read ends the stage with one line that names the file, the place and the
remedy. A row that cannot be used is quarantined in the ledger with a reason.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from distill.channels import mail, raw, turns, xml
from distill.channels.settings import Channel
from distill.errors import InputError
from distill.ledger import Ledger
from distill.records import Row

_LITTER = ("thumbs.db", "desktop.ini", "icon\r")
_FORMATS: dict[str, Callable[[Path, str, Any], Iterator[raw.Found]]] = {
    "turns": turns.rows,
    "xml": xml.rows,
    "email": mail.rows,
}


def read(
    source: Path,
    name: str,
    channel: Channel,
    ledger: Ledger,
    named: Callable[[str], str] = str,
) -> Iterator[Row]:
    """Yield the usable interactions of all files below source/<name>, in the files' order.

    `named` makes a row's id from its raw one. Unusable rows are quarantined in the ledger; the
    caller counts the rows that are ok. Raises InputError where there is no file, or where one is
    empty, damaged, or not of the channel's format.
    """
    folder = source / name
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _is_given(path.name))
    if not files:
        raise InputError(
            f"{folder}: no files; put the raw interactions there or correct `source` in params.yaml"
        )
    seen = raw.Ids()
    faults: dict[str, frozenset[str]] = {}
    for file in files:
        if file.stat().st_size == 0 and channel.format != "email":
            raise InputError(f"{file}: empty file; remove it or fill it")
        for where, make in _FORMATS[channel.format](file, raw.stem(file, folder), channel):
            ledger.enter()
            try:
                raw_id, text, left_out = make()
                if len(raw_id) > raw.MAX_ID:
                    raise raw.UnusableRowError("id_too_long")
                row_id = f"{name}-{named(raw_id)}"
                if not seen.add(row_id):
                    raise raw.UnusableRowError("duplicate_id", raw_id)
            except raw.UnusableRowError as fault:
                row_id = f"{name}-{named(fault.raw_id)}" if fault.raw_id else ""
                place = f"{where} ({fault.detail})" if fault.detail else where
                ledger.quarantine(row_id, fault.reason, raw.identifier(place))
                faults[fault.reason] = faults.get(fault.reason, fault.fields) & fault.fields
                continue
            ledger.note(left_out)
            yield {"id": row_id, "channel": name, "input": text}
    if not seen.count:
        _check_fields(folder, faults)


def _is_given(name: str) -> bool:
    """Return whether people put a file there: systems and editors leave others beside theirs."""
    return not name.startswith((".", "~$")) and name.lower() not in _LITTER


def _check_fields(folder: Path, faults: dict[str, frozenset[str]]) -> None:
    """Raise InputError where every row lacks the same field; it names those that all rows have."""
    reason, common = next(iter(faults.items()), ("", frozenset()))
    what, _, field = reason.partition(":")
    if len(faults) == 1 and what == "missing_field" and common:
        raise InputError(
            f"{folder}: no row has the field {field}; all have {', '.join(sorted(common)[:12])};"
            f" correct channels.{folder.name} in params.yaml"
        )
