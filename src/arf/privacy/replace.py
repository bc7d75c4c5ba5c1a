"""Replace what is found, then look again."""

import re
from collections.abc import Iterable

from arf.privacy.detect import Span, find
from arf.privacy.surrogates import surrogate


def replace(text: str, secret: bytes, interaction_id: str) -> tuple[str, list[str]]:
    """The text with every personal value replaced, and the surrogates that were put in."""
    pieces, inserted, at = [], [], 0
    for start, end, kind in find(text):
        made = surrogate(secret, interaction_id, kind, text[start:end])
        pieces += [text[at:start], made]
        inserted.append(made)
        at = end
    return "".join([*pieces, text[at:]]), inserted


def is_surrogate(value: str, inserted: Iterable[str]) -> bool:
    """Whether a value found in an anonymized text is made of nothing but inserted surrogates."""
    known = {word for made in inserted for word in _words(made)}
    return all(word in known for word in _words(value))


def left(text: str, inserted: Iterable[str]) -> list[Span]:
    """The second look: what is still personal in an anonymized text and no surrogate of it."""
    inserted = list(inserted)
    return [span for span in find(text) if not is_surrogate(text[span.start : span.end], inserted)]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
