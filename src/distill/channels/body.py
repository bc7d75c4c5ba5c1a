"""The body of an e-mail: which of its parts are read, and how each becomes text.

A text part is read unless it is an attachment, named or not. Of alternatives the plain one is,
unless it only says that there is another. What is encrypted cannot be read and says so.
"""

import re
from email.errors import InvalidBase64LengthDefect
from email.message import Message
from typing import cast

from distill.channels import charsets, html_text
from distill.channels.raw import MAX_TEXT_BYTES, UnusableRowError
from distill.channels.text import flat, shown

MAX_BYTES = 5 * MAX_TEXT_BYTES  # of one text part, markup and history included
_ENCRYPTED = ("multipart/encrypted", "application/x-microsoft-rpmsg-message")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
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
    return _plain(part) if kind == "text/plain" else ""


def is_sealed(message: Message) -> bool:
    """Return whether a part is in S/MIME, which only its recipient can read."""
    return any(part.get_content_type() in _SEALED for part in message.walk())


def _alternative(parts: list[Message]) -> str:
    """Return the plain text, or else what is not blank and no placeholder for the rest."""
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    written = next(filter(None, map(text, plain)), "")
    if written and not (len(written) <= _LONGEST_PLACEHOLDER and _PLACEHOLDER.search(written)):
        return written
    others = (text(part) for part in parts if part not in plain)
    rich = next(filter(None, others), "")
    return rich if rich and (not written or flat(written) not in flat(rich)) else written


def _decoded(part: Message) -> str:
    content = cast(bytes, part.get_payload(decode=True))
    if any(isinstance(defect, InvalidBase64LengthDefect) for defect in part.defects):
        raise UnusableRowError("broken_email")
    if len(content) > MAX_BYTES:
        raise UnusableRowError("too_large")
    try:
        return charsets.decoded(content, part.get_content_charset(""))
    except UnicodeError as error:
        raise UnusableRowError("broken_unicode") from error


def _plain(part: Message) -> str:
    lines = _decoded(part).replace("\r\n", "\n")
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
