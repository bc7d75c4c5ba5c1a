"""Intervals over trainings and rows: simulations whose answer is known, and scipy."""

import numpy as np
import pytest
from scipy import stats

from distill.stats import trainings

SCALE = (-10.0, 10.0)


def simulated(rng, ours, theirs, between, rows=150):
    """Values of two systems with the same mean; trainings differ by `between` (SD), rows by 0.6."""
    common = rng.normal(0, 1, rows)
    own = rng.normal(0, 0.6, rows)
    return tuple(
        common
        + effect
        + rng.normal(0, between if count > 1 else 0, (count, 1))
        + rng.normal(0, 0.8, (count, rows))
        for count, effect in ((ours, own), (theirs, 0))
    )


@pytest.mark.parametrize("between", [0.0, 0.15, 0.4])
@pytest.mark.parametrize(("ours", "theirs"), [(5, 5), (3, 3), (5, 1), (2, 2)])
def test_intervals_cover_the_true_difference_whatever_part_trainings_have(ours, theirs, between):
    rng = np.random.default_rng(0)
    found = [
        trainings.difference(*simulated(rng, ours, theirs, between), SCALE, 300, trial)
        for trial in range(150)
    ]
    covered = np.mean([one.low <= 0 <= one.high for one in found])
    assert covered >= 0.90  # 0.943 to 0.995 in 600 trials
    assert np.mean([one.p < 0.05 for one in found]) <= 0.10


def test_one_training_each_is_a_bootstrap_of_rows():
    rng = np.random.default_rng(1)
    ours, theirs = simulated(rng, 1, 1, 0)
    found = trainings.difference(ours, theirs, SCALE, 4000)
    deltas = (ours - theirs)[0]
    expected = stats.bootstrap((deltas,), np.mean, n_resamples=4000, rng=rng).confidence_interval
    assert found.value == pytest.approx(deltas.mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)
    assert (found.n, found.seeds) == (150, 1)


def test_one_training_says_nothing_of_the_trainings_and_five_do():
    rng = np.random.default_rng(2)
    ours, theirs = simulated(rng, 5, 5, 0.4)
    one = trainings.difference(ours[:1], theirs[:1], SCALE)
    five = trainings.difference(ours, theirs, SCALE)
    assert five.seeds == 5
    assert five.high - five.low > one.high - one.low


def test_the_difference_of_means_is_the_mean_difference():
    rng = np.random.default_rng(3)
    ours, theirs = simulated(rng, 3, 2, 0.1)
    means = [trainings.mean(values, SCALE, 200).value for values in (ours, theirs)]
    found = trainings.difference(ours, theirs, SCALE, 200)
    assert found.value == pytest.approx(means[0] - means[1])


def test_the_spread_of_one_training_each_is_that_of_the_paired_t_test():
    ours, theirs = simulated(np.random.default_rng(4), 1, 1, 0)
    delta, error, freedom = trainings.spread(ours, theirs)
    expected = stats.ttest_rel(ours[0], theirs[0])
    assert delta / error == pytest.approx(expected.statistic)
    assert freedom == expected.df
    tests = trainings.equivalence(ours, theirs, 0.2)
    shifted = stats.ttest_1samp((ours - theirs)[0], -0.2, alternative="greater")
    assert tests.noninferior == pytest.approx(shifted.pvalue)


def test_the_same_rating_in_every_row_is_not_certain():
    found = trainings.mean(np.full((1, 150), 5.0), (1, 5))
    assert found.high == 5
    wilson = stats.binomtest(0, 150).proportion_ci(method="wilson").high
    assert found.low == pytest.approx(5 - 4 * wilson)
    assert trainings.mean(np.full((1, 4), 3.0), (1, 5)).low == pytest.approx(
        3 - 2 * 0.4899, abs=1e-4
    )


def test_an_interval_stays_on_the_scale():
    found = trainings.mean(np.array([[5.0] * 9 + [1.0]]), (1, 5))
    assert found.high <= 5
    assert found.low >= 1


def test_of_no_rows_nothing_is_known_and_of_one_no_interval():
    nothing, single = np.zeros((1, 0)), np.array([[4.0]])
    assert trainings.mean(nothing, SCALE).value is None
    assert trainings.mean(single, SCALE).value == 4
    assert trainings.mean(single, SCALE).low is None
    assert trainings.difference(single, single, SCALE).p is None
    assert trainings.equivalence(single, single, 0.2) == (None, None)


def test_a_reduction_is_a_paired_ratio():
    rng = np.random.default_rng(5)
    theirs = (rng.random((1, 300)) < 0.4).astype(float)
    ours = theirs * (rng.random((1, 300)) < 0.5)
    found = trainings.reduction(ours, theirs)
    assert found.value == pytest.approx(1 - ours.sum() / theirs.sum())
    expected = stats.bootstrap(
        (ours[0], theirs[0]),
        lambda one, other, axis=-1: 1 - one.sum(axis=axis) / other.sum(axis=axis),
        paired=True,
        rng=rng,
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)
    assert found.undefined == 0


def test_resamples_without_an_error_to_reduce_are_counted():
    theirs = np.zeros((1, 20))
    theirs[0, 0] = 1
    ours = np.roll(theirs, 1)
    found = trainings.reduction(ours, theirs)
    assert found.value == 0
    assert found.undefined / 2000 == pytest.approx(0.95**20, abs=0.04)
    assert trainings.reduction(ours, np.zeros((1, 20))).value is None


def test_no_errors_at_all_are_not_certain_either():
    theirs = np.array([[1.0] * 30 + [0.0] * 70])
    found = trainings.reduction(np.zeros((1, 100)), theirs)
    wilson = stats.binomtest(0, 100).proportion_ci(method="wilson").high
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(1 - wilson / 0.3)
