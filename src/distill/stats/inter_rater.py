"""Inter-rater agreement: Spearman, Kendall's tau-b, Cohen's kappa and Krippendorff's alpha.

Alpha of one code or of ratings is that of the krippendorff package. The others are computed here,
for all resamples at once: 2,000 calls of scipy's correlations and of sklearn's cohen_kappa_score
for each system and code would take minutes; tests compare the results.

Intervals are percentile bootstrap intervals that draw groups of rows, such as all summaries of one
interaction, since rows of one group are not independent. A value that is not defined, such as a
correlation of constants, is None: no NaN reaches a file.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

import krippendorff
import numpy as np
from numpy.typing import NDArray

from distill.stats.intervals import (
    LIMITS,
    RESAMPLES,
    Estimate,
    Floats,
    Numbers,
    blocks,
    proportion,
)

Level = Literal["nominal", "ordinal"]
Places = NDArray[np.int64]

RATINGS = 5  # from 1 to 5


def agreement(
    x: Numbers,
    y: Numbers,
    groups: Sequence[Hashable] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Return spearman, kendall, weighted_kappa of ratings from 1 to 5, with intervals.

    Ratings may be means or expectations, which are ranked as they are; kappa takes the nearest
    whole rating. `groups` names the group of each row.
    """
    n = len(x)
    place = _places(groups or range(n))
    given = np.stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)], axis=1)
    pairs, at = np.unique(given, axis=0, return_inverse=True)
    times = np.eye(len(pairs))[at.ravel()]  # a column for each pair of ratings, a 1 in each row
    drawn = _redrawn(times, place, resamples, seed)
    ours, theirs = pairs[:, 0], pairs[:, 1]
    found = {}
    for name, measure in {"spearman": spearman, "kendall": kendall}.items():
        value = _defined(measure(ours, theirs, times.sum(axis=0, keepdims=True))[0])
        found[name] = _estimate(value, measure(ours, theirs, drawn), place, n)
    cells = _cells(x, y)
    value = _defined(kappa(cells.sum(axis=0, keepdims=True))[0]) if n > 1 else None
    redrawn = kappa(_redrawn(cells, place, resamples, seed))
    return {**found, "weighted_kappa": _estimate(value, redrawn, place, n)}


def spearman(x: Floats, y: Floats, times: Floats) -> Floats:
    """Return Spearman's rank correlation (mid-ranks for ties), NaN where it is not defined.

    `times` has a row for each resample: how often each pair of ratings occurs in it.
    """
    ranks = [_mid_ranks(values, times) for values in (x, y)]
    total = np.maximum(times.sum(axis=1, keepdims=True), 1)
    one, other = (rank - (rank * times).sum(axis=1, keepdims=True) / total for rank in ranks)
    covariance = (one * other * times).sum(axis=1)
    variances = (one**2 * times).sum(axis=1) * (other**2 * times).sum(axis=1)
    return _divided(covariance, np.sqrt(variances))


def _mid_ranks(values: Floats, times: Floats) -> Floats:
    """The rank of each value in each resample; ties have the mean of their ranks."""
    distinct, at = np.unique(values, return_inverse=True)
    counts = times @ np.eye(len(distinct))[at]
    ranks: Floats = (counts.cumsum(axis=1) - (counts - 1) / 2)[:, at]
    return ranks


def kendall(x: Floats, y: Floats, times: Floats) -> Floats:
    """Return Kendall's tau-b, which corrects for ties, NaN where it is not defined.

    `times` is as for `spearman`.
    """
    signs = [np.sign(np.subtract.outer(column, column)) for column in (x, y)]
    ordered, one, other = (
        ((times @ matrix) * times).sum(axis=1)
        for matrix in (signs[0] * signs[1], signs[0] ** 2, signs[1] ** 2)
    )
    return _divided(ordered, np.sqrt(one * other))


