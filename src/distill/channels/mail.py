"""E-mail: files of one message (.eml, .emlx, Maildir) and of many (.mbox).

From: Eva Cole <eva@mail.example>
Message-ID: <7@mail.example>
Subject: My parcel

It never came.
--
Eva

becomes {"id": "227261a791fa0e2b"}, a digest of the Message-ID, with the lines
"From: Eva Cole <eva@mail.example>", "Subject: My parcel", "Message: It never came." and
"Signature: Eva". The id of a message without a Message-ID is its file and, in an mbox, its number.
Attachments are not read.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from email import policy
from email.message import Message
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from typing import IO

from distill.channels import body, charsets, kinds, mbox, quotes, raw
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Email
from distill.channels.text import entry, flat, shown
from distill.errors import InputError

MAX_HEADER_BYTES = 100_000
MAX_CONTENT_HEADER_BYTES = 2_000  # parsed again for every part


class _Policy(policy.Compat32):
    """Header fields as they stand in the source, with bounds."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        is_content = name.lower().startswith("content-")
        if len(value) > (MAX_CONTENT_HEADER_BYTES if is_content else MAX_HEADER_BYTES):
            raise UnusableRowError("too_large")
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


_FIRST = re.compile(rb"\A(?:\xef\xbb\xbf|[ \t]*\r?\n)+")  # before the first line of a message
_HEADER = re.compile(rb"(?:\xef\xbb\xbf|\s)*[A-Za-z][\w-]*:[ \t\r\n]")
_EMLX = re.compile(rb"(\d{1,9})[ \t]*\r?\n(?=[A-Za-z][\w-]*:)")
_PARSER = BytesParser(policy=_Policy())


def rows(path: Path, stem: str, channel: Email) -> Iterator[raw.Found]:
    """Yield each message; raises InputError for a damaged file or one of another format.

    What a file holds is told from its first lines: programs name mailboxes as they like.
    """
    number = 0
    try:
        begin = kinds.head(path)
        kinds.check_mail(path, begin)
        is_mbox = _FIRST.sub(b"", begin, count=1).startswith(b"From ")
        with raw.opened(path) as stream:
            if not is_mbox and raw.uncompressed(path).suffix.lower() != ".mbox":
                yield str(path), partial(letter, _single(stream, path, begin), stem, channel)
                return
            for number, content in enumerate(mbox.messages(stream), start=1):
                yield (
                    f"{path}:message {number}",
                    partial(letter, content, f"{stem}-{number}", channel),
                )
    except raw.UNREADABLE as error:
        raise raw.unreadable(path, error) from error
    if not number:
        raise InputError(
            f'{path}: does not begin with a "From " line, as an mbox does; name it .eml if it is'
            " one message"
        )


def _single(stream: IO[bytes], path: Path, begin: bytes) -> bytes:
    """Return the only message of a file; of Apple Mail's (.emlx) as much as its first line says."""
    if length := _EMLX.match(begin):
        stream.seek(length.end())
        return stream.read(min(int(length[1]), raw.MAX_RAW_BYTES + 1))
    if raw.uncompressed(path).suffix.lower() != ".eml" and not _HEADER.match(begin):
        raise InputError(
            f"{path}: no e-mail; it is no message, and no mbox file: move it elsewhere"
        )
    return stream.read(raw.MAX_RAW_BYTES + 1)


def letter(content: bytes, name: str, channel: Email) -> raw.Interaction:
    """Return the interaction of one message; `name` is its id where it has no Message-ID.

    Raises UnusableRowError where it is too large, malformed, in no known charset or empty.
    """
    if len(content) > raw.MAX_RAW_BYTES:
        raise UnusableRowError("too_large")
    raw_id = ""
    try:
        message = _PARSER.parsebytes(_FIRST.sub(b"", content, count=1))
        if not message.keys():
            raise UnusableRowError("broken_email")
        raw_id = _digest(raw.identifier(str(message["message-id"] or ""))) or name
        fields = {label: _header(message, header) for label, header in channel.fields.items()}
        parts = quotes.parts(body.text(message))
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id) from fault
    except UnicodeError as error:
        raise UnusableRowError("broken_unicode", raw_id) from error
    except Exception as error:  # the parser raises many types on malformed input
        raise UnusableRowError("broken_email", raw_id) from error
    fields["Message"] = parts.message
    fields["Signature"] = parts.signature if channel.signature == "keep" else ""
    fields["Quoted"] = parts.quoted if channel.quoted == "keep" else ""
    if not fields["Message"] and not fields["Quoted"]:
        raise UnusableRowError("encrypted" if body.is_sealed(message) else "empty_text", raw_id)
    return raw.checked(raw_id, [entry(label, value) for label, value in fields.items() if value])


def _digest(message_id: str) -> str:
    """Return a digest, since a Message-ID may name its sender's host."""
    plain = message_id.strip("<> ")
    return hashlib.blake2b(plain.encode("utf-8"), digest_size=8).hexdigest() if plain else ""


def _header(message: Message, name: str) -> str:
    values: list[str] = message.get_all(name, [])
    read = (charsets.header(it, "" if it.isascii() else _charset(message)) for it in values)
    return "; ".join(filter(None, (flat(shown(value)) for value in read)))


def _charset(message: Message) -> str:
    """Return the charset of the first part that names one."""
    return next((str(name) for name in message.get_charsets("") if name), "")
