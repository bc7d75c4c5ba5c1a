"""Identifiers in pieces, as speech recognition writes them: "a b c one two three", "qz 4431".

A run of pieces is an identifier if four of them or more are single letters or digits, if a word
such as "order" announces it, or if it is a whole line.
"""

import re
from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

from distill.privacy.find import identifiers
from distill.privacy.find.rules.address import opens_with_state
from distill.privacy.find.words import is_english

DIGIT = r"(?:zero|one|two|three|four|five|six|seven|eight|nine)"
_PIECE = rf"(?:[a-z]|{DIGIT}|(?!(?:{identifiers.AMOUNT}))[^\W\d_]{{0,12}}\d[^\W_]{{0,12}})(?!\w)"
_RUN = regex.compile(
    rf"(?<![\w.,$€£₹@#/:+'’-]){_PIECE}(?: {_PIECE})*+(?![\w@/%'’-]|[.,:]\d)", regex.IGNORECASE
)
_BEFORE = regex.compile(r"(?<![\w.,$€£₹@#/+'’-])([a-z]{2,4}) ", regex.IGNORECASE)
_AFTER = regex.compile(r" ([a-z]{2,4})(?![\w@/%'’-])", regex.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+")
_SAID = frozenset(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
_DECIMAL = re.compile(r"\d")
_ONE_SIGN = regex.compile(rf"\w|{DIGIT}", regex.IGNORECASE)
_TURN = re.compile(r"(?:[^:\n]{1,20}: )?\s*")
_REST = re.compile(r"[ .!\r]*(?:\n|\Z)")
_A_WORD = re.compile(r"i |a (?![a-z\d] )", re.IGNORECASE)
_WORD_BEHIND = re.compile(r" [ia]$|\w\w [eouy]$", re.IGNORECASE)
_ANNOUNCED = regex.compile(
    rf"\b(?:{'|'.join(identifiers.KINDS.values())})"
    r"(?: (?:numbers?|num|no|nr|id|code|ref|reference|is|was|it|its|it['’]s|as|my))*[:#]? ?$",
    regex.IGNORECASE,
)
_UNITS_WORDS = """
    am pm gb tb mb kb kg lb lbs oz mm cm ft in inch inr usd eur gbp rs mbps kbps ghz mhz hrs hr min
    mins sec secs th st nd rd xl xxl v x no num nr qty id
"""
_UNITS = frozenset(_UNITS_WORDS.split())
_FEWEST = 4  # letters and digits of an identifier
_REACH = 200  # characters before an identifier in which its announcement is looked for
_SPELLED = 4  # single letters or digits in a row, which no sentence has


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, type) of the identifiers in pieces."""
    for run in _runs(text):
        if len(run[0]) > 1:
            start, end = _trimmed(text, *_grown(text, *run.span()))
            pieces = text[start:end].split(" ")
            if len(pieces) < 2 or opens_with_state(text[start:end]):
                continue
            if kind := _kind(text, start, end, pieces):
                yield start, end, kind


def _runs(text: str) -> Iterator[regex.Match[str]]:
    """Yield the runs of pieces on the lines with a digit, even a said one, or four letters."""
    start = 0
    for line in text.split("\n"):
        words = _WORDS.findall(line.lower())
        alone = sum(len(word) == 1 for word in words)
        if alone >= _SPELLED or not _SAID.isdisjoint(words) or _DECIMAL.search(line):
            yield from _RUN.finditer(text, start, start + len(line))
        start += len(line) + 1


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    """The run extended by two to four letters on each side that are no word: "qz 4431"."""
    before = _BEFORE.fullmatch(text, text.rfind(" ", 0, max(0, start - 1)) + 1, start)
    after = _AFTER.match(text, end)
    if before and _is_piece(before[1]):
        start = before.start()
    if after and _is_piece(after[1]):
        end = after.end()
    return start, end


def _is_piece(word: str) -> bool:
    return not is_english(word) and word.casefold() not in _UNITS


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The run without words of one letter at its ends: "a ps5", "a b c 1 i", "ana172 e"."""
    while _A_WORD.match(text, start, end):
        start += 2
    while _WORD_BEHIND.search(text, start, end):
        end -= 2
    return start, end


def _kind(text: str, start: int, end: int, pieces: list[str]) -> str | None:
    spelled = sum(_ONE_SIGN.fullmatch(piece) is not None for piece in pieces) >= _SPELLED
    mixed = sum(map(_digits, pieces)) > 1 and not all(piece.isdecimal() for piece in pieces)
    if not spelled and (sum(map(_signs, pieces)) < _FEWEST or not mixed):
        return None
    kind, announced = identifiers.kind_before(text, start), _is_announced(text, start)
    if kind in identifiers.KINDS and (spelled or announced):
        return kind
    return "ACCOUNT_ID" if spelled or _is_turn(text, start, end) else None


def _signs(piece: str) -> int:
    return 1 if _ONE_SIGN.fullmatch(piece) else len(piece)


def _digits(piece: str) -> int:
    said = len(piece) > 1 and _ONE_SIGN.fullmatch(piece) is not None
    return said or sum(c.isdecimal() for c in piece)


def _is_announced(text: str, start: int) -> bool:
    """Whether only words such as "number is" stand between the announcing word and the number."""
    line = text.rfind("\n", 0, start) + 1
    answer = identifiers.ANSWERED.fullmatch(text, line, start)
    return bool(answer or _ANNOUNCED.search(text, max(line, start - _REACH), start))


def _is_turn(text: str, start: int, end: int) -> bool:
    """Whether the number is the whole line."""
    line = text.rfind("\n", 0, start) + 1
    return bool(_TURN.fullmatch(text, line, start) and _REST.match(text, end))
