"""The parts of `verify`, each against a definition in fractions: it must never conclude too much."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lrscore.collective import certify_collectively, verify
from lrscore.collective.rational import (
    Side,
    fill,
    float_below,
    linear_maximum,
    relaxed_maximum,
    step_maximum,
)
from lrscore.collective.verify_inputs import Claim
from lrscore.errors import CertificateError

numbers = st.integers(0, 24).map(lambda quarter: quarter / 4)
slopes = st.integers(-12, 12).map(lambda third: Fraction(third, 3))
level_lists = st.lists(st.integers(1, 24).map(lambda quarter: quarter / 4), max_size=8).map(sorted)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(level_lists, slopes, numbers, numbers, st.booleans())
def test_step_maxima(levels: list[float], slope: Fraction, first: float, second: float, opened: bool) -> None:
    lower, upper = Fraction(min(first, second)), Fraction(max(first, second))
    opened = opened and lower < upper
    # By definition, at the ends and at every level inside; approaching an open end, the level there has not happened.
    places = [lower] + [Fraction(level) for level in levels if lower < level < upper]
    values = [sum(level <= place for level in levels) - slope * place for place in places]
    values.append(sum(level < upper if opened else level <= upper for level in levels) - slope * upper)
    found = step_maximum(np.array(levels), slope, Side(lower, upper, opened))
    assert found >= max(values)
    assert found == max(values) or slope == 0  # at slope 0 the right end is known to be the best


@settings(max_examples=200, deadline=None, derandomize=True)
@given(level_lists, st.integers(0, 12).map(lambda third: Fraction(third, 3)))
def test_relaxed_maxima(levels: list[float], slope: Fraction) -> None:
    exact = [Fraction(level) for level in levels]
    places = [Fraction(0), *exact]
    values = [sum((min(Fraction(1), place / level) for level in exact), -slope * place) for place in places]
    found = relaxed_maximum(np.array(levels), slope, Side(Fraction(0), Fraction(9)))
    assert max(values) <= found <= max(values) + Fraction(1, 10**9)


def test_a_lost_group_counts_in_full() -> None:
    levels = np.array([1.0, np.inf])
    assert step_maximum(levels, Fraction(3), None) == relaxed_maximum(levels, Fraction(3), None) == 2


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 10**9))
def test_linear_maxima_are_knapsacks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, factors = rng.random((3, 4)), rng.normal(size=3)
    caps = np.where(rng.random(4) < 0.5, np.inf, rng.random(4))
    total = min(1.0, float(caps.sum()))
    found = linear_maximum(rows, [Fraction(factor) for factor in factors], Fraction(total), caps)
    answer = linprog(-(factors @ rows), A_eq=np.ones((1, 4)), b_eq=[total], bounds=[(0, cap) for cap in caps])
    assert float(found) == pytest.approx(-answer.fun, rel=1e-9, abs=1e-9)


def test_filling_stops_at_the_caps() -> None:
    assert fill([3.0, 2.0, 1.0], np.array([0.5, 0.25, np.inf]), Fraction(1)) == Fraction(3, 2) + Fraction(
        1, 2
    ) + Fraction(1, 4)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.fractions(0, 10**6))
def test_the_float_below_is_below_and_next_to_it(number: Fraction) -> None:
    place = float_below(number)
    assert Fraction(place) <= number < Fraction(float(np.nextafter(place, np.inf)))


def test_halves_cover_a_side_and_do_not_overlap() -> None:
    side = Side(Fraction(1), Fraction(4))
    assert side.halves(Fraction(2)) == (Side(Fraction(1), Fraction(2), True), Side(Fraction(2), Fraction(4)))
    assert side.halves(Fraction(1)) == (None, side)
    assert side.halves(Fraction(5)) == (side, None)
    assert side.halves(Fraction(4)) == (Side(Fraction(1), Fraction(4), True), Side(Fraction(4), Fraction(4)))
    opened = Side(Fraction(1), Fraction(4), True)
    assert opened.halves(Fraction(4)) == (opened, None)


@pytest.mark.parametrize("seed", range(30))
def test_thresholds_for_whole_units_are_raised_to_what_units_reach_and_no_further(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights, thresholds = rng.random((1, 3)), rng.random(20) * 3
    groups, budgets = np.zeros(20, dtype=int), np.array([2.0])
    certificate = certify_collectively(weights, thresholds, groups, budgets, integer=True)
    raised = Claim(certificate, weights, thresholds, groups, None).levels[0]
    units = [split for split in itertools.product(range(3), repeat=3) if sum(split) <= 2]
    reachable = sorted(float(weights[0] @ split) for split in units)
    for level, found in zip(np.sort(thresholds), raised, strict=True):
        expected = next((total for total in reachable if total >= level * (1 - 1e-12)), np.inf)
        assert found <= expected * (1 + 1e-15)
        assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("method", ["naive", "envelope", "exact"])
def test_claims_on_whole_units_one_too_high_are_rejected(method: str) -> None:
    rng = np.random.default_rng(8)
    weights, thresholds, groups = rng.random((4, 4)), rng.gamma(3.0, 1.0, 60), rng.integers(0, 4, 60)
    certificate = certify_collectively(weights, thresholds, groups, [2.0, 5.0], integer=True, method=method)
    verify(certificate, weights, thresholds, groups)
    for budget in range(2):
        certified = certificate.certified.copy()
        certified[budget] += 1
        with pytest.raises(CertificateError, match=rf"certified\[{budget}\] must be at most"):
            verify(replace(certificate, certified=certified), weights, thresholds, groups)
    fractions = replace(certificate, allocation=certificate.allocation * 0.75)
    with pytest.raises(CertificateError, match="whole units"):
        verify(fractions, weights, thresholds, groups)
