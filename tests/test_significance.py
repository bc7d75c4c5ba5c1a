"""Tests of hypotheses against scipy's and against values worked out by hand."""

import numpy as np
import pytest
from scipy import stats

from distill.stats import significance


def test_sign_flips_are_scipys_permutation_test():
    rng = np.random.default_rng(0)
    for shift in (0.0, 0.15, 0.3):
        deltas = np.round(rng.normal(shift, 1, 100), 1)
        expected = stats.permutation_test(
            (deltas,), np.mean, permutation_type="samples", n_resamples=20_000, rng=rng
        ).pvalue
        assert significance.sign_flips(deltas) == pytest.approx(expected, abs=0.015)


def test_all_flips_of_few_rows_are_tried():
    assert significance.sign_flips(np.array([1.0, 2.0, 3.0, 4.0])) == 2 / 2**4
    assert significance.sign_flips(np.array([0.1] * 3 + [-0.1])) == 10 / 2**4
    assert significance.sign_flips(np.zeros(3)) == 1


def test_the_smallest_p_value_survives_a_correction_of_a_hundred_comparisons():
    p = significance.sign_flips(np.ones(150))
    assert p == pytest.approx(1 / 20_001)
    assert significance.holm([p, *[0.9] * 499])[0] < 0.05


def test_flips_reject_5_times_in_100_where_there_is_no_difference():
    rng = np.random.default_rng(1)
    found = [
        significance.sign_flips(np.subtract(*rng.integers(1, 6, (2, 60))), 500, trial) < 0.05
        for trial in range(400)
    ]
    assert np.mean(found) < 0.08


def test_holm_multiplies_by_the_hypotheses_that_are_left_and_never_falls():
    assert significance.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert significance.holm([0.5, None, 0.9]) == [1.0, None, 1.0]
    assert significance.holm([]) == []


def test_equivalence_is_two_one_sided_t_tests():
    deltas = np.random.default_rng(2).normal(-0.05, 0.8, 120)
    error = deltas.std(ddof=1) / np.sqrt(120)
    found = significance.equivalence(deltas.mean(), error, 119, 0.2)
    above = stats.ttest_1samp(deltas, -0.2, alternative="greater").pvalue
    below = stats.ttest_1samp(deltas, 0.2, alternative="less").pvalue
    assert found.noninferior == pytest.approx(above)
    assert found.equivalent == pytest.approx(max(above, below))


def test_rows_that_differ_by_the_same_are_a_sign_test():
    assert significance.equivalence(0.0, 0.0, 9, 0.2) == (0.5**10, 0.5**10)
    assert significance.equivalence(1.0, 0.0, 3, 0.2) == (0.5**4, 1.0)
    assert significance.equivalence(-0.2, 0.0, 9, 0.2) == (1.0, 1.0)
