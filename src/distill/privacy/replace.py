"""Replace what is found, then look again."""

import re
from collections.abc import Iterable, Mapping, Set

from distill.privacy.find import names
from distill.privacy.find.detect import Span, find
from distill.privacy.kinds import Action
from distill.privacy.surrogates import Surrogates

Policy = Mapping[str, Action]
REPLACE: Policy = {}  # every type that a policy does not name is replaced


def replace(
    text: str, spans: Iterable[Span], own: Surrogates, policy: Policy = REPLACE
) -> tuple[str, list[str]]:
    """The text with every span treated as its type's policy says, and what was put in or kept."""
    pieces, known, at = [], [], 0
    for start, end, kind in spans:
        made = _treated(policy.get(kind, "replace"), kind, text[start:end], own)
        pieces += [text[at:start], made]
        known.append(made)
        at = end
    return "".join([*pieces, text[at:]]), known


def _treated(action: Action, kind: str, value: str, own: Surrogates) -> str:
    if action == "keep":
        return value
    if action == "mask":
        return f"[{kind}]"
    return "" if action == "drop" else own.of(kind, value)


def is_surrogate(value: str, inserted: Set[str]) -> bool:
    """Whether a value found in an anonymized text is a surrogate, or one with plain English by it.

    `inserted` are the words that were put in. "Glover Pro" is, where Glover was put in: the first
    look had let "Pro" pass.
    """
    rest = [word for word in _words(value) if word not in inserted]
    return not rest or (len(rest) < len(_words(value)) and all(map(names.is_ordinary, rest)))


def left(text: str, inserted: Iterable[str], model: str | None = None) -> list[Span]:
    """The second look: what is still personal in an anonymized text and no surrogate of it."""
    known = {word for made in inserted for word in _words(made)}
    return [
        span for span in find(text, model) if not is_surrogate(text[span.start : span.end], known)
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
