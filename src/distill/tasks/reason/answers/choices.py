"""The final answer as one of several options, by its letter or by its text."""

import re
from collections.abc import Mapping
from itertools import pairwise

from distill.tasks.reason.answers.statements import Text, pieces

_LETTER = r"(?:\(\s*{key}\s*\)|(?<!\w)(?<!\w'){key}(?!\w|'\w))"
_SMALL = r"^\W*{key}\W*$|\({key}\)|^\W*{key}(?=[).:,])|\boption\s+{key}\b"  # whatever the case
_WHOLE = r"(?<!\w)(?<!\d[.,]){}(?!\w|[.,]\d)"  # no part of a word or a number
_SAID = re.compile(r"\b(?:option|choice|choose|pick|select)\b\s*:?\s*(?:is\s+)?", re.IGNORECASE)
_PRAISED = re.compile(r"\s*(?:is|would be|must be)\s+(?:the\s+)?(?:right|correct|best|only)\b")
_BETWEEN = re.compile(
    r"^[\s,()]*(?:or|and|/|,|&)[\s,()]*(?:(?:maybe|perhaps|possibly|also|option)\s*)*[\s(]*$",
    re.IGNORECASE,
)
Options = Mapping[str, str]
Mention = tuple[int, int, str]  # start, end, key


def extract(text: Text, options: Options) -> str | None:
    """Return the key of the option that the text states as its answer, else that it ends with.

    Without `options`, any capital letter is a key.
    """
    for statement in text.stated:
        for piece in pieces(statement):
            if found := _mentions(piece, options, stated=True):
                return _first(piece, found)
    for piece in reversed(pieces(text.text)):
        if found := _praised(piece, options) or _mentions(piece, options, stated=False):
            return found[-1][2]
    return None


def _first(piece: str, found: list[Mention]) -> str | None:
    """Return the first option of a statement, None where it offers another beside it."""
    for (_, end, key), (start, _, other) in pairwise(found):
        if key != other and _BETWEEN.match(piece[end:start]):
            return None
    return found[0][2]


def _mentions(piece: str, options: Options, stated: bool) -> list[Mention]:
    """Return the options that a sentence names, by letters if it has any.

    In a sentence that states no answer, a letter needs brackets or a word such as "option", as "A"
    and "I" are words, too; or it is the whole sentence.
    """
    letters = _letters(piece, options, stated)
    texts = _texts(piece, options)
    if letters and texts and _is_article(piece, letters[0]):
        return texts
    return letters or texts


def _letters(piece: str, options: Options, stated: bool) -> list[Mention]:
    found = []
    for key in options or "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        if len(key) != 1:
            continue
        pattern = _LETTER.format(key=key)
        for match in re.finditer(pattern, piece):
            if stated or match[0].startswith("(") or _is_named(piece, match):
                found.append((match.start(), match.end(), key))
        if small := re.search(_SMALL.format(key=key.lower()), piece.lower()):
            found.append((small.start(), small.end(), key))
    return sorted(set(found))


def _is_named(piece: str, match: re.Match[str]) -> bool:
    before = [said.end() for said in _SAID.finditer(piece, 0, match.start())]
    return match.start() in before or bool(re.match(r"\)\s", piece[match.end() :]))


def _is_article(piece: str, letter: Mention) -> bool:
    """Return whether the letter is the word "A" before a noun: "A refund"."""
    return piece[letter[0] : letter[1]] == "A" and bool(re.match(r"\s[a-z]", piece[letter[1] :]))


def _texts(piece: str, options: Options) -> list[Mention]:
    """Return the options whose text stands in the sentence, without those inside longer ones."""
    found: list[Mention] = []
    for key, text in options.items():
        for match in re.finditer(_WHOLE.format(re.escape(text.strip())), piece, re.IGNORECASE):
            found.append((match.start(), match.end(), key))
        if len(key) > 1 and text != key:
            for match in re.finditer(_WHOLE.format(re.escape(key)), piece, re.IGNORECASE):
                found.append((match.start(), match.end(), key))
    return sorted(
        (start, end, key)
        for start, end, key in found
        if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in found)
    )


def _praised(piece: str, options: Options) -> list[Mention]:
    """Return the options that the sentence calls the right one."""
    return [
        mention
        for mention in _letters(piece, options, stated=True)
        if _PRAISED.match(piece[mention[1] :])
    ]
