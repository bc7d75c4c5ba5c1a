"""The body of an e-mail: which of its parts are read, and how each becomes text.

A text part is read unless it is an attachment, named or not. Of alternatives the plain one is,
unless it only says that there is another. What is encrypted cannot be read and says so.
"""

import base64
import binascii
import quopri
import re
from email.message import Message
from itertools import takewhile
from typing import cast

from distill.channels import charsets, html_text
from distill.channels.raw import MAX_TEXT_BYTES, UnusableRowError
from distill.channels.text import flat, shown

MAX_BYTES = 5 * MAX_TEXT_BYTES  # of one text part, markup and history included
_ENCRYPTED = ("multipart/encrypted", "application/x-microsoft-rpmsg-message")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_TEXTS = ("text/plain", "plain/text", "text/markdown", "text/x-markdown")  # read as they stand
_RICH = ("text/enriched", "text/richtext")
_RICH_TAG = re.compile(r"</?[A-Za-z-]{1,60}>")
_SOFT_END = re.compile(rb"=[ \t]+(?=\r?\n)")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*")
_BASE64_DIGITS = re.compile(rb"[A-Za-z0-9+/]+")
_ARMOR = "-----BEGIN PGP MESSAGE-----"
_SIGNED = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Z][\w-]*: .*\n)*\n(?P<text>.*?)\n?"
    r"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----|\Z)",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(
    r"\b(?:html|mime|browser)\b|plain[ -]text|text version|e-?mail (?:client|program|reader|view)",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S+|\[cid:[^\]]*\]")
_LONGEST_PLACEHOLDER = 300  # characters
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u034f\\s]+")


def text(part: Message) -> str:
    """Return the text of a message or of one of its parts; "" where it has none.

    Raises UnusableRowError where a part is cut off, encrypted, too large or in no known charset.
    """
    kind = part.get_content_type().partition(" ")[0]
    if kind in _ENCRYPTED:
        raise UnusableRowError("encrypted")
    if part.get_content_disposition() == "attachment":
        return ""
    if kind.startswith("multipart/"):
        if not part.is_multipart():
            raise UnusableRowError("broken_email")
        inner = cast(list[Message], part.get_payload())
        if kind == "multipart/alternative":
            return _alternative(inner)
        return "\n".join(filter(None, map(text, inner)))
    if kind == "text/html":
        return html_text.text(_decoded(part))
    if kind in _RICH:
        return _plain(part, _RICH_TAG)
    return _plain(part) if kind in _TEXTS else ""


def is_sealed(message: Message) -> bool:
    """Return whether a part is in S/MIME, which only its recipient can read."""
    return any(part.get_content_type() in _SEALED for part in message.walk())


def _alternative(parts: list[Message]) -> str:
    """Return the plain text, or else what is not blank and no placeholder for the rest."""
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    written = next(filter(None, map(text, plain)), "")
    if len(written) > _LONGEST_PLACEHOLDER:
        return written
    others = sorted((part for part in parts if part not in plain), key=_is_lesser)
    rich = next(filter(None, map(text, others)), "")
    return rich if rich and (not written or _only_stands_for(written, rich)) else written


def _is_lesser(part: Message) -> bool:
    return part.get_content_type() in (*_TEXTS, *_RICH)


def _only_stands_for(written: str, rich: str) -> bool:
    """Return whether a short plain text is no rendering of the other one."""
    if _PLACEHOLDER.search(written):
        return flat(written) not in flat(rich)
    words, others = (re.findall(r"\w+", _LINK.sub("", one).lower()) for one in (written, rich))
    known = set(others)
    shared = sum(word in known for word in words)
    return 2 * len(words) < len(others) and 2 * shared <= len(words)


def _decoded(part: Message) -> str:
    content = _bytes(part)
    if len(content) > MAX_BYTES:
        raise UnusableRowError("too_large")
    try:
        read = charsets.of_html if part.get_content_type() == "text/html" else charsets.decoded
        return read(content, part.get_content_charset(""))
    except UnicodeError as error:
        raise UnusableRowError("broken_unicode") from error


def _bytes(part: Message) -> bytes:
    """Return a part's content, also where its transfer encoding does not hold for all of it.

    A soft line end of quoted-printable may have blanks behind it. Behind base64 a mailing list adds
    lines of plain text, and some parts that say base64 have nothing else.
    """
    encoding = str(part.get("content-transfer-encoding", "")).partition(";")[0].strip(' "').lower()
    if encoding not in ("base64", "quoted-printable"):
        return cast(bytes, part.get_payload(decode=True))
    del part["content-transfer-encoding"]
    content = cast(bytes, part.get_payload(decode=True))
    if encoding == "quoted-printable":
        return quopri.decodestring(_SOFT_END.sub(b"=", content))
    lines = content.splitlines(keepends=True)
    size = sum(1 for _ in takewhile(_BASE64.fullmatch, lines))
    pieces = _BASE64_DIGITS.findall(b"".join(b"".join(lines[:size]).split()))
    try:
        decoded = b"".join(base64.b64decode(piece + b"==") for piece in pieces)
    except binascii.Error as error:
        raise UnusableRowError("broken_email") from error
    return b"\n".join(filter(None, (decoded, b"".join(lines[size:]))))


def _plain(part: Message, markup: re.Pattern[str] | None = None) -> str:
    lines = _decoded(part).replace("\r\n", "\n")
    if markup is not None:
        lines = markup.sub("", lines)
    if lines.lstrip().startswith(_ARMOR):
        raise UnusableRowError("encrypted")
    if "-----BEGIN PGP SIGNED" in lines:
        lines = _SIGNED.sub(lambda signed: re.sub(r"(?m)^- ", "", signed["text"]), lines)
    if str(part.get_param("format", "")).lower() == "flowed":
        lines = _unflowed(lines, str(part.get_param("delsp", "")).lower() == "yes")
    return shown(lines).strip() if _UNSEEN.sub("", lines) else ""


def _unflowed(lines: str, delete_space: bool) -> str:
    """Join the lines that a program wrapped (RFC 3676); quoted ones keep their depth."""
    done: list[str] = []
    open_depth = -1  # of the quotation in which a paragraph goes on
    for line in lines.split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        goes_on = words.endswith(" ") and words != "-- "
        if depth == open_depth and words != "-- ":
            done[-1] += words
        else:
            done.append(f"{'>' * depth}{' ' if depth else ''}{words}")
        if goes_on and delete_space:
            done[-1] = done[-1].removesuffix(" ")
        open_depth = depth if goes_on else -1
    return "\n".join(done)
