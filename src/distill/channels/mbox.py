"""The messages of an mbox file, in any of its dialects.

A message begins at a "From " line that header lines follow; every other such line is text, with or
without a blank line before it. Where a message says its Content-Length (mboxcl2, which quotes no
"From " of the text) that holds, if it leads to the next message or to the end.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from io import BytesIO
from itertools import islice, takewhile
from typing import IO

from distill.channels import raw

_CHUNK = 65_536
_FROM = b"From "
_ENVELOPE = re.compile(rb"From (?:-|[^\s@]+@\S+|.*\d\d:\d\d.*)?\s*")
_HEADER = re.compile(rb"[A-Za-z][\w.-]*:|>From |[ \t]+\S")
_KNOWN = re.compile(
    rb"(?:From|To|Cc|Subject|Date|Received|Return-Path|Message-Id|MIME-Version|Content-Type"
    rb"|Delivered-To|Reply-To|Sender|Status|DKIM-Signature|ARC-[A-Z-]+|X-[\w-]+):",
    re.IGNORECASE,
)
_LENGTH = re.compile(rb"(?im)^Content-Length:[ \t]*(\d{1,9})[ \t]*\r?$")
_MOST_HEADERS = 50  # lines that are read to tell whether a "From " line opens a message
_MOST_WRONG = 20  # lengths that lead nowhere, after which a file's lengths are not read any more


class _Lines:
    """A stream's lines, some of which are read ahead."""

    def __init__(self, stream: IO[bytes]):
        self.stream, self.ahead = stream, BytesIO()

    def next(self) -> bytes:
        """Return a line, or the first part of one longer than a chunk; b"" at the end."""
        line = self.ahead.readline(_CHUNK)
        if line.endswith(b"\n") or len(line) == _CHUNK:
            return line
        self.ahead = BytesIO()
        return line + self.stream.readline(_CHUNK - len(line))

    def coming(self) -> Generator[bytes, None, None]:
        """Yield the next lines, and leave them where they are once the iterator is closed."""
        at = self.ahead.tell()
        try:
            while True:
                line = self.ahead.readline(_CHUNK)
                if not line.endswith(b"\n") and len(line) < _CHUNK:
                    more = self.stream.readline(_CHUNK - len(line))
                    self.ahead.write(more)
                    line += more
                if not line:
                    return
                yield line
        finally:
            self.ahead.seek(at)

    def read(self, size: int) -> bytes:
        """Return so many bytes, fewer at the end."""
        found = self.ahead.read(size)
        return found + self.stream.read(size - len(found))

    def give_back(self, content: bytes) -> None:
        """Put bytes before those that come next."""
        self.ahead = BytesIO(content + self.ahead.read())


def messages(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield each message; of one that is too large, at most one byte too many is held.

    Yields nothing where the first line that is not blank opens no message.
    """
    lines, wrong = _Lines(stream), 0
    while (line := lines.next().removeprefix(BOM_UTF8)) and not line.strip():
        pass
    more = _opens(line, lines.coming())
    while more:
        message = _Message()
        more = message.read(lines, wrong < _MOST_WRONG)
        wrong += message.misled
        yield message.content()


class _Message:
    """One message, without the "From " line that opens it."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.verbatim = self.misled = False

    def read(self, lines: _Lines, by_length: bool) -> bool:
        """Read up to the next message; return whether there is one."""
        in_header = ended = True
        while line := lines.next():
            if ended and line.startswith(_FROM) and _opens(line, lines.coming()):
                return True
            self._hold(line)
            if ended and in_header and not line.strip():
                in_header = False
                line = (by_length and self._read_body(lines)) or line
            ended = line.endswith(b"\n")
        return False

    def _read_body(self, lines: _Lines) -> bytes:
        """Read as much as Content-Length says, where a message ends there."""
        said = _LENGTH.search(self.held)
        length = int(said[1]) if said else 0
        if not 0 < length <= raw.MAX_RAW_BYTES:
            return b""
        body = lines.read(length)
        if len(body) < length or not _ends(body, lines.coming()):
            lines.give_back(body)
            self.misled = True
            return b""
        self.verbatim = re.search(rb"(?m)^From ", body) is not None
        self._hold(body)
        return body

    def _hold(self, content: bytes) -> None:
        self.held += content[: raw.MAX_RAW_BYTES + 1 - len(self.held)]

    def content(self) -> bytes:
        """Return the message; the ">" before a "From " is taken off where a program put it."""
        quoted = not self.verbatim and b">From " in self.held
        return bytes(re.sub(rb"(?m)^>(>*From )", rb"\1", self.held) if quoted else self.held)


def _ends(body: bytes, coming: Generator[bytes, None, None]) -> bool:
    """Return whether nothing, or the next message, follows a body."""
    with closing(coming):
        first = next(coming, b"")
        if first.strip() and not body.endswith(b"\n"):
            return False
        while first and not first.strip():
            first = next(coming, b"")
        return not first or _is_opening(first, coming)


def _opens(line: bytes, coming: Generator[bytes, None, None]) -> bool:
    with closing(coming):
        return _is_opening(line, coming)


def _is_opening(line: bytes, following: Iterable[bytes]) -> bool:
    """Return whether a line opens a message: header fields follow, two where it has no date."""
    if not line.startswith(_FROM):
        return False
    fields = takewhile(_HEADER.match, islice(following, _MOST_HEADERS))
    known = sum(1 for field in fields if _KNOWN.match(field))
    return known >= (1 if _ENVELOPE.fullmatch(line) else 2)
