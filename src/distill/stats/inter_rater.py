"""Inter-rater agreement: Spearman, Kendall's tau-b, Cohen's kappa and Krippendorff's alpha.

Correlations are scipy's, alpha is that of the krippendorff package. Cohen's kappa is computed here
from tables of counts, for all resamples at once: sklearn's cohen_kappa_score takes 2.7 ms a table,
so 2,000 resamples of 36 codes would take minutes; a test compares the two.

Intervals are percentile bootstrap intervals that draw groups of rows, such as all summaries of one
interaction, since rows of one group are not independent. A value that is not defined, such as a
correlation of constants, is None: no NaN reaches a file.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Literal

import krippendorff
import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

from distill.stats.intervals import LIMITS, RESAMPLES, Estimate, Floats, Numbers, blocks

Level = Literal["nominal", "ordinal"]
Places = NDArray[np.int64]

RATINGS = 5  # from 1 to 5


def spearman(x: Numbers, y: Numbers) -> float | None:
    """Return Spearman's rank correlation (mid-ranks for ties)."""
    return None if _constant(x) or _constant(y) else _defined(stats.spearmanr(x, y).statistic)


def kendall(x: Numbers, y: Numbers) -> float | None:
    """Return Kendall's tau-b, which corrects for ties."""
    return None if _constant(x) or _constant(y) else _defined(stats.kendalltau(x, y).statistic)


def weighted_kappa(x: Numbers, y: Numbers) -> float | None:
    """Return Cohen's kappa with quadratic weights over the ratings 1 to 5, to the nearest one."""
    if len(x) < 2:
        return None
    return _defined(float(kappa(_cells(x, y).sum(axis=0, keepdims=True))[0]))


def agreement(
    x: Numbers,
    y: Numbers,
    groups: Sequence[Hashable] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Return spearman, kendall, weighted_kappa of ratings from 1 to 5, with intervals.

    Ratings may be means or expectations; kappa takes the nearest whole rating. `groups` names the
    group of each row.
    """
    n = len(x)
    place = _places(groups or range(n))
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    found = {"spearman": _by_rows(spearman, (xs, ys), place, resamples, seed)}
    found["kendall"] = _by_rows(kendall, (xs, ys), place, resamples, seed)
    value = weighted_kappa(x, y)
    redrawn = kappa(_redrawn(_cells(x, y), place, resamples, seed))
    found["weighted_kappa"] = Estimate(value, *_interval(redrawn, value, place), n)
    return found


def kappa(tables: Floats) -> Floats:
    """Return Cohen's kappa of each table of counts, NaN where it is not defined.

    `tables` has the shape (tables, k, k). Disagreements weigh by the square of their distance; of
    two categories that is the plain kappa.
    """
    levels = np.arange(tables.shape[-1])
    weights = np.subtract.outer(levels, levels) ** 2
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    observed = (tables * weights).sum(axis=(1, 2))
    by_chance = np.einsum("bi,ij,bj->b", rows, weights, columns)
    total = tables.sum(axis=(1, 2))
    undefined = np.full(len(tables), np.nan)
    ratio = np.divide(observed * total, by_chance, out=undefined, where=by_chance > 0)
    return np.asarray(1 - ratio)


def kappas(
    cells: Floats, groups: Sequence[Hashable], resamples: int = RESAMPLES, seed: int = 0
) -> tuple[list[Estimate], Estimate]:
    """Return Cohen's kappa of each code, and of all codes together, for two raters.

    `cells` has the shape (rows, codes, 4): a 1 where both raters marked the code, the first alone,
    the second alone, neither; zeros where the code does not apply to the row.
    """
    rows, codes, _ = cells.shape
    place = _places(groups)
    counts = cells.sum(axis=0).reshape(codes, 2, 2)
    redrawn = _redrawn(cells.reshape(rows, codes * 2, 2), place, resamples, seed)
    by_code = redrawn.reshape(-1, codes, 2, 2)

    def estimate(table: Floats, resampled: Floats) -> Estimate:
        value = _defined(float(kappa(table[None])[0]))
        return Estimate(value, *_interval(kappa(resampled), value, place), int(table.sum()))

    estimates = [estimate(counts[at], by_code[:, at]) for at in range(codes)]
    return estimates, estimate(counts.sum(axis=0), by_code.sum(axis=1))


def alpha(
    counts: Floats,
    groups: Sequence[Hashable],
    level: Level,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return Krippendorff's alpha; `counts` has a row for each unit, a column for each value."""

    def measure(drawn: Floats) -> float | None:
        if len(drawn) == 0 or np.count_nonzero(drawn.sum(axis=0)) < 2:
            return None
        return _defined(krippendorff.alpha(value_counts=drawn, level_of_measurement=level))

    return _by_rows(measure, (counts,), _places(groups), resamples, seed)


def _cells(x: Numbers, y: Numbers) -> Floats:
    """A table of counts for each row, with a single 1: shape (rows, 5, 5)."""
    cells = np.zeros((len(x), RATINGS, RATINGS))
    for at, (one, other) in enumerate(zip(x, y, strict=True)):
        cells[at, _nearest(one) - 1, _nearest(other) - 1] = 1
    return cells


def _nearest(rating: float) -> int:
    return math.floor(rating + 0.5)


def _constant(values: Numbers) -> bool:
    return len(values) < 2 or bool(np.ptp(values) == 0)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


# --- the bootstrap of groups ---------------------------------------------------------------------


def _places(groups: Sequence[Hashable]) -> Places:
    """The number of each row's group, in the order in which groups appear."""
    known = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    return np.array([known[group] for group in groups], dtype=np.int64)


def _draws(place: Places, resamples: int, seed: int) -> Iterator[Places]:
    """Yield batches of resamples: how often each group is drawn, shape (batch, groups)."""
    n = int(place.max()) + 1
    rng = np.random.default_rng(seed)
    for size in blocks(resamples, n):
        yield rng.multinomial(n, [1 / n] * n, size=size)


def _by_rows(
    measure: Callable[..., float | None],
    samples: tuple[Floats, ...],
    place: Places,
    resamples: int,
    seed: int,
) -> Estimate:
    """Estimate a measure that takes the rows of each sample."""
    value, redrawn = measure(*samples), []
    if value is not None:
        for batch in _draws(place, resamples, seed):
            for times in batch:
                drawn = (np.repeat(sample, times[place], axis=0) for sample in samples)
                redrawn.append(measure(*drawn))
    known = np.array([math.nan if one is None else one for one in redrawn])
    return Estimate(value, *_interval(known, value, place), len(samples[0]))


def _redrawn(cells: Floats, place: Places, resamples: int, seed: int) -> Floats:
    """The sum of the rows' tables in each resample: shape (resamples, ...) from (rows, ...)."""
    if len(place) == 0:
        return np.zeros((0, *cells.shape[1:]))
    counts = np.zeros((int(place.max()) + 1, *cells.shape[1:]))
    np.add.at(counts, place, cells)
    flat = counts.reshape(len(counts), -1)
    drawn = np.concatenate([batch @ flat for batch in _draws(place, resamples, seed)])
    return drawn.reshape(-1, *cells.shape[1:])


def _interval(
    redrawn: Floats, value: float | None, place: Places
) -> tuple[float | None, float | None]:
    known = redrawn[~np.isnan(redrawn)]
    if value is None or len(known) == 0 or int(place.max()) == 0:  # a single group
        return None, None
    low, high = np.percentile(known, LIMITS)
    return float(low), float(high)
