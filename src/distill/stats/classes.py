"""Counts of right and wrong answers by class, and the F1 scores that follow from them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Counts(NamedTuple):
    """True positives, false positives and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0


ByClass = Mapping[str, Counts]


def counts(
    gold: Sequence[str], found: Sequence[str | None], labels: Iterable[str]
) -> dict[str, Counts]:
    """Return the counts of each label, paired by row; None is an answer of no class.

    Raises ValueError for different numbers of rows, and KeyError for a gold label not in `labels`.
    An answer that is none of `labels` counts as None: against its row's class only.
    """
    made = dict.fromkeys(labels, Counts())
    for right, answer in zip(gold, found, strict=True):
        one = made[right]
        if answer == right:
            made[right] = one._replace(tp=one.tp + 1)
            continue
        made[right] = one._replace(fn=one.fn + 1)
        if answer in made:
            other = made[answer]
            made[answer] = other._replace(fp=other.fp + 1)
    return made


def f1(one: Counts) -> float:
    """Return 2 tp / (2 tp + fp + fn), 0 where nothing is gold and nothing found."""
    whole = 2 * one.tp + one.fp + one.fn
    return 2 * one.tp / whole if whole else 0.0


def macro_f1(by_class: ByClass) -> float:
    """Return the mean F1 over the classes, each counting alike; 0 without a class."""
    return sum(map(f1, by_class.values())) / len(by_class) if by_class else 0.0


def total(by_class: ByClass) -> Counts:
    """Return the sum over classes, whose F1 is the micro F1."""
    return Counts(*(sum(column) for column in zip(*by_class.values(), strict=True)))


def added(rows: Iterable[ByClass]) -> dict[str, Counts]:
    """Return the sums of the counts of several rows, by class."""
    sums: dict[str, Counts] = {}
    for by_class in rows:
        for name, one in by_class.items():
            sums[name] = Counts(
                *(a + b for a, b in zip(sums.get(name, Counts()), one, strict=True))
            )
    return sums
