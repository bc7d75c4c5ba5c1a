"""Strict matching of entity spans: start, end and type must all be right.

It is the "strict" of nervaluate and of SemEval-2013 task 9.1 as far as precision and recall go:
what is found partly, or with another type, counts as one false positive and one false negative.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from distill.stats.classes import Counts, added, f1, macro_f1, total

__all__ = ["Counts", "added", "counts", "f1", "macro_f1", "total"]

Span = Mapping[str, Any]  # {"start": 3, "end": 9, "type": "order"}


def counts(gold: Iterable[Span], found: Iterable[Span]) -> dict[str, Counts]:
    """Return the counts of one row for each type that occurs in it.

    `added` sums rows, `f1(total(...))` is their micro F1, `macro_f1` the mean over the types.
    """
    right, answered = Counter(map(_key, gold)), Counter(map(_key, found))
    made: dict[str, Counts] = {}
    for key in sorted(right | answered):
        both = min(right[key], answered[key])
        one = made.get(key[2], Counts())
        made[key[2]] = Counts(
            one.tp + both, one.fp + answered[key] - both, one.fn + right[key] - both
        )
    return made


def _key(span: Span) -> tuple[int, int, str]:
    return span["start"], span["end"], span["type"]
