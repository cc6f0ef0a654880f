import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrscore.collective import certify_collectively
from lrscore.errors import InputError, SettingsError
from lrscore.statistics import (
    CollectiveView,
    ConfidencePlan,
    choose_samples,
    group_gains,
    projected_bounds,
)
from tests.lrscore.statistics.slow import unhurried


def dual_bound(thresholds, view):
    """Upper bound of the attack (M,) by its definition: maximum over every threshold and end of the reach."""
    lowest, highest = view.reach
    bounds = []
    for m, multipliers in enumerate(view.multipliers):
        total = sum(
            budget * (multipliers @ weights).max()
            for budget, weights in zip(view.budgets[m], view.weights, strict=True)
        )
        for i, slope in enumerate(multipliers):
            own = thresholds[view.groups == i]
            points = [s for s in [lowest[m, i], highest[m, i], *own] if lowest[m, i] <= s <= highest[m, i]]
            total += max((own <= s).sum() - slope * s for s in points)
        bounds.append(total)
    return np.array(bounds)


def random_case(seed, kinds=1):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 3, 40)
    weights = rng.uniform(0.5, 5.0, (kinds, 3, 4))
    budgets = rng.uniform(0.05, 0.6, (5, kinds))
    later = rng.exponential(1.5, 40) * (rng.random(40) < 0.9)
    now = later * rng.uniform(0.4, 1.0, 40) * (rng.random(40) < 0.9)
    return groups, weights, budgets, now, later


@unhurried
@given(st.integers(0, 10**6), st.sampled_from([1, 2]))
def test_gains_are_the_difference_of_dual_bounds(seed, kinds):
    groups, weights, budgets, now, later = random_case(seed, kinds)
    view = CollectiveView(groups, weights, budgets, np.random.default_rng(seed).exponential(3.0, (5, 3)))
    gains = group_gains(now, later, view)
    np.testing.assert_allclose(gains.sum(axis=1), dual_bound(now, view) - dual_bound(later, view), atol=1e-9)
    assert (gains >= 0).all()
    np.testing.assert_array_equal(group_gains(now, now, view), np.zeros((5, 3)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_certified_count_rises_by_no_more_than_the_gains_and_no_less(seed):
    groups, weights, budgets, now, later = random_case(seed)
    certificates = [certify_collectively(weights[0], eta, groups, budgets[:, 0]) for eta in (now, later)]
    rise = certificates[1].certified - certificates[0].certified
    totals = []
    for certificate in certificates:
        proof = certificate.proof
        multipliers = proof.multipliers[proof.leaf_multipliers[proof.roots]]
        view = CollectiveView(groups, weights[0], budgets[:, 0], multipliers)
        totals.append(group_gains(now, later, view).sum(axis=1))
    # Certified counts are rounded down to whole outputs: one output of slack on either side.
    assert (rise <= totals[1] + 1 + 1e-6).all()
    assert (rise >= totals[0] - 1 - 1e-6).all()


def test_infinite_weights_leave_nothing_to_gain():
    weights = np.array([[np.inf, 1.0], [2.0, 1.0]])
    view = CollectiveView([0, 0, 1], weights, [1.0, 0.0], np.zeros((2, 2)))
    gains = group_gains([0.5, 0.0, 0.5], [3.0, 3.0, 3.0], view)
    # Budget 1 takes group 0 whatever its thresholds; budget 0 takes only what abstains (output 1, now).
    assert gains.tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_choice_by_hand():
    gains = [[0.2, 5.0, 0.0, 1.0], [0.5, 2.0, 0.1, 3.0]]  # largest over budgets: .5, 5, .1, 3
    trials, sizes = [100, 100, 200, 200], (100, 200, 400)
    choice = choose_samples(gains, trials, sizes, tolerance=1.0)  # .1 + .5 < 1 are left as they are
    assert choice.samples.tolist() == [0, 100, 0, 200]
    assert choice.gains.tolist() == [0.5, 5.0, 0.1, 3.0]
    assert not choice.stop
    assert choose_samples(gains, trials, sizes, tolerance=0.1).samples.tolist() == [100, 100, 200, 200]
    assert choose_samples(gains, trials, sizes, tolerance=3.7).samples.tolist() == [0, 100, 0, 0]
    assert choose_samples(gains, trials, sizes, tolerance=9.0).stop
    assert choose_samples(gains, [400] * 4, sizes, tolerance=0.1).stop  # complete, nothing to draw
    assert choose_samples(gains, [400, 400, 200, 200], sizes, tolerance=3.0).samples.tolist() == [
        0,
        0,
        0,
        200,
    ]


@unhurried
@given(st.lists(st.floats(0, 10), min_size=1, max_size=8), st.floats(0.01, 20))
def test_what_is_left_out_stays_below_the_tolerance(gains, tolerance):
    choice = choose_samples([gains], [10] * len(gains), (10, 20), tolerance=tolerance)
    left = np.array(gains)[choice.samples == 0]
    assert left.sum() < tolerance
    assert choice.stop == (np.cumsum(np.sort(gains))[-1] < tolerance)


def test_projection_as_arithmetic():
    plan = ConfidencePlan(0.05, "anytime", 3, looks=(20, 40, 80))
    bounds = projected_bounds([15, 20, 30], [20, 20, 40], plan, 80)
    np.testing.assert_array_equal(bounds, plan.lower([60, 80, 60], 80))
    with pytest.raises(InputError, match="final_size: expected at least the 40 samples"):
        projected_bounds([15, 20, 30], [20, 20, 40], plan, 20)
    with pytest.raises(SettingsError, match="got bonferroni"):
        projected_bounds([1], [2], ConfidencePlan(0.05, "bonferroni", 1), 4)


def test_refusals():
    with pytest.raises(InputError, match="weights, budgets: expected"):
        CollectiveView([0], np.ones((1, 2)), np.ones((3, 2)), np.ones((3, 1)))
    with pytest.raises(InputError, match="multipliers: expected one per budget and group"):
        CollectiveView([0], np.ones((1, 2)), np.ones(3), np.ones((3, 2)))
    with pytest.raises(InputError, match="groups: expected"):
        CollectiveView([1], np.ones((1, 2)), np.ones(3), np.ones((3, 1)))
    view = CollectiveView([0], np.ones((1, 2)), np.ones(3), np.ones((3, 1)))
    with pytest.raises(InputError, match="later: expected one threshold per output"):
        group_gains([1.0], [1.0, 2.0], view)
    with pytest.raises(InputError, match="now: expected one threshold per output"):
        group_gains([np.nan], [1.0], view)
    with pytest.raises(InputError, match="trials: expected one count per group"):
        choose_samples([[1.0, 2.0]], [1], (1, 2), tolerance=1.0)
    with pytest.raises(SettingsError, match="tolerance: expected a number of outputs above 0"):
        choose_samples([[1.0]], [1], (1, 2), tolerance=0.0)
