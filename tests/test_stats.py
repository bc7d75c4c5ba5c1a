import json
import lzma
import os
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from distill.stats import inter_rater, intervals

FRANK = Path(os.environ.get("DISTILL_TEST_DATA", "../shared/data")) / "frank"
RATINGS = st.integers(1, 5)


def test_mean_lies_inside_its_interval():
    estimate = intervals.mean([1, 2, 3, 4, 5] * 20)
    assert estimate.value == 3
    assert estimate.low < 3 < estimate.high
    assert estimate.n == 100


def test_same_seed_gives_the_same_interval():
    values = [1.0, 5.3, 2.1, 4.4, 3.7, 3.2]
    assert intervals.mean(values, seed=3) == intervals.mean(values, seed=3)
    assert intervals.mean(values, seed=3) != intervals.mean(values, seed=4)


def test_mean_of_nothing_is_unknown_and_one_row_has_no_interval():
    assert intervals.mean([]) == intervals.Estimate(None, None, None, 0)
    assert intervals.mean([4]) == intervals.Estimate(4.0, None, None, 1)


def test_ratio_weighs_rows_by_their_whole():
    estimate = intervals.ratio([1, 0, 0], [1, 1, 8])
    assert estimate.value == 0.1
    assert estimate.low == 0 < estimate.value < estimate.high <= 1
    assert intervals.ratio([2, 3], [4, 6]) == intervals.Estimate(0.5, 0.5, 0.5, 2)
    assert intervals.ratio([1], [4]) == intervals.Estimate(0.25, None, None, 1)
    assert intervals.ratio([], []).value is None


@pytest.mark.parametrize(("each", "low", "high"), [(1, 0.976, 1), (0, 0, 0.024)])
def test_a_share_of_all_or_of_none_is_not_certain(each, low, high):
    estimate = intervals.ratio([2 * each] * 153, [2] * 153)
    assert (estimate.value, estimate.n) == (each, 153)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-3)


def test_interval_covers_the_true_mean_about_95_times_in_100():
    rng = np.random.default_rng(0)
    chances = [0.05, 0.1, 0.2, 0.25, 0.4]
    truth = np.dot([1, 2, 3, 4, 5], chances)
    covered = 0
    for trial in range(1500):
        estimate = intervals.mean(rng.choice([1, 2, 3, 4, 5], 150, p=chances), 500, trial)
        covered += estimate.low <= truth <= estimate.high
    assert 0.93 <= covered / 1500 <= 0.97


def test_wilson_interval_stays_inside_0_and_1():
    assert intervals.proportion(0, 0).value is None
    assert intervals.proportion(0, 10).low == 0
    assert intervals.proportion(10, 10).high == 1
    half = intervals.proportion(50, 100)
    assert (half.low, half.high) == pytest.approx((0.4038, 0.5962), abs=1e-4)


@pytest.mark.parametrize("measure", ["spearman", "kendall", "weighted_kappa"])
def test_agreement_of_constants_or_of_one_row_is_unknown(measure):
    assert inter_rater.agreement([3], [4], resamples=100)[measure].value is None
    assert inter_rater.agreement([3, 3, 3], [3, 3, 3], resamples=100)[measure].value is None


@pytest.mark.parametrize("levels", [5, 400])
def test_correlations_are_scipys_in_every_resample(levels):
    rng = np.random.default_rng(4)
    x = rng.integers(0, levels, 40) / levels
    y = x + rng.integers(-levels, levels, 40) / levels
    times = rng.multinomial(40, [1 / 40] * 40, size=20).astype(float)
    found = (inter_rater.spearman(x, y, times), inter_rater.kendall(x, y, times))
    for at, drawn in enumerate(times.astype(int)):
        redrawn = (np.repeat(x, drawn), np.repeat(y, drawn))
        assert found[0][at] == pytest.approx(stats.spearmanr(*redrawn).statistic)
        assert found[1][at] == pytest.approx(stats.kendalltau(*redrawn).statistic)


@settings(max_examples=50)
@given(st.lists(st.tuples(RATINGS, RATINGS), max_size=12))
def test_no_nan_reaches_json(pairs):
    x, y = [one for one, _ in pairs], [other for _, other in pairs]
    estimates = [intervals.mean(x, 100)]
    estimates += inter_rater.agreement(x, y, resamples=100).values()
    json.dumps([estimate.rounded() for estimate in estimates], allow_nan=False)


def test_kappa_of_a_table_of_counts_is_sklearns():
    rng = np.random.default_rng(2)
    for categories in (2, 5):
        x = rng.integers(0, categories, 80)
        y = np.clip(x + rng.integers(-1, 2, 80), 0, categories - 1)
        table = np.zeros((1, categories, categories))
        np.add.at(table, (0, x, y), 1)
        expected = cohen_kappa_score(x, y, weights="quadratic")
        assert inter_rater.kappa(table)[0] == pytest.approx(expected)


def marks_of(rng, shares, rows):
    """Cells of two independent raters who mark each code in a share of the rows."""
    first, second = (rng.random((rows, len(shares))) < shares for _ in range(2))
    return np.eye(4)[2 * ~first + ~second]


