"""E-mail: .eml files of one message and .mbox files of many.

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

import codecs
import hashlib
import re
from collections.abc import Iterator, Sequence
from email.errors import InvalidBase64LengthDefect
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from functools import partial
from pathlib import Path
from typing import IO, cast

from distill.channels import html_text, quotes, raw
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Email
from distill.errors import InputError

MAX_BODY_BYTES = 5 * raw.MAX_TEXT_BYTES  # of one text part, markup and history included
MAX_HEADER_BYTES = 100_000
MAX_CONTENT_HEADER_BYTES = 2_000  # parsed again for every part
_CHUNK = 65_536
_FROM = re.compile(rb"From (?:-|[^\s@]+@\S+|.*\d\d:\d\d.*)?\s*")
_NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")  # Python's own codecs
_ALIASES = {"iso-8859-1": "cp1252", "latin-1": "cp1252"}  # as browsers do


class _Policy(EmailPolicy):
    """The default policy with bounds: parsing a header takes time quadratic in its length."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        is_content = name.lower().startswith("content-")
        if len(value) > (MAX_CONTENT_HEADER_BYTES if is_content else MAX_HEADER_BYTES):
            raise UnusableRowError("too_large")
        return name, value


_PARSER = BytesParser(policy=_Policy())


def rows(path: Path, stem: str, channel: Email) -> Iterator[raw.Found]:
    """Yield each message; raises InputError for a damaged file or one of another format."""
    ending = raw.uncompressed(path).suffix.lower()
    if ending not in (".eml", ".mbox"):
        raise InputError(f"{path}: neither .eml nor .mbox; rename it or move it elsewhere")
    try:
        with raw.opened(path) as stream:
            if ending == ".eml":
                content = stream.read(raw.MAX_RAW_BYTES + 1)
                yield str(path), partial(letter, content, stem, channel)
                return
            number = 0
            for number, content in enumerate(_messages(stream), start=1):
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


def _messages(stream: IO[bytes]) -> Iterator[bytes]:
    """Split an mbox at its "From " lines; of a message, at most one byte too many is held."""
    held: bytearray | None = None
    ended = blank = True
    while chunk := stream.readline(_CHUNK):
        if blank and _FROM.fullmatch(chunk):
            if held is not None:
                yield _unquoted(held)
            held = bytearray()
        elif held is not None:
            held += chunk[: raw.MAX_RAW_BYTES + 1 - len(held)]
        elif chunk.strip():
            return
        blank = ended and chunk in (b"\n", b"\r\n")
        ended = chunk.endswith(b"\n")
    if held is not None:
        yield _unquoted(held)


def _unquoted(content: bytearray) -> bytes:
    return bytes(re.sub(rb"(?m)^>(>*From )", rb"\1", content))


def letter(content: bytes, name: str, channel: Email) -> tuple[str, str]:
    """Return (id, text) of one message; `name` is its id where it has no Message-ID.

    Raises UnusableRowError where it is too large, malformed, in no known charset or empty.
    """
    if len(content) > raw.MAX_RAW_BYTES:
        raise UnusableRowError("too_large")
    raw_id = ""
    try:
        message = cast(EmailMessage, _PARSER.parsebytes(content))
        if not message.keys():
            raise UnusableRowError("broken_email")
        raw_id = _digest(raw.identifier(str(message["message-id"] or ""))) or name
        fields = {label: _header(message, header) for label, header in channel.fields.items()}
        body = _body(message)
    except UnusableRowError as fault:
        raise UnusableRowError(fault.reason, raw_id) from fault
    except Exception as error:  # the parser raises many types on malformed input
        raise UnusableRowError("broken_email", raw_id) from error
    parts = quotes.parts(body)
    fields["Message"] = parts.message
    fields["Signature"] = parts.signature if channel.signature == "keep" else ""
    fields["Quoted"] = parts.quoted if channel.quoted == "keep" else ""
    if not fields["Message"] and not fields["Quoted"]:
        raise UnusableRowError("empty_text", raw_id)
    return raw.checked(raw_id, [f"{label}: {value}" for label, value in fields.items() if value])


def _digest(message_id: str) -> str:
    """Return a digest, since a Message-ID may name its sender's host."""
    plain = message_id.strip("<> ")
    return hashlib.blake2b(plain.encode("utf-8"), digest_size=8).hexdigest() if plain else ""


def _header(message: EmailMessage, name: str) -> str:
    text = "; ".join(filter(None, (raw.flat(str(v)) for v in message.get_all(name, []))))
    if "\ufffd" in text:  # stands for bytes that cannot be decoded
        raise UnusableRowError("broken_unicode")
    return text


def _body(part: EmailMessage) -> str:
    """Return the text of a message or of one of its parts; an attachment has none."""
    kind = part.get_content_type()
    if part.is_attachment() or part.get_filename():
        return ""
    if kind.startswith("multipart/"):
        if not part.is_multipart():
            raise UnusableRowError("broken_email")
        inner = cast(list[EmailMessage], list(part.iter_parts()))
        if kind == "multipart/alternative":
            inner.sort(key=lambda part: part.get_content_type() != "text/plain")
            return next(filter(None, map(_body, inner)), "")
        return "\n".join(filter(None, map(_body, inner)))
    if kind not in ("text/plain", "text/html"):
        return ""
    content = cast(bytes, part.get_payload(decode=True))
    if any(isinstance(defect, InvalidBase64LengthDefect) for defect in part.defects):
        raise UnusableRowError("broken_email")
    text = _decoded(content, part.get_content_charset("ascii"))
    return html_text.text(text) if kind == "text/html" else text.strip()


def _decoded(content: bytes, charset: str) -> str:
    if len(content) > MAX_BODY_BYTES:
        raise UnusableRowError("too_large")
    for name in (_ALIASES.get(charset, charset), "utf-8"):
        try:
            if codecs.lookup(name).name not in _NO_CHARSETS:
                return content.decode(name)
        except (LookupError, ValueError):
            continue
    raise UnusableRowError("broken_unicode")
