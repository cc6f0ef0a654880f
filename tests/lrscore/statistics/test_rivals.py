"""The two sides of a label's rivals: how they are divided, and that their bounds hold together with the label's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lrscore.statistics import ConfidencePlan
from lrscore.statistics.rivals import PARTS, divided, rival_upper


def slowly_divided(votes, inside):
    sides, sums = [0] * len(votes), [0, 0]
    for one in sorted(range(len(votes)), key=lambda place: (-votes[place], place)):
        if not inside[one]:
            side = 0 if sums[0] <= sums[1] else 1
            sides[one] = side + 1
            sums[side] += votes[one]
    return sides


@given(st.lists(st.integers(0, 9), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_every_rival_is_on_one_of_two_sides_the_larger_ones_first(votes, random):
    inside = [random.random() < 0.4 for _ in votes]
    found = divided(np.array([votes]), np.array([inside]))[0]
    assert found.tolist() == slowly_divided(votes, inside)
    assert ((found == 0) == inside).all()


@pytest.mark.parametrize("correction", ["bonferroni", "mixture"])
def test_bounds_on_sides_are_those_of_all_the_rest_turned_round(correction):
    plan = ConfidencePlan.for_samples(0.05, correction, 2, 500)
    sides, trials = np.array([[40, 90], [0, 500]]), np.array([500, 500])
    upper = rival_upper(plan, sides, trials, 0.05 / 6)
    assert upper[1] == 1
    lower = plan.bound(410, 500, 0.05 / 6)
    assert 0 <= upper[0] - (1 - lower) <= 2e-15
    if correction == "bonferroni":
        assert upper[0] == pytest.approx(stats.beta.ppf(1 - 0.05 / 6, 91, 410), rel=1e-9)
        assert upper[0] >= stats.beta.ppf(1 - 0.05 / 6, 91, 410) * (1 - 1e-12)


@pytest.mark.parametrize("shares", [(0.45, 0.3, 0.25), (0.5, 0.26, 0.24), (0.9, 0.05, 0.05)])
def test_all_three_bounds_of_an_output_hold_together(shares):
    """Simulated: how often any of the three is wrong, from exact multinomial counts."""
    alpha, runs = 0.15, 4000
    plan = ConfidencePlan.for_samples(alpha, "bonferroni", 1, 300)
    counts = np.random.default_rng(1).multinomial(300, shares, size=runs)
    lower = plan.bound(counts[:, 0], 300, alpha / PARTS)
    trials = np.full(runs, 300)
    uppers = [plan.bound(300 - counts[:, side], 300, alpha / PARTS) for side in (1, 2)]
    wrong = (lower > shares[0]) | (1 - uppers[0] < shares[1]) | (1 - uppers[1] < shares[2])
    assert wrong.mean() <= alpha
    assert wrong.mean() > alpha / 4, "the bounds are not that loose"
    upper = rival_upper(plan, counts[:, 1:], trials, alpha / PARTS)
    assert ((lower > shares[0]) | (upper < max(shares[1:]))).mean() <= alpha
    careless = plan.bound(counts[:, 0], 300, alpha) > shares[0]
    for side in (1, 2):
        careless |= 1 - plan.bound(300 - counts[:, side], 300, alpha) < shares[side]
    assert careless.mean() > alpha, "without sharing the level the error would be seen"
