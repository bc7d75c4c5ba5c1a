"""How far those agree who rate or mark the same: correlations, kappas and alpha, with intervals.

Intervals are percentile intervals of a seeded bootstrap of groups of rows. A value that is not
defined, such as a correlation of constants, is None: no NaN reaches a file.
"""

import math
from collections.abc import Hashable, Sequence
from typing import Literal

import krippendorff
import numpy as np
from scipy import stats  # type: ignore[import-untyped]
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]

from distill.stats.intervals import LIMITS, RESAMPLES, Estimate, Floats, Numbers, blocks

Level = Literal["nominal", "ordinal"]


def spearman(x: Numbers, y: Numbers) -> float | None:
    """Return Spearman's rank correlation (mid-ranks for ties)."""
    if _constant(x) or _constant(y):
        return None
    return _defined(stats.spearmanr(x, y).statistic)


def kendall(x: Numbers, y: Numbers) -> float | None:
    """Return Kendall's tau-b, which corrects for ties."""
    if _constant(x) or _constant(y):
        return None
    return _defined(stats.kendalltau(x, y, variant="b").statistic)


def weighted_kappa(x: Numbers, y: Sequence[int]) -> float | None:
    """Return Cohen's kappa with quadratic weights over the ratings 1 to 5, x to the nearest."""
    nearest = [_nearest(value) for value in x]
    if len(x) < 2 or (_constant(nearest) and _constant(y)):
        return None
    return _defined(cohen_kappa_score(nearest, y, weights="quadratic", labels=[1, 2, 3, 4, 5]))


def _nearest(rating: float) -> int:
    return math.floor(rating + 0.5)