def _divided(part: Floats, whole: Floats) -> Floats:
    undefined = np.full(len(whole), np.nan)
    ratio: Floats = np.divide(part, whole, out=undefined, where=whole > 1e-9)
    return ratio


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
    the second alone, neither; zeros where the code does not apply to the row. Agreement by chance
    is that of each code: kappa of all codes is 1 - the sum of their disagreements / the sum of
    those expected by chance. (One table of all codes would count it as agreement that both raters
    use frequent codes often: two independent raters of 40 codes then reach 0.2.)
    """
    rows, codes, _ = cells.shape
    place = _places(groups)
    counts = cells.sum(axis=0).reshape(1, codes, 2, 2)
    redrawn = _redrawn(cells.reshape(rows, codes * 2, 2), place, resamples, seed)
    by_code = redrawn.reshape(-1, codes, 2, 2)

    def estimate(tables: Floats, resampled: Floats) -> Estimate:
        [observed], [by_chance] = _disagreements(tables)
        value = _defined(pooled_kappa(tables)[0])
        found = _estimate(value, pooled_kappa(resampled), place, int(tables.sum()))
        if observed or found.low is None:
            return found
        # Every resample agrees throughout; Wilson's share of the rows may yet disagree.
        most = proportion(0, int(place.max()) + 1).high or 0.0
        return replace(found, low=max(-1.0, 1 - most * found.n / by_chance))

    estimates = [estimate(counts[:, [at]], by_code[:, [at]]) for at in range(codes)]
    return estimates, estimate(counts, by_code)


def pooled_kappa(tables: Floats) -> Floats:
    """Return the kappa of several codes, NaN where it is not defined, from (..., codes, 2, 2)."""
    return np.asarray(1 - _divided(*_disagreements(tables)))


def _disagreements(tables: Floats) -> tuple[Floats, Floats]:
    """The disagreements in all codes, and those that are expected by the chance of each code."""
    total = np.maximum(tables.sum(axis=(2, 3)), 1)
    ones, others = tables[:, :, 0].sum(axis=2), tables[:, :, :, 0].sum(axis=2)
    observed = tables[:, :, 0, 1] + tables[:, :, 1, 0]
    by_chance = (ones * (total - others) + (total - ones) * others) / total
    return observed.sum(axis=1), by_chance.sum(axis=1)


def pooled_alpha(
    votes: Floats, groups: Sequence[Hashable], resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return Krippendorff's nominal alpha of several codes, with the chance of each code.

    `votes` has the shape (units, codes, 2): how many raters marked the code in the unit and how
    many did not; zeros where it does not apply. Units with one vote do not count.
    """
    place = _places(groups)
    voters = votes.sum(axis=2)
    votes = np.where(voters[:, :, None] > 1, votes, 0)
    apart = 2 * votes[:, :, 0] * votes[:, :, 1] / np.maximum(voters - 1, 1)
    parts = np.concatenate([votes, apart[:, :, None]], axis=2)

    def measure(sums: Floats) -> Floats:
        yes, no, observed = sums[:, :, 0], sums[:, :, 1], sums[:, :, 2]
        by_chance = 2 * yes * no / np.maximum(yes + no - 1, 1)
        return np.asarray(1 - _divided(observed.sum(axis=1), by_chance.sum(axis=1)))

    value = _defined(measure(parts.sum(axis=0, keepdims=True))[0])
    redrawn = _redrawn(parts, place, resamples, seed)
    return _estimate(value, measure(redrawn), place, len(votes))


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
    return _estimate(value, known, place, len(samples[0]))


def _redrawn(cells: Floats, place: Places, resamples: int, seed: int) -> Floats:
    """The sum of the rows' tables in each resample: shape (resamples, ...) from (rows, ...)."""
    if len(place) == 0:
        return np.zeros((0, *cells.shape[1:]))
    counts = np.zeros((int(place.max()) + 1, *cells.shape[1:]))
    np.add.at(counts, place, cells)
    flat = counts.reshape(len(counts), -1)
    drawn = np.concatenate([batch @ flat for batch in _draws(place, resamples, seed)])
    return drawn.reshape(-1, *cells.shape[1:])


def _estimate(value: float | None, redrawn: Floats, place: Places, n: int) -> Estimate:
    """A value with the percentiles of its resamples; those that are not defined are counted."""
    known = redrawn[~np.isnan(redrawn)]
    undefined = 0 if value is None else len(redrawn) - len(known)
    if value is None or len(known) == 0 or int(place.max()) == 0:  # a single group
        return Estimate(value, None, None, n, undefined=undefined)
    low, high = np.percentile(known, LIMITS)
    return Estimate(value, float(low), float(high), n, undefined=undefined)
