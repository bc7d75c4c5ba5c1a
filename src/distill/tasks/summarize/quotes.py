"""How often a quote of a judge or an annotator stands in the text that it is said to be from."""

import html
import re
import unicodedata

_TAG = re.compile(r"</?(?:ul|li)\s*/?>", flags=re.IGNORECASE)
_GAP = re.compile(r"\.{3,}")
_OTHER = re.compile(r"[\W_]+")


def count(quote: str, text: str) -> int:
    """Return how often the quote stands in the text, whatever its case, punctuation and markup.

    An ellipsis stands for any words between two parts, which must follow one another in the text.
    A part begins and ends at words, so that "12" is no quote of "1234". A quote without a letter or
    digit stands nowhere.
    """
    parts = [folded for part in _GAP.split(_plain(quote)) if (folded := _folded(part))]
    rest, found = _folded(_plain(text)), 0
    while parts:
        for part in parts:
            match = re.search(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", rest)
            if match is None:
                return found
            rest = rest[match.end() :]
        found += 1
    return found


def _plain(text: str) -> str:
    """Return the text without the tags of a list, in one Unicode form (an ellipsis is "...")."""
    return unicodedata.normalize("NFKC", html.unescape(_TAG.sub(" ", text))).casefold()


def _folded(text: str) -> str:
    """Return the words of the text, joined by single spaces."""
    return _OTHER.sub(" ", text).strip()
