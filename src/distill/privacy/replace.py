"""Replacing what was found, and the second look at the result."""

import re
from collections.abc import Iterable, Mapping, Set

from distill.privacy.find.detect import Span, find
from distill.privacy.find.words import is_english
from distill.privacy.kinds import Action
from distill.privacy.settings import ONLY_RULES, Added
from distill.privacy.surrogates import Surrogates

Policy = Mapping[str, Action]
REPLACE: Policy = {}  # a type that a policy does not name is replaced


def replace(
    text: str, spans: Iterable[Span], own: Surrogates, policy: Policy = REPLACE
) -> tuple[str, list[str]]:
    """The text with every span treated as the policy says, and what stands in the spans' places."""
    pieces, inserted, at = [], [], 0
    for start, end, kind in spans:
        made = _treated(policy.get(kind, "replace"), kind, text[start:end], own)
        pieces += [text[at:start], made]
        inserted.append(made)
        at = end
    return "".join([*pieces, text[at:]]), inserted


def _treated(action: Action, kind: str, value: str, own: Surrogates) -> str:
    if action == "keep":
        return value
    if action == "mask":
        return f"[{kind}]"
    return "" if action == "drop" else own.of(kind, value)


def second_look(text: str, inserted: Iterable[str], added: Added = ONLY_RULES) -> list[Span]:
    """What is still personal in an anonymized text and was not put into it.

    Raises DetectionError as `find` does.
    """
    words = {word for made in inserted for word in _words(made)}
    return [
        span for span in find(text, added) if not is_surrogate(text[span.start : span.end], words)
    ]


def is_surrogate(value: str, inserted: Set[str]) -> bool:
    """Whether a value found in an anonymized text consists of inserted words and plain English.

    "Glover Pro" does where Glover was inserted: the first look had let "Pro" pass.
    """
    rest = [word for word in _words(value) if word not in inserted]
    return not rest or (len(rest) < len(_words(value)) and all(map(is_english, rest)))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
