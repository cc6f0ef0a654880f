from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from statsmodels.stats.proportion import proportion_confint

from lrscore.errors import InputError
from lrscore.statistics import check_lower_bounds, clopper_pearson_lower, clopper_pearson_upper
from tests.lrscore.statistics.slow import exact_tail, unhurried

LEVELS = [0.5, 0.1, 0.01, 0.01 / 41_500, 1e-12, 1e-60]
counts = st.integers(1, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_exact_coverage_for_every_probability(n, level):
    # The bound is wrong for p exactly when the count is one whose bound exceeds p. Over p below the k-th bound the
    # chance of such a count grows up to P[Bin(n, bound) >= k]: checking these n values covers all p.
    lower = clopper_pearson_lower(np.arange(n + 1), n, level)
    for k in range(1, n + 1):
        assert exact_tail(k, n, float(lower[k])) <= Fraction(level)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("k", "n"), [(1, 1), (1, 40), (39, 40), (40, 40), (200, 300), (3, 300)])
def test_rounded_towards_zero_and_by_less_than_one_in_a_trillion(k, n, level):
    bound = float(clopper_pearson_lower(k, n, level))
    assert exact_tail(k, n, bound) <= Fraction(level)
    if bound * (1 + 1e-12) < 1:
        assert exact_tail(k, n, bound * (1 + 1e-12)) > Fraction(level)
    upper = float(clopper_pearson_upper(n - k, n, level))
    # P[Bin(n, u) <= n - k] = P[Bin(n, 1 - u) >= k]
    assert exact_tail(k, n, 1 - Fraction(upper)) <= Fraction(level)
    assert exact_tail(k, n, 1 - Fraction(upper) / Fraction(1 + 1e-12)) > Fraction(level)


@pytest.mark.parametrize("level", LEVELS[:5])
def test_agrees_with_scipy_and_statsmodels(level):
    rng = np.random.default_rng(2)
    n = rng.integers(1, 20_000, 200)
    k = rng.integers(1, n + 1)
    lower, upper = clopper_pearson_lower(k, n, level), clopper_pearson_upper(n - k, n, level)
    np.testing.assert_allclose(lower, beta.ppf(level, k, n - k + 1), rtol=1e-12)
    np.testing.assert_allclose(upper, beta.isf(level, n - k + 1, k), rtol=1e-12)
    low, high = proportion_confint(k, n, alpha=2 * level, method="beta")
    np.testing.assert_allclose(lower, low, rtol=1e-12)
    # statsmodels takes the quantile at 1 - level, which a float cannot hold to more digits than this.
    np.testing.assert_allclose(clopper_pearson_upper(k, n, level), high, rtol=1e-4 if level < 1e-6 else 1e-9)


@pytest.mark.parametrize("n", [34_362, 50_000, 100_000])
def test_counts_at_which_the_inverse_beta_function_stops_early(n):
    # scipy 1.17: with a parameter of exactly 1000 it errs by up to 1e-11, upward; found by a sweep over all counts
    level, k = 0.01 / 43_200, n - 999
    check_lower_bounds(clopper_pearson_lower(k, n, level), k, n, level)
    mirrored = 1 - clopper_pearson_upper(n - k, n, level)
    check_lower_bounds(mirrored, k, n, level)
    assert mirrored == pytest.approx(clopper_pearson_lower(k, n, level), rel=1e-11)


def test_a_level_beyond_the_inverse_beta_function_proves_nothing():
    assert clopper_pearson_lower([2, 90], 100, 1e-300).tolist()[0] < 1e-100
    assert not np.isnan(clopper_pearson_lower(np.arange(101), 100, 1e-300)).any()
    assert not np.isnan(clopper_pearson_upper(np.arange(101), 100, 1e-300)).any()


def test_agrees_with_binomtest():
    for k, n, level in [(7, 10, 0.05), (700, 1000, 1e-3), (1, 3, 0.2)]:
        interval = binomtest(k, n, alternative="greater").proportion_ci(1 - level, method="exact")
        assert clopper_pearson_lower(k, n, level) == pytest.approx(interval.low, rel=1e-9)


def test_extreme_counts():
    assert clopper_pearson_lower(0, [1, 10, 10**6], 1e-12).tolist() == [0, 0, 0]
    assert clopper_pearson_upper([1, 10, 10**6], [1, 10, 10**6], 1e-12).tolist() == [1, 1, 1]
    for n in (1, 10, 10**6):
        assert clopper_pearson_lower(n, n, 1e-12) == pytest.approx(1e-12 ** (1 / n), rel=1e-12)
        assert clopper_pearson_upper(0, n, 1e-12) == pytest.approx(-np.expm1(np.log(1e-12) / n), rel=1e-12)
    assert clopper_pearson_lower(1, 1, 1e-300) == pytest.approx(1e-300, rel=1e-12)
    assert clopper_pearson_lower(5, 10, 0.0) == 0
    assert clopper_pearson_upper(5, 10, 0.0) == 1


@unhurried
@given(counts, st.floats(1e-15, 0.4), st.floats(1.01, 2.0))
def test_monotone_in_count_size_and_level(pair, level, factor):
    k, n = pair
    bound = clopper_pearson_lower(k, n, level)
    assert bound <= k / n
    assert bound <= clopper_pearson_lower(k, n, level * factor)
    assert bound <= clopper_pearson_lower(k + 1, n + 1, level)
    assert clopper_pearson_lower(k, n + 1, level) <= bound
    assert clopper_pearson_upper(k, n, level) >= k / n
    assert clopper_pearson_upper(k, n, level) >= clopper_pearson_upper(k, n, level * factor)


@unhurried
@given(counts, st.floats(1e-15, 0.4))
def test_upper_is_the_mirror_image_of_lower(pair, level):
    k, n = pair
    mirrored = 1 - clopper_pearson_lower(n - k, n, level)
    assert clopper_pearson_upper(k, n, level) == pytest.approx(mirrored, abs=1e-12)


def test_broadcasts():
    bounds = clopper_pearson_lower(np.arange(5)[:, None], [10, 20], [0.1, 0.2])
    assert bounds.shape == (5, 2)
    assert bounds[3, 1] == clopper_pearson_lower(3, 20, 0.2)
    assert clopper_pearson_lower(np.zeros((0, 3), dtype=int), 5, 0.1).shape == (0, 3)


@pytest.mark.parametrize("level", [-0.1, 1.0, np.nan])
def test_levels_outside_their_range(level):
    with pytest.raises(InputError, match=r"level: expected error levels in \[0, 1\), got"):
        clopper_pearson_lower(1, 2, level)
