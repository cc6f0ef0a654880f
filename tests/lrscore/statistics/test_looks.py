import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from lrscore.errors import InputError, SettingsError
from lrscore.statistics import ConfidencePlan, LookSchedule, clopper_pearson_lower
from tests.lrscore.statistics.slow import crossing_probability, too_many_errors, unhurried


@unhurried
@given(st.integers(1, 10**6), st.integers(1, 12), st.floats(1.1, 4.0))
def test_geometric_schedules_end_at_the_samples_and_spend_at_most_alpha(samples, looks, ratio):
    schedule = LookSchedule.geometric(samples, looks=looks, ratio=ratio)
    assert schedule.sizes[-1] == samples
    assert len(schedule.sizes) <= looks
    assert math.fsum(schedule.fractions) <= 1
    assert schedule.fractions[-1] >= 0.75


def test_default_schedule_as_arithmetic():
    schedule = LookSchedule.geometric(1000)
    assert schedule.sizes == (63, 125, 250, 500, 1000)
    np.testing.assert_allclose(schedule.fractions, [0.25 / 4] * 4 + [0.75])
    assert schedule.indices([1000, 63]).tolist() == [4, 0]
    assert LookSchedule.geometric(1).fractions == (1.0,)


@pytest.mark.parametrize("p", [0.35, 0.5, 0.7, 0.93, 0.99])
def test_exact_error_over_all_looks(p):
    alpha = 0.2
    plan = ConfidencePlan.for_samples(alpha, "anytime", 1, 400)
    levels = {size: plan.levels(None, [size])[0] for size in plan.looks}
    error = crossing_probability(lambda k, n: clopper_pearson_lower(k, n, levels[n]), list(plan.looks), p)
    assert error <= alpha
    assert error > alpha / 4  # the schedule spends what it has


def test_stopping_at_the_worst_look_keeps_the_family_error():
    rng, alpha, repetitions = np.random.default_rng(7), 0.3, 2000
    p = np.linspace(0.2, 0.95, 8)
    plan = ConfidencePlan.for_samples(alpha, "anytime", p.size, 160)
    agree = np.cumsum(rng.random((repetitions, 160, p.size)) < p, axis=1)
    wrong = np.zeros(repetitions, dtype=bool)
    for look in plan.looks:
        level = plan.levels(None, look)[0]
        wrong |= (clopper_pearson_lower(agree[:, look - 1], look, level) > p).any(axis=1)
    assert not too_many_errors(wrong.sum(), repetitions, alpha)


@pytest.mark.parametrize(("samples", "most_lost"), [(1000, 0.04), (10_000, 0.02)])
@pytest.mark.parametrize("p", [0.7, 0.9, 0.99])
def test_last_look_loses_little_radius(samples, most_lost, p):
    k, outputs = round(samples * p), 41_500
    level = LookSchedule.geometric(samples).fractions[-1] * 0.01 / outputs
    fixed = ndtri(clopper_pearson_lower(k, samples, 0.01 / outputs))
    assert ndtri(clopper_pearson_lower(k, samples, level)) > (1 - most_lost) * fixed


def test_outputs_may_be_at_different_looks():
    plan = ConfidencePlan(0.1, "anytime", 3, looks=(10, 20), spending=(0.5, 0.25))
    bounds = plan.lower([9, 19, 8], [10, 20, 10])
    share = np.array([0.5, 0.25, 0.5])
    np.testing.assert_allclose(bounds, clopper_pearson_lower([9, 19, 8], [10, 20, 10], share * 0.1 / 3))


def test_refusals():
    with pytest.raises(SettingsError, match="strictly increasing"):
        LookSchedule((10, 10), (0.5, 0.5))
    with pytest.raises(SettingsError, match=r"one share per look \(2\), got 1"):
        LookSchedule((10, 20), (0.5,))
    with pytest.raises(SettingsError, match="sum of at most 1"):
        LookSchedule((10, 20), (0.5, 0.6))
    with pytest.raises(SettingsError, match="at least 1 sample"):
        LookSchedule.geometric(0)
    with pytest.raises(InputError, match=r"one of the preset looks \(10, 20\), got 15"):
        LookSchedule.spread((10, 20)).indices([10, 15])
