"""Thresholds of labels that are held against rivals, by the worst base model there is."""

import numpy as np
import pytest
from scipy import stats

from lrscore.noise import ADDITIVE_NOISES, additive_noise

PAIRS = [(0.4, 0.3), (0.45, 0.2), (0.6, 0.25), (0.8, 0.1), (0.95, 0.01), (0.35, 0.34), (0.5, 0.5), (0.3, 0.4)]


def worst(noise, shift, probability, rival, cells=200_001):
    """The least the label and the most the rival can have after a shift, by filling cells of one axis in order."""
    law = {"gaussian": stats.norm(), "uniform": stats.uniform(-1, 2), "laplace": stats.laplace()}[noise]
    edges = np.linspace(-18, 18 + shift, cells)
    clean, moved = np.diff(law.cdf(edges)), np.diff(law.cdf(edges - shift))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(clean > 0, moved / clean, np.inf)

    def filled(order, mass):
        taken = np.cumsum(clean[order])
        return float(moved[order][taken <= mass * (1 + 1e-12)].sum())

    order = np.argsort(ratio, kind="stable")
    # The rival may also have what the clean noise never shows
    free = float(moved[clean == 0].sum())
    return filled(order, probability), filled(order[::-1][(clean == 0).sum() :], rival) + free


@pytest.mark.parametrize("noise", sorted(ADDITIVE_NOISES))
@pytest.mark.parametrize(("probability", "rival"), PAIRS)
def test_a_label_stays_ahead_of_its_rival_up_to_the_threshold(noise, probability, rival):
    found = additive_noise(noise)
    threshold = float(found.threshold_against(np.array(probability), np.array(rival)))
    if probability <= rival:
        assert threshold == float(found.threshold(np.array(probability)))
        return
    shift = float(found.epsilon(threshold)) * (1 - 1e-3)
    label, other = worst(noise, shift, probability, rival)
    assert label > other - 1e-4
    if noise != "laplace":  # where the ratio bound is not sharp in the middle
        label, other = worst(noise, float(found.epsilon(threshold)) * 1.02, probability, rival)
        assert label < other


@pytest.mark.parametrize("noise", sorted(ADDITIVE_NOISES))
def test_two_classes_are_the_usual_threshold(noise):
    found, p = additive_noise(noise), np.linspace(0.501, 0.9999, 300)
    np.testing.assert_allclose(found.threshold_against(p, 1 - p), found.threshold(p), rtol=1e-9)
    nothing = found.threshold_against(p, np.ones_like(p))
    np.testing.assert_array_equal(nothing, found.threshold(p))


@pytest.mark.parametrize("noise", sorted(ADDITIVE_NOISES))
def test_a_higher_bound_and_a_lower_rival_never_prove_less(noise):
    found, grid = additive_noise(noise), np.linspace(0.002, 0.998, 250)
    p, q = np.meshgrid(grid, grid, indexing="ij")
    eta = found.threshold_against(p, q)
    assert (np.diff(eta, axis=0) >= -1e-13).all()
    assert (np.diff(eta, axis=1) <= 1e-13).all()
    assert (eta[p > q] > 0).all()
    assert (eta[(p <= q) & (p <= 0.5)] == 0).all()


@pytest.mark.parametrize("noise", sorted(ADDITIVE_NOISES))
def test_the_other_route_accepts_what_was_made_and_nothing_above(noise):
    found, rng = additive_noise(noise), np.random.default_rng(0)
    p, q = rng.uniform(0, 1, (2, 4000))
    gap = rng.uniform(0, 1e-6, 500)
    p, q = np.concatenate([np.maximum(p, q), q[:500] + gap]), np.concatenate([np.minimum(p, q), q[:500]])
    p = np.minimum(p, 1 - 1e-9)
    eta = found.threshold_against(p, q)
    against = eta > found.threshold(p)
    assert against.sum() > 500
    assert found.separates(eta[against], p[against], q[against]).all()
    clear = against & (p - q > 1e-3)
    assert not found.separates(eta[clear] * (1 + 1e-9) + 1e-13, p[clear], q[clear]).any()