def test_kappas_are_of_each_code_and_of_all_together():
    marks = np.array([[0, 0], [0, 3], [3, 3], [0, 1], [1, 3], [3, 3]])  # a cell for each code
    by_code, together = inter_rater.kappas(np.eye(4)[marks], range(6), resamples=100)
    yes = {0: (1, 1), 1: (1, 0), 2: (0, 1), 3: (0, 0)}
    weights = []
    for at, estimate in enumerate(by_code):
        first, second = np.array([yes[mark] for mark in marks[:, at]]).T
        assert estimate.value == pytest.approx(cohen_kappa_score(first, second))
        share, other = first.mean(), second.mean()
        weights.append(1 - share * other - (1 - share) * (1 - other))
    assert together.value == pytest.approx(
        np.average([estimate.value for estimate in by_code], weights=weights)
    )  # sum(po - pe) / sum(1 - pe)
    assert together.low <= together.value <= together.high


def test_two_independent_raters_of_codes_of_unequal_frequency_agree_by_chance_alone():
    rng = np.random.default_rng(5)
    shares = np.geomspace(0.005, 0.5, 40)
    found = [
        inter_rater.kappas(marks_of(rng, shares, 150), range(150), 200, trial)[1]
        for trial in range(30)
    ]
    assert abs(np.mean([one.value for one in found])) < 0.01
    assert sum(one.low <= 0 <= one.high for one in found) >= 26
    alphas = []
    for _ in range(30):
        cells = marks_of(rng, shares, 150)
        yes = 2 * cells[:, :, 0] + cells[:, :, 1] + cells[:, :, 2]
        votes = np.stack([yes, 2 - yes], axis=2)
        alphas.append(inter_rater.pooled_alpha(votes, range(150), 100).value)
    assert abs(np.mean(alphas)) < 0.01


def test_alpha_of_one_code_is_krippendorffs():
    rng = np.random.default_rng(6)
    yes = rng.integers(0, 4, 30)
    votes = np.stack([yes, np.maximum(rng.integers(1, 4, 30), yes) - yes], axis=1).astype(float)
    expected = krippendorff.alpha(value_counts=votes, level_of_measurement="nominal")
    found = inter_rater.pooled_alpha(votes[:, None], range(30), 100)
    assert found.value == pytest.approx(expected)


def test_raters_who_agree_throughout_may_disagree_in_rows_to_come():
    cells = np.eye(4)[np.array([[0], [3]] * 50)]
    [code], together = inter_rater.kappas(cells, range(100), resamples=100)
    wilson = stats.binomtest(0, 100).proportion_ci(method="wilson").high
    assert (code.value, code.high) == (1, 1)
    assert code.low == together.low == pytest.approx(1 - wilson / 0.5)


def test_resamples_without_a_value_are_counted():
    cells = np.zeros((20, 1, 4))
    cells[:, 0, 3] = 1
    cells[0, 0] = [1, 0, 0, 0]  # one row of 20 has the code, so a resample misses it in 36%
    [rare], _ = inter_rater.kappas(cells, range(20), resamples=2000)
    assert rare.value == 1
    assert rare.undefined / 2000 == pytest.approx(0.95**20, abs=0.04)


def test_means_of_ratings_are_ranked_unrounded():
    x, y = [1.21, 1.24, 2.6, 3.8, 4.6], [1, 2, 3, 4, 5]
    found = inter_rater.agreement(x, y, resamples=100)
    assert found["spearman"].value == pytest.approx(1)  # in tenths the first two would be tied
    assert found["kendall"].value == pytest.approx(1)
    assert found["weighted_kappa"].value == pytest.approx(
        cohen_kappa_score([1, 1, 3, 4, 5], y, weights="quadratic")
    )


def test_both_raters_may_give_means():
    found = inter_rater.agreement([1.5, 2.5, 4.0], [1.4, 3.5, 4.5], resamples=100)
    assert found["spearman"].value == pytest.approx(1)


def test_a_mean_below_the_half_is_not_rounded_up_twice():
    x, y = [1.46, 2.46, 3.46, 4.46] * 10, [1, 2, 3, 4] * 10
    kappa = inter_rater.agreement(x, y, resamples=100)["weighted_kappa"]
    assert (kappa.value, kappa.low, kappa.high) == (1, 1, 1)


def test_rows_of_one_group_are_drawn_together():
    rng = np.random.default_rng(3)
    x = rng.integers(1, 6, 40).tolist()
    y = np.clip(np.array(x) + rng.integers(-2, 3, 40), 1, 5).tolist()
    apart = inter_rater.agreement(x * 5, y * 5)["spearman"]
    together = inter_rater.agreement(x * 5, y * 5, groups=list(range(40)) * 5)["spearman"]
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


@pytest.mark.skipif(not FRANK.is_dir(), reason=f"{FRANK} is missing; set DISTILL_TEST_DATA")
def test_agreement_with_published_human_judgements():
    def rows(name):
        with lzma.open(FRANK / f"{name}.json.xz", "rt", encoding="utf-8") as file:
            return {(row["hash"], row["model_name"]): row for row in json.load(file)}

    human = rows("human_annotations")
    metric = rows("baseline_factuality_metrics_outputs")
    keys = [key for key, row in metric.items() if row["split"] == "test"]
    scores = [metric[key]["BertScore P Art"] for key in keys]
    ratings = [human[key]["Factuality"] for key in keys]
    assert len(keys) == 1575
    found = inter_rater.agreement(scores, ratings, resamples=100)
    assert found["spearman"].value == pytest.approx(0.6448, abs=5e-5)
    assert found["kendall"].value == pytest.approx(0.5021, abs=5e-5)
