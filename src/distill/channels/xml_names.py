"""HTML's names of characters in XML files, such as &nbsp;, which no document type declares there.

in   <?xml version="1.0"?><forms> ...
out  <?xml version="1.0"?><!DOCTYPE _ [<!ENTITY nbsp "&#38;#160;"> ...]><forms> ...

XML has one document type at most, so a file's own is an error of its syntax behind this one. Names
that HTML does not know, and a bare "&", stay errors, too.
"""

import codecs
import re
from html.entities import html5
from typing import IO

from defusedxml.ElementTree import XMLParser

from distill.channels import charsets

_OF_XML = ("amp", "apos", "gt", "lt", "quot")
_HEAD = 65_536  # bytes in which the prolog is looked for
_LABEL = re.compile(
    rb"(\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?<\?xml\s[^>]{0,99}?encoding\s*=\s*[\"'])([\w.:-]{1,40})"
)
_BOM = "(?:\ufeff|\xef\xbb\xbf)?"
_DECLARATION = re.compile(rf"{_BOM}(?P<text>(?:<\?xml\s[^>]*>)?)")
_OWN_TYPE = re.compile(rf"{_BOM}(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)


def _declared() -> str:
    """Return a document type; a value is a reference itself, so that "<" opens no element."""
    names = {name[:-1]: text for name, text in html5.items() if name.endswith(";")}
    values = {
        name: "".join(f"&#38;#{ord(character)};" for character in text)
        for name, text in names.items()
        if name not in _OF_XML
    }
    entities = "".join(f'<!ENTITY {name} "{value}">' for name, value in values.items())
    return f"<!DOCTYPE _ [{entities}]>"


_TYPE = _declared()


class Named:
    """A file's bytes for a parser, with HTML's names declared behind the XML declaration."""

    def __init__(self, stream: IO[bytes]):
        head = stream.read(_HEAD)
        if codec := _recoded(head):
            stream.seek(0)
            stream = codecs.EncodedFile(stream, "utf-8", codec)
            head = _LABEL.sub(rb"\g<1>utf-8", stream.read(_HEAD), count=1)
        encoding = _encoding(head)
        text = head.decode(encoding, "ignore")
        declaration = _DECLARATION.match(text)
        assert declaration is not None  # the pattern matches nothing, too
        before = declaration[0].encode(encoding)
        self.has_own_type = _OWN_TYPE.match(text) is not None
        self._line = declaration[0].count("\n") + 1
        self._column = len(declaration["text"].rpartition("\n")[2])
        self._begin = before + _TYPE.encode(encoding) + head[len(before) :]
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, at first more than `size`; none at the end."""
        begin, self._begin = self._begin, b""
        return begin or self._stream.read(size)

    def position(self, line: int, column: int) -> tuple[int, int]:
        """Return a place of the file, for that at which the parser is."""
        is_behind = line == self._line and column >= self._column
        return line, column - len(_TYPE) * is_behind


def _recoded(head: bytes) -> str:
    """Return the codec of a file that the parser cannot read as it is, "" of any other.

    Such are encodings of several bytes a character, and a file in UTF-8 that calls itself UTF-16 or
    the reverse, as programs write that convert their text afterwards.
    """
    is_wide = _encoding(head) != "latin-1"
    said = _LABEL.match(head.replace(b"\x00", b"") if is_wide else head)
    label = said[2].decode("ascii").lower() if said else ""
    if is_wide or label.startswith("utf-16"):
        return "" if is_wide == label.startswith("utf-16") or not label else _wide(head, is_wide)
    return charsets.several_bytes(label)


def _wide(head: bytes, is_wide: bool) -> str:
    return "utf-16" if is_wide and head[:1] > b"\xf0" else _encoding(head) if is_wide else "utf-8"


def _encoding(head: bytes) -> str:
    """Return how the file's ASCII is written; all but UTF-16 writes it as itself."""
    if head.startswith((b"\xff\xfe", b"<\x00")):
        return "utf-16-le"
    return "utf-16-be" if head.startswith((b"\xfe\xff", b"\x00<")) else "latin-1"


def parser() -> XMLParser:
    """Return a parser that accepts these declarations and reads no other file."""
    made = XMLParser(forbid_entities=False)
    made.parser.EntityDeclHandler = lambda *_: None  # or Python would see every token of them
    return made
