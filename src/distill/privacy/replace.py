"""Replacing what was found, and the second look at the result."""

import re
from collections.abc import Iterable, Mapping, Set

from distill.privacy.find import shapes
from distill.privacy.find.detect import Span, find
from distill.privacy.find.words import is_english
from distill.privacy.kinds import Action
from distill.privacy.settings import ONLY_RULES, Added
from distill.privacy.surrogates import Surrogates

Policy = Mapping[str, Action]
_FEWEST = 4  # digits of what may identify somebody beside an inserted value
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

    The first look's detectors are asked again, and the shapes of numbers and addresses, which know
    none of their rules. Raises DetectionError as `find` does.
    """
    words = words_of_all(inserted)
    left = [
        span for span in find(text, added) if not is_surrogate(text[span.start : span.end], words)
    ]
    taken = {i for span in left for i in range(span.start, span.end)}
    for start, end in shapes.find(text):
        if not taken & set(range(start, end)) and not _is_inserted(text[start:end], words):
            left.append(Span(start, end, "UNKNOWN"))
    return sorted(left)


def words_of_all(texts: Iterable[str]) -> set[str]:
    """The words and numbers of all the texts, in lower case."""
    return {word for text in texts for word in _words(text)}


def is_traced_to(value: str, known: Set[str]) -> bool:
    """Whether a value has no word and no long number beyond the known ones and plain English."""
    rest = [word for word in _words(value) if word not in known]
    return all(word.isalpha() and is_english(word) for word in rest) and rest != _words(value)


def _is_inserted(value: str, inserted: Set[str]) -> bool:
    """Whether a value found by its shape consists of inserted words, and three digits at most."""
    rest = [word for word in _words(value) if word not in inserted]
    digits = sum(c.isdigit() for word in rest for c in word)
    return digits < _FEWEST and not ("@" in value and rest)


def is_surrogate(value: str, inserted: Set[str]) -> bool:
    """Whether a value found in an anonymized text consists of inserted words and plain English.

    "Glover Pro" does where Glover was inserted: the first look had let "Pro" pass.
    """
    rest = [word for word in _words(value) if word not in inserted]
    return not rest or (len(rest) < len(_words(value)) and all(map(is_english, rest)))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
