r"""Folding of look-alike writing, so that one pattern finds a value however it was encoded.

"ａｎａ＠mail.es", "ana&#64;mail.es", "ana%40mail.es", "a\u200bna@mail.es" and "4111–1111" become
what a reader sees. Every character of the folded text knows its place in the original.
"""

import html
import re
import sys
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\u20e3\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f"
)
# Groups: an HTML entity, bytes as %40, an escape as \u0040, \u{40}, %u0040 or \x40, an @ of quoted-
# printable mail, what nobody sees, a letter with its marks, another character that is not ASCII.
_PIECE = re.compile(
    r"(?P<entity>&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]{2,8});)"
    r"|(?P<percent>(?:%[\da-fA-F]{2})+)"
    r"|(?P<escape>\\u[\da-fA-F]{4}|\\u\{[\da-fA-F]{1,6}\}|%u[\da-fA-F]{4}|\\x[\da-fA-F]{2})"
    r"|(?P<quoted>(?<=\w)=40(?=[\w-]+\.[A-Za-z]))"
    rf"|(?P<unseen>[{_INVISIBLE}])"
    r"|(?P<other>[^\x00-\x7f]|[A-Za-z](?=[\u0300-\u036f]))(?P<marks>[\u0300-\u036f]*)"
)
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_ESCAPED = re.compile(r"&[#A-Za-z]|%[\da-fA-Fu]{2}|\\[ux]|=40")
_AS_THEY_ARE = frozenset("ºª°™®©½¼¾²³¹№…“”‘’´¨¸˜")  # NFKC turns them into several or other signs
_DASHES = frozenset("‐‑‒–—―−﹘﹣－")
_PAUSES = frozenset("–—―")  # a dash between two words of a sentence, unless it joins them
_LAYERS = 3  # times that a text may have been encoded


class Folded(NamedTuple):
    """A folded text; its character i stands for original[starts[i]:ends[i]]."""

    text: str
    starts: list[int] | None = None  # None where nothing was folded
    ends: list[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the original of a span of the folded text."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """The text in NFKC, without invisible characters, with entities and escapes decoded.

    A line break is never added.
    """
    folded = _once(text)
    for _ in range(_LAYERS - 1):
        again = _once(folded.text)
        if again.starts is None or again.ends is None:
            break
        starts = [folded.place(at, at + 1)[0] for at in again.starts]
        ends = [folded.place(at - 1, at)[1] for at in again.ends]
        folded = Folded(again.text, starts, ends)
    return folded


def _once(text: str) -> Folded:
    if text.isascii() and not _ESCAPED.search(text):
        return Folded(text)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _PIECE.finditer(text):
        made = _read(match)
        if made == match[0]:
            continue
        pieces += [text[at : match.start()], made]
        starts += [*range(at, match.start()), *[match.start()] * len(made)]
        ends += [*range(at + 1, match.start() + 1), *[match.end()] * len(made)]
        at = match.end()
    if not at:
        return Folded(text)
    pieces.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Folded("".join(pieces), starts, ends)


def _read(match: re.Match[str]) -> str:
    """What a reader sees of one piece; the piece itself if that is the same or unknown."""
    piece = match[0]
    if match["entity"]:
        made = html.unescape(piece)
    elif match["percent"]:
        made = unquote(piece, errors="replace")
    elif match["escape"]:
        code = int(piece[2:].strip("{}"), 16)
        made = chr(code) if code <= sys.maxunicode else piece
    elif match["quoted"]:
        made = "@"
    elif match["unseen"]:
        return ""
    elif piece in _DASHES:
        around = match.string[max(0, match.start() - 1) : match.end() + 1]
        joins = len(around) == 3 and around[0].isalnum() and around[2].isalnum()
        return "-" if joins or piece not in _PAUSES else piece
    elif piece in _AS_THEY_ARE:
        return piece
    else:
        return "".join(map(_ascii_digit, unicodedata.normalize("NFKC", piece)))
    if made == piece or "\ufffd" in made:
        return piece
    seen = unicodedata.normalize("NFKC", made)
    return "".join(c if c.isprintable() else "" if _UNSEEN.match(c) else " " for c in seen)


def _ascii_digit(c: str) -> str:
    """A decimal digit of any script as one of ASCII: "९" is 9."""
    return str(unicodedata.decimal(c)) if c.isdecimal() else c
