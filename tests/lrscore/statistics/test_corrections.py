import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import InputError, SettingsError
from lrscore.statistics import (
    ConfidencePlan,
    bonferroni_level,
    clopper_pearson_lower,
    count_level,
    weighted_levels,
    weights_from_pilot,
)
from tests.lrscore.statistics.slow import too_many_errors, unhurried

OUTPUTS, SAMPLES, REPETITIONS, ALPHA = 12, 60, 4000, 0.3


def probabilities(law):
    if law == "separated":
        return np.linspace(0.05, 0.97, OUTPUTS)
    return np.full(OUTPUTS, 0.7)


def draw(law, rng, samples=SAMPLES):
    """Counts (REPETITIONS, OUTPUTS): outputs independent, or all decided by the same draws."""
    shape = (REPETITIONS, samples, 1 if law == "comonotone" else OUTPUTS)
    return (rng.random(shape) < probabilities(law)).sum(axis=1)


@pytest.mark.parametrize("law", ["independent", "comonotone", "separated"])
@pytest.mark.parametrize("correction", ["bonferroni", "weighted-bonferroni"])
def test_all_bounds_hold_together(law, correction):
    rng = np.random.default_rng(3)
    plan = ConfidencePlan(ALPHA, correction, OUTPUTS)
    weighted = correction == "weighted-bonferroni"
    pilots, counts = draw(law, rng, samples=15), draw(law, rng)
    if weighted:
        levels = np.stack([weighted_levels(ALPHA, weights_from_pilot(pilot, 15)) for pilot in pilots])
    else:
        levels = np.full(counts.shape, plan.levels(None, SAMPLES)[0])
    wrong = clopper_pearson_lower(counts, SAMPLES, levels) > probabilities(law)
    assert not too_many_errors(wrong.any(axis=1).sum(), REPETITIONS, ALPHA)
    # The plan does the same as the levels that were simulated.
    weights = weights_from_pilot(pilots[0], 15) if weighted else None
    expected = clopper_pearson_lower(counts[0], SAMPLES, levels[0])
    np.testing.assert_array_equal(plan.lower(counts[0], SAMPLES, weights=weights), expected)


@pytest.mark.parametrize("law", ["independent", "comonotone", "separated"])
@pytest.mark.parametrize("tolerated", [2, 5, OUTPUTS])
def test_count_level_lets_fewer_than_tolerated_bounds_fail(law, tolerated):
    counts = draw(law, np.random.default_rng(4))
    level = count_level(ALPHA, OUTPUTS, tolerated)
    failing = (clopper_pearson_lower(counts, SAMPLES, level) > probabilities(law)).sum(axis=1)
    assert not too_many_errors((failing >= tolerated).sum(), REPETITIONS, ALPHA)
    # Not vacuous: at this level single bounds do fail often.
    assert failing.any()


def test_levels_as_arithmetic():
    assert bonferroni_level(0.01, 41_500) == 0.01 / 41_500
    assert count_level(0.01, 100, 7) == 7 * 0.01 / 100
    assert count_level(0.01, 100, 100) == 0.01
    np.testing.assert_allclose(weighted_levels(0.1, [0.0, 1.5, 0.5]), [0.0, 0.05, 0.1 / 6])


@unhurried
@given(st.lists(st.integers(0, 100), min_size=1, max_size=50))
def test_pilot_weights_share_out_no_more_than_alpha(agreements):
    weights = weights_from_pilot(agreements, 100)
    assert (weights >= 0).all()
    assert weights.sum() <= len(agreements)
    assert weights.sum() == pytest.approx(len(agreements))
    assert weighted_levels(0.01, weights).sum() <= 0.01
    order = np.argsort(agreements)
    assert (np.diff(weights[order]) >= 0).all()


def test_hopeless_outputs_give_their_share_away():
    weights = weights_from_pilot([10, 99, 99, 10], 100)
    np.testing.assert_allclose(weights, [0, 2, 2, 0], atol=1e-5)


def test_refusals():
    with pytest.raises(SettingsError, match="alpha: expected an error probability"):
        bonferroni_level(0.0, 3)
    with pytest.raises(SettingsError, match="n_outputs: expected at least 1, got 0"):
        bonferroni_level(0.1, 0)
    with pytest.raises(SettingsError, match="tolerated: expected 1 to n_outputs = 3, got 4"):
        count_level(0.1, 3, 4)
    with pytest.raises(InputError, match="expected a sum of at most N = 2"):
        weighted_levels(0.1, [1.5, 0.6])
    with pytest.raises(InputError, match="finite numbers of at least 0"):
        weighted_levels(0.1, [-0.1, 0.6])
    with pytest.raises(InputError, match="one weight per output"):
        weighted_levels(0.1, [[1.0]])
    with pytest.raises(SettingsError, match="needed: expected a probability"):
        weights_from_pilot([1], 2, needed=1.0)
    with pytest.raises(InputError, match="one count per output"):
        weights_from_pilot(1, 2)
