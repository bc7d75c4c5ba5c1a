"""Means, differences and shares, each with its n and a 95% interval.

Intervals of means and differences are percentile intervals of a seeded bootstrap by row; those of
shares are Wilson's. The p-value of a paired difference comes from flipping the signs of the rows'
differences at random (two-sided), so it assumes no distribution. A value that is not defined, such
as the mean of nothing, is None: no NaN reaches a file.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = Sequence[float]

RESAMPLES = 2000
LIMITS = (2.5, 97.5)
_Z = 1.959963984540054
_BLOCK = 4_000_000  # numbers drawn at once, which bounds the memory


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% interval and the rows behind it; p only for differences."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    p: float | None = None

    def rounded(self, digits: int = 4) -> dict[str, float | int | None]:
        """Return the fields for JSON; the same on every machine to `digits` digits."""
        return {
            name: round(field, digits) if isinstance(field, float) else field
            for name, field in asdict(self).items()
        }


def mean(values: Numbers, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """Return the mean with its bootstrap interval; one row alone has no interval."""
    sample = np.asarray(values, dtype=np.float64)
    n = len(sample)
    if n == 0:
        return Estimate(None, None, None, 0)
    if n == 1:
        return Estimate(float(sample[0]), None, None, 1)
    low, high = np.percentile(_resampled_means(sample, resamples, seed), LIMITS)
    return Estimate(float(sample.mean()), float(low), float(high), n)


def ratio(parts: Numbers, wholes: Numbers, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """Return sum(parts) / sum(wholes), paired by row, with its bootstrap interval.

    Rows should have a whole above 0; one row alone has no interval.
    """
    n, whole = len(wholes), sum(wholes)
    if whole == 0:
        return Estimate(None, None, None, n)
    value = sum(parts) / whole
    if n == 1:
        return Estimate(value, None, None, 1)
    over, under = (  # the same rows are drawn for both
        _resampled_means(np.asarray(numbers, dtype=np.float64), resamples, seed)
        for numbers in (parts, wholes)
    )
    low, high = np.percentile(over / under, LIMITS)
    return Estimate(value, float(low), float(high), n)


def difference(
    ours: Numbers, theirs: Numbers, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return the mean of ours minus theirs, row by row, with interval and p-value.

    The p-value is the share of sign flips at least as far from zero as what was seen, the seen
    one counted among them, hence at least 1 / (resamples + 1).
    """
    deltas = np.subtract(ours, theirs, dtype=np.float64)
    estimate = mean(deltas.tolist(), resamples, seed)
    if len(deltas) < 2:
        return estimate
    seen = abs(float(deltas.mean()))
    flipped = np.abs(_flipped_means(deltas, resamples, seed))
    extreme = int(np.count_nonzero(flipped >= seen - 1e-12))
    p = (extreme + 1) / (resamples + 1)
    return Estimate(estimate.value, estimate.low, estimate.high, estimate.n, p)


def proportion(hits: int, n: int) -> Estimate:
    """Return hits / n with Wilson's score interval."""
    if n == 0:
        return Estimate(None, None, None, 0)
    share = hits / n
    scale = 1 + _Z**2 / n
    middle = (share + _Z**2 / (2 * n)) / scale
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / scale
    low = 0.0 if hits == 0 else middle - half
    high = 1.0 if hits == n else middle + half
    return Estimate(share, low, high, n)


def _resampled_means(sample: Floats, resamples: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    n = len(sample)
    return np.concatenate(
        [sample[rng.integers(0, n, (size, n))].mean(axis=1) for size in blocks(resamples, n)]
    )


def _flipped_means(deltas: Floats, resamples: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    n = len(deltas)
    return np.concatenate(
        [(rng.integers(0, 2, (size, n)) * 2 - 1) @ deltas / n for size in blocks(resamples, n)]
    )


def blocks(resamples: int, n: int) -> list[int]:
    """Return the sizes of the parts in which so many samples of `n` rows are drawn."""
    size = max(1, _BLOCK // n)
    return [min(size, resamples - start) for start in range(0, resamples, size)]
