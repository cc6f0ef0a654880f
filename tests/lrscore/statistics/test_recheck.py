import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import CertificateError, InputError
from lrscore.statistics import (
    check_lower_bounds,
    check_mixture_bounds,
    clopper_pearson_lower,
    mixture_lower,
)
from lrscore.statistics.beta_mixture import log_evidence
from lrscore.statistics.recheck import integrated_log_evidence, log_tail_at_most
from tests.lrscore.statistics.slow import exact_tail, unhurried

counts = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n"), [(1, 1), (1, 2), (2, 2), (1, 300), (14, 16), (150, 300), (299, 300), (300, 300)]
)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.8, 0.99, 0.9999])
def test_tail_against_rational_arithmetic(k, n, share):
    p = share * k / n
    limit = float(log_tail_at_most(np.array([k]), np.array([n]), np.array([p]))[0])
    # ln of a fraction that may be far below the smallest float.
    tail = exact_tail(k, n, p)
    exact = math.log(tail.numerator) - math.log(tail.denominator)
    assert limit == pytest.approx(exact, rel=3e-14, abs=2e-12)
    if exact > -300:  # the allowance exceeds the rounding of exp
        assert Fraction(math.exp(limit)) >= tail


def test_tail_beyond_the_observed_share_is_not_summed():
    values = log_tail_at_most(np.array([3, 0, 5]), np.array([10, 10, 10]), np.array([0.3, 0.5, 0.0]))
    assert values.tolist() == [0.0, 0.0, -np.inf]


@unhurried
@given(counts, st.floats(-60, -0.4))
def test_honest_bounds_pass_and_larger_ones_fail(pair, exponent):
    (k, n), level = pair, 10.0**exponent
    bound = float(clopper_pearson_lower(k, n, level))
    check_lower_bounds(bound, k, n, level)
    check_lower_bounds(bound / 2, k, n, level)
    with pytest.raises(CertificateError, match="1 claim more than their counts prove"):
        check_lower_bounds(bound * (1 + 1e-11), k, n, level)


@unhurried
@given(counts, st.floats(-12, -0.5))
def test_honest_mixture_bounds_pass_and_larger_ones_fail(pair, exponent):
    (k, n), level = pair, 10.0**exponent
    bound = float(mixture_lower(k, n, level))
    check_mixture_bounds(bound, k, n, level)
    with pytest.raises(CertificateError, match="claim more than their counts prove"):
        check_mixture_bounds(bound + 1e-6 * (k / n - bound) + 1e-15, k, n, level)


@unhurried
@given(counts, st.floats(0.01, 0.999))
def test_integrated_evidence_is_the_closed_form_from_below(pair, share):
    k, n = (np.array([value]) for value in pair)
    p = share * k / n
    closed, integrated = log_evidence(k, n, p)[0], integrated_log_evidence(k, n, p)[0]
    assert integrated == pytest.approx(closed, abs=1e-8 + 1e-12 * n[0])
    assert integrated < closed + 1e-12 * n[0] * math.log(n[0] + 10)


def test_claims_without_evidence():
    check_lower_bounds([0.0, 0.0], [0, 3], [5, 5], 1e-9)
    for check in (check_lower_bounds, check_mixture_bounds):
        with pytest.raises(CertificateError):
            check([0.0, 1e-9], [0, 0], 5, 0.01)
        with pytest.raises(CertificateError):
            check([0.3], [3], 5, 0.0)
        with pytest.raises(CertificateError):
            check([0.9], [3], 5, 0.3)
        with pytest.raises(InputError, match=r"bounds: expected probabilities in \[0, 1\)"):
            check([np.nan], [3], 5, 0.1)


def test_a_family_names_its_first_false_claim():
    k = np.random.default_rng(10).binomial(1000, 0.7, 5000)
    bounds = clopper_pearson_lower(k, 1000, 1e-7)
    check_lower_bounds(bounds, k, 1000, 1e-7)
    bounds[[77, 4000]] += 1e-6
    with pytest.raises(CertificateError, match=r"2 claim more .* output 77 claims .* of 1000 at level 1e-07"):
        check_lower_bounds(bounds, k, 1000, 1e-7)