def agreement(
    x: Numbers,
    y: Sequence[int],
    groups: Sequence[Hashable] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Return spearman, kendall, weighted_kappa of ratings from 1 to 5, with intervals.

    `x` may be means or expectations of ratings: ranked to a tenth, for kappa to the nearest rating.
    Rows of one group, such as several systems' summaries of one interaction, are not independent:
    the bootstrap draws whole groups.
    """
    ranked = [round(value, 1) for value in x]
    nearest = [_nearest(value) for value in x]
    values = {
        "spearman": spearman(ranked, y),
        "kendall": kendall(ranked, y),
        "weighted_kappa": weighted_kappa(nearest, y),
    }
    if len(x) < 2:
        return {name: Estimate(value, None, None, len(x)) for name, value in values.items()}
    groups = groups or range(len(x))
    tables = _resampled_tables(ranked, y, groups, resamples, seed)
    whole = _resampled_tables(nearest, y, groups, resamples, seed)  # the same draws
    resampled = {
        "spearman": _table_spearman(tables),
        "kendall": _table_kendall(tables),
        "weighted_kappa": _table_kappa(whole, sorted(set(nearest))),
    }
    return {
        name: Estimate(value, *_interval(resampled[name], value), len(x))
        for name, value in values.items()
    }


def _constant(values: Numbers) -> bool:
    return len(values) < 2 or min(values) == max(values)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _interval(values: Floats, value: float | None) -> tuple[float | None, float | None]:
    known = values[~np.isnan(values)]
    if value is None or len(known) == 0:
        return None, None
    low, high = np.percentile(known, LIMITS)
    return float(low), float(high)


# --- agreement of people: each code is a yes or no -----------------------------------------------


def kappas(
    cells: Floats, groups: Sequence[Hashable], resamples: int = RESAMPLES, seed: int = 0
) -> tuple[list[Estimate], Estimate]:
    """Return Cohen's kappa of each code, and of all codes together.

    `cells` has the shape (rows, codes, 4): a 1 where both said yes, only the first, only the
    second, neither; nothing where the code could not be said. Rows of one group are drawn together.
    """
    counts = _grouped(cells.reshape(len(cells), -1), groups)
    rng = np.random.default_rng(seed)
    n, width = counts.shape
    drawn = [rng.multinomial(n, [1 / n] * n, size=size) @ counts for size in blocks(resamples, n)]
    resampled = np.concatenate(drawn).reshape(resamples, -1, 4)
    table = counts.sum(axis=0).reshape(1, -1, 4)

    def estimate(seen: Floats, redrawn: Floats) -> Estimate:
        value = float(_binary_kappa(seen)[0])
        known = None if math.isnan(value) else value
        low, high = _interval(_binary_kappa(redrawn), known) if n > 1 else (None, None)
        return Estimate(known, low, high, int(seen.sum()))

    by_code = [estimate(table[:, at], resampled[:, at]) for at in range(width // 4)]
    return by_code, estimate(table.sum(axis=1), resampled.sum(axis=1))


def _grouped(values: Floats, groups: Sequence[Hashable]) -> Floats:
    """The sums by group, in the groups' order."""
    position = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    sums = np.zeros((len(position), values.shape[1]))
    np.add.at(sums, [position[group] for group in groups], values)
    return sums


def _binary_kappa(tables: Floats) -> Floats:
    both, first, second, neither = tables.T
    n = both + first + second + neither
    seen = _divide(both + neither, n)
    yes = (both + first) * (both + second)
    no = (neither + first) * (neither + second)
    expected = _divide(yes + no, n**2)
    return _divide(seen - expected, 1 - expected)


def alpha(
    counts: Floats,
    groups: Sequence[Hashable],
    level: Level,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return Krippendorff's alpha; `counts` has a row a unit and a column a value.

    Units of one group are drawn together.
    """
    value = _alpha(counts, level)
    position: dict[Hashable, list[int]] = {}
    for at, group in enumerate(groups):
        position.setdefault(group, []).append(at)
    if value is None or len(position) < 2:
        return Estimate(value, None, None, len(counts))
    rng = np.random.default_rng(seed)
    members = [np.array(places) for places in position.values()]
    resampled = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(members), len(members))
        resampled.append(_alpha(counts[np.concatenate([members[at] for at in drawn])], level))
    known = np.array([math.nan if one is None else one for one in resampled])
    return Estimate(value, *_interval(known, value), len(counts))


def _alpha(counts: Floats, level: Level) -> float | None:
    if len(counts) == 0 or np.count_nonzero(counts.sum(axis=0)) < 2:
        return None
    return _defined(krippendorff.alpha(value_counts=counts, level_of_measurement=level))


# --- agreement from tables of counts by rating: all three measures are sums -------------------


def _resampled_tables(
    x: Numbers, y: Sequence[int], groups: Sequence[Hashable], resamples: int, seed: int
) -> Floats:
    """Counts by rating of x and y, shape (resamples, different ratings in x, 5)."""
    position = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    level = {rating: at for at, rating in enumerate(sorted(set(x)))}
    counts = np.zeros((len(position), len(level) * 5))
    for one, other, group in zip(x, y, groups, strict=True):
        counts[position[group], level[one] * 5 + other - 1] += 1
    rng = np.random.default_rng(seed)
    n = len(position)
    drawn = [rng.multinomial(n, [1 / n] * n, size=size) @ counts for size in blocks(resamples, n)]
    return np.concatenate(drawn).reshape(-1, len(level), 5)


def _table_spearman(tables: Floats) -> Floats:
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    n = rows.sum(axis=1)
    x = _centred_midranks(rows)
    y = _centred_midranks(columns)
    shared = np.einsum("bi,bij,bj->b", x, tables, y) / n
    spread = np.sqrt((rows * x**2).sum(axis=1) / n * (columns * y**2).sum(axis=1) / n)
    return _divide(shared, spread)


def _centred_midranks(counts: Floats) -> Floats:
    ranks = np.cumsum(counts, axis=1) - counts / 2
    return np.asarray(ranks - counts.sum(axis=1, keepdims=True) / 2)


def _table_kendall(tables: Floats) -> Floats:
    below = np.zeros_like(tables)  # pairs that agree in order with each cell
    beside = np.zeros_like(tables)  # pairs that disagree
    for i in range(tables.shape[1]):
        for j in range(tables.shape[2]):
            below[:, i, j] = tables[:, :i, :j].sum(axis=(1, 2))
            beside[:, i, j] = tables[:, :i, j + 1 :].sum(axis=(1, 2))
    balance = (tables * (below - beside)).sum(axis=(1, 2))
    return _divide(balance, np.sqrt(_untied(tables.sum(axis=2)) * _untied(tables.sum(axis=1))))


def _untied(counts: Floats) -> Floats:
    n = counts.sum(axis=1)
    return np.asarray((n * (n - 1) - (counts * (counts - 1)).sum(axis=1)) / 2)


def _table_kappa(tables: Floats, ratings: Sequence[int]) -> Floats:
    weights = np.subtract.outer(ratings, np.arange(1, 6)) ** 2
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    seen = (tables * weights).sum(axis=(1, 2))
    expected = np.einsum("bi,ij,bj->b", rows, weights, columns) / rows.sum(axis=1)
    return 1 - _divide(seen, expected)


def _divide(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 1e-12)
