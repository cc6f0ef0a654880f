"""Flip weights against likelihood ratios summed over all outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import SettingsError
from lrscore.noise.flips import RESOLUTION, FlipNoise, flip_weights, quantise

PROBABILITY = st.floats(1e-4, 1 - 1e-4)


def divergence(perturbed: np.ndarray, clean: np.ndarray, order: float) -> float:
    """Rényi divergence by its definition."""
    if np.isinf(order):
        return np.log((perturbed / clean).max())
    return np.log((clean * (perturbed / clean) ** order).sum()) / (order - 1)


@given(PROBABILITY, PROBABILITY, st.sampled_from([1.1, 2.0, 3.0, 8.0, np.inf]))
def test_weights_are_the_divergences_of_the_two_noise_distributions(q_one, q_zero, order):
    of_zero, of_one = (
        np.array([1 - q_one, q_one]),
        np.array([q_zero, 1 - q_zero]),
    )  # masses of outcomes 0 and 1
    added, deleted = flip_weights(np.array(q_one), np.array(q_zero), order)
    assert added == pytest.approx(divergence(of_one, of_zero, order), rel=1e-7, abs=1e-9)
    assert deleted == pytest.approx(divergence(of_zero, of_one, order), rel=1e-7, abs=1e-9)


def test_order_two_is_the_formula_of_the_paper():
    added, deleted = flip_weights(np.array(0.01), np.array(0.6))
    assert added == pytest.approx(np.log(0.4**2 / 0.01 + 0.6**2 / 0.99))
    assert deleted == pytest.approx(np.log(0.99**2 / 0.6 + 0.01**2 / 0.4))


def test_second_moment_of_the_likelihood_ratio_by_sampling():
    random = np.random.default_rng(0)
    noisy = random.random(2_000_000) < 0.2  # a zero under q+ = 0.2
    ratio = np.where(noisy, (1 - 0.5) / 0.2, 0.5 / (1 - 0.2))
    added, _ = flip_weights(np.array(0.2), np.array(0.5))
    assert np.log((ratio**2).mean()) == pytest.approx(float(added), abs=0.01)


@pytest.mark.parametrize("order", [1.5, 2.0, np.inf])
def test_what_the_clean_noise_cannot_reach_costs_infinity(order):
    added, deleted = flip_weights(np.array([0.0, 0.1, 0.0]), np.array([0.3, 0.0, 0.0]), order)
    assert added.tolist() == [np.inf, pytest.approx(float(flip_weights(0.1, 0.0, order)[0])), np.inf]
    assert np.isinf(deleted[1:]).all()
    # a deletion under q+ = 0: the perturbed bit is always 0, reached by the clean one with probability q-
    assert deleted[0] == pytest.approx(-np.log(0.3))


def test_noise_that_forgets_the_attribute_costs_nothing():
    added, deleted = flip_weights(np.array(0.25), np.array(0.75))
    assert added == pytest.approx(0.0, abs=1e-11)
    assert deleted == pytest.approx(0.0, abs=1e-11)


@given(PROBABILITY, PROBABILITY)
def test_weights_grow_with_the_order(q_one, q_zero):
    weights = np.array([flip_weights(q_one, q_zero, order) for order in (1.2, 2.0, 5.0, np.inf)])
    assert (np.diff(weights, axis=0) >= -1e-11).all()


def test_probabilities_are_rounded_to_what_the_sampler_draws():
    noise = FlipNoise.from_levels(np.full((2, 1, 1), 0.1))
    assert noise.to_one[0, 0] * RESOLUTION == round(0.1 * RESOLUTION)
    assert quantise(np.array(0.5)) == 0.5


def test_refuses_bad_levels():
    with pytest.raises(SettingsError, match="probabilities in"):
        FlipNoise(np.array([[1.0]]), np.array([[0.1]]))
    with pytest.raises(SettingsError, match="one shape"):
        FlipNoise(np.zeros((2, 2)), np.zeros((1, 2)))
    with pytest.raises(SettingsError, match=r"\(2, groups, clusters\)"):
        FlipNoise.from_levels(np.zeros((2, 2)))
    with pytest.raises(SettingsError, match="order must be above 1"):
        flip_weights(np.array(0.1), np.array(0.1), 1.0)


@pytest.mark.parametrize("order", [1.5, 2.0, 4.0, np.inf])
def test_equal_distributions_cost_exactly_nothing_and_nearly_equal_ones_something(order):
    to_one = quantise(np.array([0.01, 0.3, 0.9, 0.01]))
    to_zero = 1.0 - to_one
    to_zero[3] -= 1 / RESOLUTION
    for cost in flip_weights(to_one, to_zero, order):
        np.testing.assert_array_equal(cost > 0, [False, False, False, True])
    # 1 - 1e-20 rounds to 1: the floats agree in one outcome only, the distributions in neither
    added, deleted = flip_weights(np.array(1 - 2.0**-53), np.array(1e-20), order)
    assert added > 0
    assert deleted > 0
