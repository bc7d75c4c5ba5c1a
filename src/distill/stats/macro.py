"""Macro F1 of several trainings over the same rows, and differences of it, with 95% intervals.

Macro F1 is no mean over rows, so its error over rows is that of a bootstrap: test rows are drawn
with their counts, the same for all systems, and F1 is computed anew. The error over trainings is
that of the mean of the seeds; the seeds of two systems are paired where they share their shots. The
interval is Student's t with Satterthwaite's degrees of freedom; where every resample would give the
same, it is that of `trainings.constant`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from distill.stats.classes import Counts
from distill.stats.intervals import LIMITS, Estimate, Floats
from distill.stats.trainings import constant

_LEAST = 1e-12  # a standard error below it is none


class Table(NamedTuple):
    """The counts of one training, a row for each test row and a column for each label."""

    tp: Floats
    fp: Floats
    fn: Floats


def table(rows: Sequence[Mapping[str, Counts]], labels: Sequence[str]) -> Table:
    """Return the counts of the rows by label."""
    nothing = Counts()
    found = np.array(
        [[row.get(label, nothing) for label in labels] for row in rows], dtype=np.float64
    ).reshape(len(rows), len(labels), 3)
    return Table(found[..., 0], found[..., 1], found[..., 2])


def by_label(counts: Table) -> Floats:
    """Return the F1 of each label, 0 where nothing is gold and nothing found."""
    found: Floats = np.nan_to_num(_f1(np.ones((1, len(counts.tp))), counts))[0]
    return found


def mean(trainings: Sequence[Table], resamples: int, seed: int) -> Estimate:
    """Return the macro F1 over trainings and rows."""
    return _estimate([(one,) for one in trainings], resamples, seed, (0.0, 1.0))


def difference(pairs: Sequence[tuple[Table, Table]], resamples: int, seed: int) -> Estimate:
    """Return the macro F1 of the first less that of the second, over pairs of one seed each."""
    return _estimate(pairs, resamples, seed, (-1.0, 1.0))


def _estimate(
    pairs: Sequence[tuple[Table, ...]], resamples: int, seed: int, limits: tuple[float, float]
) -> Estimate:
    n, seeds = len(pairs[0][0].tp), len(pairs)
    ones = np.ones((1, n))
    values = np.array([_delta(ones, pair)[0] for pair in pairs])
    value = float(values.mean())
    if n < 2:
        return Estimate(value, None, None, n, seeds=seeds)
    weights = np.random.default_rng(seed).multinomial(n, [1 / n] * n, size=resamples)
    drawn = np.mean([_delta(weights.astype(np.float64), pair) for pair in pairs], axis=0)
    parts = [(float(drawn.var(ddof=1)), n - 1)]
    if seeds > 1:
        parts.append((float(values.var(ddof=1)) / seeds, seeds - 1))
    variance = sum(part for part, _ in parts)
    error = variance**0.5
    if error < _LEAST:
        p = min(1.0, 2 * 0.5**n) if abs(value) > _LEAST else 1.0  # a sign test of the rows
        return Estimate(value, *constant(value, n, limits), n, p, seeds)
    freedom = variance**2 / sum(part**2 / free for part, free in parts)
    reach = float(stats.t.ppf(LIMITS[1] / 100, freedom)) * error
    low, high = np.clip((value - reach, value + reach), *limits)
    p = float(2 * stats.t.sf(abs(value) / error, freedom))
    return Estimate(value, float(low), float(high), n, p, seeds)


def _delta(weights: Floats, pair: Sequence[Table]) -> Floats:
    macro = [np.nanmean(_f1(weights, one), axis=1) for one in pair]
    delta: Floats = macro[0] - macro[1] if len(macro) > 1 else macro[0]
    return delta


def _f1(weights: Floats, counts: Table) -> Floats:
    """Return (resamples, labels); a label that a resample lacks is not a number."""
    tp, fp, fn = (weights @ part for part in counts)
    whole = 2 * tp + fp + fn
    return np.divide(2 * tp, whole, out=np.full_like(whole, np.nan), where=whole > 0)
