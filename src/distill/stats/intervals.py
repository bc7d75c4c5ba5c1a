"""Means, ratios and shares with 95% intervals, by scipy.

Means and ratios have percentile bootstrap intervals by row (scipy.stats.bootstrap); shares have
Wilson's score interval. A value that is not defined, such as the mean of nothing, is None: no NaN
reaches a file.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

Floats = NDArray[np.float64]
Numbers = Sequence[float]

RESAMPLES = 2000
LIMITS = (2.5, 97.5)  # percentiles
_BLOCK = 4_000_000  # numbers that one batch of resamples may hold, which bounds the memory


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% interval and the rows behind it; p only for differences.

    `seeds`: the trainings behind it. `undefined`: the resamples in which it had no value, which are
    left out of the interval.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    p: float | None = None
    seeds: int = 1
    undefined: int = 0

    def rounded(self, digits: int = 4) -> dict[str, float | int | None]:
        """Return the fields for JSON; the same on every machine to `digits` digits."""
        return {
            name: round(field, digits) if isinstance(field, float) else field
            for name, field in asdict(self).items()
        }


def mean(values: Numbers, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """Return the mean with its bootstrap interval; a single row has no interval."""
    sample = np.asarray(values, dtype=np.float64)
    n = len(sample)
    if n < 2:
        return Estimate(float(sample[0]) if n else None, None, None, n)
    return _bootstrapped((sample,), np.mean, resamples, seed)


def ratio(parts: Numbers, wholes: Numbers, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """Return sum(parts) / sum(wholes), paired by row, with its bootstrap interval.

    A part lies between 0 and its whole, which should be above 0. At 0 and 1 every resample gives
    the same, so the interval is Wilson's with a trial for each row, as rows alone are independent.
    A single row has no interval.
    """
    over, under = (np.asarray(numbers, dtype=np.float64) for numbers in (parts, wholes))
    n = len(under)
    if under.sum() == 0:
        return Estimate(None, None, None, n)
    value = float(over.sum() / under.sum())
    if n < 2:
        return Estimate(value, None, None, n)
    if value in {0.0, 1.0}:
        return proportion(round(value) * n, n)
    return _bootstrapped((over, under), _ratio, resamples, seed)


def _ratio(over: Floats, under: Floats, axis: int = -1) -> Any:
    return over.sum(axis=axis) / under.sum(axis=axis)


def proportion(hits: int, n: int) -> Estimate:
    """Return hits / n with Wilson's score interval."""
    if n == 0:
        return Estimate(None, None, None, 0)
    test = stats.binomtest(hits, n)
    interval = test.proportion_ci(method="wilson")
    return Estimate(float(test.statistic), float(interval.low), float(interval.high), n)


def _bootstrapped(
    samples: tuple[Floats, ...], statistic: Callable[..., Any], resamples: int, seed: int
) -> Estimate:
    n = len(samples[0])
    found = stats.bootstrap(
        samples,
        statistic,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=resamples,
        batch=_batch(n),
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Estimate(float(statistic(*samples)), float(found.low), float(found.high), n)


def _batch(n: int) -> int:
    """The resamples of `n` rows that are drawn at once."""
    return max(1, _BLOCK // n)


def blocks(resamples: int, n: int) -> list[int]:
    """Return the sizes of the batches in which so many resamples of `n` rows are drawn."""
    size = _batch(n)
    return [min(size, resamples - start) for start in range(0, resamples, size)]
