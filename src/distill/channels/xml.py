"""XML files of many records, safely parsed: one element is one form.

<submissions><submission id="7"><topic>Late parcel</topic> ... </submission> ... </submissions>

No document type or external file is ever read, and a record is freed after its use.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import iterparse

from distill.channels import kinds, raw, xml_names
from distill.channels.settings import Xml
from distill.channels.text import INLINE_TAGS, LINE_TAGS, entry, flat, shown
from distill.errors import InputError

_SPACE = re.compile(r"\{[^}]*\}")  # of names, which are read without their namespace
_FOLD = re.compile(r"\s*\n[ \t]+(?![ \t\n]|[-*•\d])")


def rows(path: Path, _: str, channel: Xml) -> Iterator[raw.Found]:
    """Yield each record; raises InputError for a damaged file, or XML malformed or hostile."""
    number = 0
    with closing(records(path, channel)) as found:
        for number, record in enumerate(found, start=1):
            yield f"{path}:record {number}", partial(_form, record, channel)
    if not number:
        raise InputError(
            f"{path}: no <{channel.record}> element; correct the channel's `record` in params.yaml"
        )


def records(path: Path, channel: Xml) -> Generator[Element, None, None]:
    """Yield each record once it is complete, and free it afterwards.

    A record inside another one, with an id of its own, comes first and is no part of the other.
    """
    above: list[Element] = []
    inside, tag = 0, _SPACE.sub("", channel.record)
    try:
        kinds.check_xml(path, kinds.head(path))
        with raw.opened(path) as stream:
            named = xml_names.Named(stream)
            _check_type(path, named)
            parser = xml_names.parser()
            for event, element in iterparse(named, events=("start", "end"), parser=parser):
                if event == "start":
                    element.tag = element.tag.rpartition("}")[2]
                    if any("}" in name for name in element.attrib):
                        element.attrib = {_SPACE.sub("", k): v for k, v in element.items()}
                    above.append(element)
                    inside += element.tag == tag
                    continue
                above.pop()
                inside -= element.tag == tag
                if element.tag == tag and not inside:
                    yield element
                elif element.tag == tag and _value(element, channel.id):
                    yield element
                    tail = element.tail  # is the outer record's
                    element.clear()
                    element.tail = tail
                if above and not inside:
                    above[-1].remove(element)
    except ParseError as error:
        raise _malformed(path, error, named) from error
    except (LookupError, ValueError) as error:  # of the encoding that its first line declares
        raise InputError(
            f"{path}:1: declares an encoding that cannot be read ({error}); convert the file to"
            " UTF-8, for example with iconv, and correct its first line"
        ) from error
    except raw.UNREADABLE as error:
        raise raw.unreadable(path, error) from error


def _check_type(path: Path, named: xml_names.Named) -> None:
    if named.has_own_type:
        raise InputError(
            f"{path}: declares a document type or entities, which could expand without end or read"
            " other files; remove the <!DOCTYPE ...> part"
        )


def _malformed(path: Path, error: ParseError, named: xml_names.Named) -> InputError:
    at, column = named.position(*error.position)
    if "invalid token" in str(error):
        for number, line, offset in _lines(path):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as fault:
                return raw.not_utf8(path, number, offset + fault.start)
    reason = str(error).partition(":")[0]
    return InputError(
        f"{path}:{at}: malformed XML at column {column + 1} ({reason}); correct it there"
    )


def _lines(path: Path) -> Iterator[tuple[int, bytes, int]]:
    offset = 0
    with raw.opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            yield number, line, offset
            offset += len(line)


def _form(record: Element, channel: Xml) -> raw.Interaction:
    raw_id = flat(_value(record, channel.id))
    if not raw_id:
        raise raw.UnusableRowError(f"missing_field:{channel.id}")
    values = {label: _value(record, path) for label, path in channel.fields.items()}
    return raw.checked(raw_id, [entry(label, value) for label, value in values.items() if value])


def _value(record: Element, path: str) -> str:
    """Return the text at a path, repeats joined; "@name" and "path/@name" read an attribute."""
    path, at, attribute = _SPACE.sub("", path).rpartition("@")
    path = (path if at else attribute).strip("/")
    elements = record.findall(path) if path else [record]
    found = (element.get(attribute, "") for element in elements) if at else map(_text, elements)
    return "; ".join(filter(None, (shown(text).strip() for text in found)))


def _text(element: Element) -> str:
    """Return the text of an element as a page shows it: an inner one is no part of a word."""
    pieces = [_unfolded(element.text)]
    waiting, ends = [iter(element)], [""]
    while waiting:
        inner = next(waiting[-1], None)
        if inner is None:
            waiting.pop()
            pieces.append(ends.pop())
            continue
        tag = inner.tag.lower()
        gap = "" if tag in INLINE_TAGS else "\n" if tag in LINE_TAGS else " "
        pieces += [gap, _unfolded(inner.text)]
        waiting.append(iter(inner))
        ends.append(gap + _unfolded(inner.tail))
    return "".join(pieces).strip()


def _unfolded(text: str | None) -> str:
    """Join the lines that an XML writer indents; a line that begins with no blank is the text's."""
    return _FOLD.sub(" ", text) if text else ""
