import numpy as np
import pytest
from scipy.stats import binom
from statsmodels.stats.multitest import multipletests

from lrscore.errors import SettingsError
from lrscore.statistics import (
    ConfidencePlan,
    binomial_p_values,
    clopper_pearson_lower,
    holm_reject,
    paper_holm_levels,
)
from tests.lrscore.statistics.slow import exact_tail, too_many_errors


def test_p_values_are_binomial_tails_rounded_up():
    for k, n in [(0, 5), (1, 5), (5, 5), (18, 25)]:
        p_value = float(binomial_p_values(k, n, 0.6))
        assert p_value >= min(exact_tail(k, n, 0.6), 1)
        assert p_value == pytest.approx(float(exact_tail(k, n, 0.6)), rel=1e-10)


def test_agrees_with_statsmodels():
    rng = np.random.default_rng(5)
    for _ in range(8):
        counts = rng.binomial(100, rng.uniform(0.6, 0.95, 30))
        expected = multipletests(binom.sf(counts - 1, 100, 0.75), alpha=0.05, method="holm")[0]
        np.testing.assert_array_equal(holm_reject(counts, 100, 0.75, 0.05), expected)


def test_step_down_by_hand():
    # p-values for tau = 1/2, n = 10: k = 10 -> 1/1024, k = 9 -> 11/1024, k = 8 -> 56/1024.
    # Limits 0.05/3 = .0167, 0.05/2 = .025, .05: the first two pass, 56/1024 = .0547 does not.
    assert holm_reject([8, 10, 9], 10, 0.5, 0.05).tolist() == [False, True, True]
    # 11/1024 = .0107 exceeds .01 / 2 after 1/1024 passed .01 / 3: everything after the first failure stays.
    assert holm_reject([10, 9, 9], 10, 0.5, 0.01).tolist() == [True, False, False]
    # 11/1024 is above .015 / 2 and below .015: the first failure also stops what would pass later.
    assert holm_reject([9, 9], 10, 0.5, 0.015).tolist() == [False, False]


@pytest.mark.parametrize("shared", [False, True])
def test_family_error_at_a_fixed_threshold(shared):
    rng, tau, alpha, repetitions = np.random.default_rng(6), 0.75, 0.2, 3000
    p = np.r_[np.full(5, tau), np.full(5, 0.95)]
    draws = rng.random((repetitions, 80, 1 if shared else p.size)) < p
    errors = sum(holm_reject(row, 80, tau, alpha)[:5].any() for row in draws.sum(axis=1))
    assert not too_many_errors(errors, repetitions, alpha)


def test_by_rank_levels_break_their_promise_for_two_outputs():
    n, alpha, p = 10_000, 0.05, np.array([0.6, 0.9])
    lowest, highest = binom.ppf(1e-14, n, p).astype(int), binom.isf(1e-14, n, p).astype(int)
    assert highest[0] < lowest[1]  # the ranks are the same in all but 1e-13 of the cases
    np.testing.assert_allclose(paper_holm_levels([6000, 9000], n, alpha), [alpha, alpha / 2])
    errors = []
    for output, level in enumerate([alpha, alpha / 2]):
        counts = np.arange(lowest[output], highest[output] + 1)
        wrong = clopper_pearson_lower(counts, n, level) > p[output]
        errors.append(binom.pmf(counts[wrong], n, p[output]).sum())
    family_error = 1 - (1 - errors[0]) * (1 - errors[1])
    assert family_error == pytest.approx(0.0716, abs=5e-5)
    assert family_error > 1.4 * alpha


def test_by_rank_levels_follow_agreement_and_are_marked():
    np.testing.assert_allclose(paper_holm_levels([9, 3, 5], 10, 0.06), [0.02, 0.06, 0.03])
    plan = ConfidencePlan(0.05, "paper-holm", 2)
    assert not plan.valid
    assert plan.sentence().startswith("NOT VALID")
    expected = clopper_pearson_lower([6000, 9000], 10_000, [0.05, 0.025])
    np.testing.assert_array_equal(plan.lower([6000, 9000], 10_000), expected)


def test_threshold_range():
    with pytest.raises(SettingsError, match="threshold: expected a probability"):
        holm_reject([1], 2, 1.0, 0.1)
