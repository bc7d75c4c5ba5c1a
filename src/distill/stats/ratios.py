"""The difference of two ratios over the same groups of rows, such as two precisions by question."""

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from distill.stats import significance
from distill.stats.intervals import RESAMPLES, Estimate, Floats, Numbers


def difference(
    ours: tuple[Numbers, Numbers],
    theirs: tuple[Numbers, Numbers],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return sum(parts) / sum(wholes) of ours less that of theirs, with interval and p-value.

    Each side is (parts, wholes), a number for each group; groups are paired and drawn together. p
    is from sign flips of the groups' linearized contributions (the delta method). The estimate is
    undefined where one side has no whole.
    """
    a, b, c, d = (np.asarray(numbers, dtype=np.float64) for numbers in (*ours, *theirs))
    n = len(a)
    if not b.sum() or not d.sum():
        return Estimate(None, None, None, n)
    delta = float(_difference(a, b, c, d))
    if n < 2:
        return Estimate(delta, None, None, n)
    share = _contributions(a, b) - _contributions(c, d)
    if not share.any():
        return Estimate(delta, delta, delta, n, 1.0)
    found = stats.bootstrap(
        (a, b, c, d),
        _difference,
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=resamples,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    p = significance.sign_flips(share + delta, seed=seed)
    return Estimate(delta, float(found.low), float(found.high), n, p)


def _difference(a: Floats, b: Floats, c: Floats, d: Floats, axis: int = -1) -> Floats:
    made: Floats = a.sum(axis=axis) / b.sum(axis=axis) - c.sum(axis=axis) / d.sum(axis=axis)
    return made


def _contributions(parts: Floats, wholes: Floats) -> Floats:
    """The groups' contributions to the ratio's deviation; their mean is 0."""
    found: Floats = (parts - parts.sum() / wholes.sum() * wholes) / wholes.mean()
    return found
