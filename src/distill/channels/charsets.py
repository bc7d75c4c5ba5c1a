"""Bytes of e-mail as text, by the charset labels of the web.

Browsers and mail programs read "gb2312" as GB 18030 and "us-ascii" as windows-1252. The table of
labels is WHATWG's (https://encoding.spec.whatwg.org), by webencodings.
"""

import codecs
import re
from collections.abc import Iterable
from email.errors import HeaderParseError
from email.header import decode_header

import webencodings  # type: ignore[import-untyped]

_WIDER = {  # what the web's table calls by these names is wider than Python's codec of the name
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext",
}
_OTHERS = ("gb18030", "euc-jp", "iso-8859-8-i")
_SAYS_NOTHING = ("", "us-ascii", "ascii", "ansi_x3.4-1968")
_PYTHONS_OWN = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")
_UNLABELLED = ("utf-8", "cp1252")
_MARKED = {  # byte order marks, the longer first
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_META = re.compile(rb"<meta[^>]{1,200}?\bcharset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4_096  # bytes
_8_BIT = re.compile("[\udc80-\udcff]+")


def decoded(content: bytes, label: str = "") -> str:
    """Return the text of bytes in the charset of this label.

    A label that says nothing is UTF-8, else windows-1252, and so is UTF-8 where no character is; a
    byte order mark outranks all. Raises UnicodeError where the bytes are not in that charset nor in
    UTF-8.
    """
    for mark, name in _MARKED.items():
        if content.startswith(mark):
            return content.decode(name)
    names = _codecs(label)
    if names[0] == "utf-8" and not _has_utf8(content):
        names = (*names, "cp1252")  # programs that write latin-1 and say UTF-8
    return _first(content, names)


def of_html(content: bytes, label: str = "") -> str:
    """Return the text of HTML, which may name its charset itself where `label` says nothing."""
    named = _META.search(content[:_META_WITHIN])
    if named and label.strip().lower() in _SAYS_NOTHING and not _is_utf8(content):
        label = named[1].decode("ascii")
    return decoded(content, label)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_utf8(content: bytes) -> bool:
    """Return whether a character beyond ASCII is in UTF-8."""
    return not content.decode("utf-8", "ignore").isascii()


def _first(content: bytes, names: Iterable[str]) -> str:
    for name in names:
        try:
            return content.decode(name)
        except (UnicodeError, LookupError):
            continue
    raise UnicodeError("the bytes are in none of the charsets")


def _codecs(label: str) -> tuple[str, ...]:
    """Return the names of Python's codecs to try, in this order."""
    label = label.strip().strip("\"'").lower()
    if label in _SAYS_NOTHING:
        return _UNLABELLED
    found = webencodings.lookup(label)
    if found is not None:
        return (_WIDER.get(found.name, found.codec_info.name), found.codec_info.name, "utf-8")
    try:  # labels that the web does not know: utf-7, cp850
        name = codecs.lookup(label).name
        b"".decode(name)
    except (LookupError, ValueError):
        return _UNLABELLED
    return (name, "utf-8") if name not in _PYTHONS_OWN else _UNLABELLED


def several_bytes(label: str) -> str:
    """Return the codec of a label whose characters may take several bytes, "" of any other.

    UTF-8 is none, nor is what expat knows by itself; Hebrew's iso-8859-8-i, which it does not, is.
    """
    found = webencodings.lookup(label) if label else None
    if found is None or (found.name not in _WIDER and found.name not in _OTHERS):
        return ""
    return str(_WIDER.get(found.name, found.codec_info.name))


def header(source: str, label: str = "") -> str:
    """Return a header field's text: its encoded words, and bytes beyond ASCII.

    Such bytes, as surrogate escapes in `source`, are UTF-8, else in the charset of `label`, that
    of the body. Raises UnicodeError where they are neither.
    """
    if "=?" not in source:
        return _raw(source, label)
    try:
        pieces = decode_header(_raw(source, label))
    except HeaderParseError:  # base64 cut off
        return _raw(source, label)
    return "".join(
        piece if isinstance(piece, str) else _word(piece, charset) for piece, charset in pieces
    )


def _word(piece: bytes, charset: str | None) -> str:
    if charset is None:  # decode_header gives plain text so, in an encoding of its own
        return piece.decode("raw-unicode-escape")
    return decoded(piece, charset)


def _raw(source: str, label: str) -> str:
    if not _8_BIT.search(source):
        return source
    content = source.encode("utf-8", "surrogateescape")
    return _first(content, ("utf-8", *_codecs(label), "cp1252"))
