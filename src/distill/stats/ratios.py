"""The difference of two ratios over the same groups of rows, such as two precisions by question."""

import math
import warnings

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from distill.stats import significance
from distill.stats.intervals import LIMITS, RESAMPLES, Estimate, Floats, Numbers, ratio
from distill.stats.trainings import constant


def difference(
    ours: tuple[Numbers, Numbers],
    theirs: tuple[Numbers, Numbers],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return sum(parts) / sum(wholes) of ours less that of theirs, with interval and p-value.

    Each side is (parts, wholes), a number for each group, a part from 0 to its whole; groups are
    paired and drawn together. p is from sign flips of the groups' linearized contributions (the
    delta method). The estimate is undefined where one side has no whole, and so is a resample:
    `undefined` counts these, which the interval leaves out. A side at 0 or 1 is the same in every
    resample; then the limits are joined from those of both sides. Where all groups are alike, they
    are those of `trainings.constant`. A side with a whole in one group alone gives no interval.
    """
    a, b, c, d = (np.asarray(numbers, dtype=np.float64) for numbers in (*ours, *theirs))
    n, groups = len(a), min(int(np.count_nonzero(b)), int(np.count_nonzero(d)))
    if not groups:
        return Estimate(None, None, None, n)
    delta = float(_difference(a, b, c, d))
    if groups < 2:
        return Estimate(delta, None, None, n)
    first, second = (_side(one, whole, resamples, seed) for one, whole in ((a, b), (c, d)))
    if {first.value, second.value} & {0.0, 1.0}:
        return _joined(first, second, n)
    share = _contributions(a, b) - _contributions(c, d)
    if np.abs(share).max() < significance.NOTHING:
        p = 1.0 if not delta else 2 * 0.5**groups
        return Estimate(delta, *constant(delta, groups, (-1.0, 1.0)), n, p)
    drawn = _drawn((a, b, c, d), resamples, seed)
    found = drawn[~np.isnan(drawn)]
    low, high = np.percentile(found, LIMITS)
    p = significance.sign_flips(share + delta, seed=seed)
    return Estimate(delta, float(low), float(high), n, p, undefined=len(drawn) - len(found))


def _side(parts: Floats, wholes: Floats, resamples: int, seed: int) -> Estimate:
    known = wholes > 0
    return ratio(parts[known].tolist(), wholes[known].tolist(), resamples, seed)


def _joined(ours: Estimate, theirs: Estimate, n: int) -> Estimate:
    """Return the difference of two ratios with limits from theirs, and the p that they imply.

    Newcombe, Interval estimation for the difference between independent proportions, 1998 (method
    10); of paired groups it is on the safe side.
    """
    (one, low, high), (other, least, most) = (
        (float(side.value or 0.0), float(side.low or 0.0), float(side.high or 0.0))
        for side in (ours, theirs)
    )
    delta = one - other
    below = math.hypot(one - low, most - other)
    above = math.hypot(high - one, other - least)
    reach = below if delta > 0 else above
    p = float(2 * stats.norm.sf(stats.norm.ppf(LIMITS[1] / 100) * abs(delta) / reach))
    p = max(p, 2 * 0.5 ** min(ours.n, theirs.n))  # that of a sign test
    return Estimate(delta, max(-1.0, delta - below), min(1.0, delta + above), n, p)


def _drawn(samples: tuple[Floats, ...], resamples: int, seed: int) -> Floats:
    """Return the difference in each resample, not a number where a side has no whole."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # it has such resamples
        found: Floats = stats.bootstrap(
            samples,
            _difference,
            paired=True,
            vectorized=True,
            method="percentile",
            n_resamples=resamples,
            rng=np.random.default_rng(seed),
        ).bootstrap_distribution
    return found


def _difference(a: Floats, b: Floats, c: Floats, d: Floats, axis: int = -1) -> Floats:
    made: Floats = _ratio(a.sum(axis=axis), b.sum(axis=axis)) - _ratio(
        c.sum(axis=axis), d.sum(axis=axis)
    )
    return made


def _ratio(parts: Floats, wholes: Floats) -> Floats:
    """Return the ratios, not a number without a whole."""
    unknown = np.full(np.shape(wholes), np.nan)
    made: Floats = np.divide(parts, wholes, out=unknown, where=wholes > 0)
    return made


def _contributions(parts: Floats, wholes: Floats) -> Floats:
    """The groups' contributions to the ratio's deviation; their mean is 0."""
    found: Floats = (parts - parts.sum() / wholes.sum() * wholes) / wholes.mean()
    return found
