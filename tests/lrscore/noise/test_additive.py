"""Every additive noise: its samples, its weight, its threshold, against closed forms."""

import numpy as np
import pytest
import torch
from scipy import stats

from lrscore.errors import SettingsError
from lrscore.noise import ADDITIVE_NOISES, additive_noise

LAWS = {"gaussian": stats.norm(), "uniform": stats.uniform(-1, 2), "laplace": stats.laplace()}
NAMES = sorted(ADDITIVE_NOISES)


@pytest.mark.parametrize("name", NAMES)
def test_samples_follow_the_law(name):
    noise = additive_noise(name).sample((40_000,), torch.Generator().manual_seed(1))
    assert noise.dtype == torch.float32
    assert stats.kstest(noise.double().numpy(), LAWS[name].cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_samples_depend_on_the_generator_only(name):
    noise = additive_noise(name)
    first, second = (noise.sample((5, 3), torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, noise.sample((5, 3), torch.Generator().manual_seed(8)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("probability", [0.51, 0.7, 0.9, 0.999])
def test_threshold_is_the_largest_cost_of_a_single_shift_that_keeps_one_half(name, probability):
    """A base model that answers 1 on a half line, attacked along it: the exact worst case in one dimension.

    At noise level s the attacker needs the shift d with P[noise <= t - d] = 1/2, where P[noise <= t] = p.
    """
    noise, law, level = additive_noise(name), LAWS[name], 0.25
    shift = level * law.ppf(probability)
    cost = noise.weight(level) * noise.budget(shift)
    np.testing.assert_allclose(noise.threshold(probability), cost, rtol=1e-9)


@pytest.mark.parametrize("name", ["uniform", "laplace"])
def test_l1_costs_add_over_dimensions_without_claiming_too_much(name):
    """Worst vote share after a shift in two dimensions, by numeric Neyman-Pearson, stays above 1/2 below the cost."""
    noise, law, levels = additive_noise(name), LAWS[name], np.array([0.2, 0.5])
    probability, rng = 0.8, np.random.default_rng(0)
    eta = float(noise.threshold(probability))
    for _ in range(5):
        shares = rng.dirichlet([1, 1]) * eta * 0.98
        shift = shares / noise.weight(levels)
        points = levels * law.rvs(size=(200_000, 2), random_state=rng)
        ratio = np.prod(law.pdf((points - shift) / levels) / law.pdf(points / levels), axis=1)
        kept = np.sort(ratio)[: int(probability * len(ratio))]  # the least likely part after the shift
        # the uniform ratio need not integrate to 1 over its support: the rest is lost to the attacker
        assert kept.sum() / len(ratio) >= 0.5 - 0.01


@pytest.mark.parametrize("name", NAMES)
def test_one_half_or_less_abstains_and_thresholds_grow(name):
    eta = additive_noise(name).threshold(np.array([0.0, 0.3, 0.5, 0.6, 0.8, 0.99]))
    assert (eta[:3] == 0).all()
    assert (np.diff(eta[2:]) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_allowed_error_inverts_the_threshold_and_never_refuses_an_honest_one(name):
    noise, error = (
        additive_noise(name),
        np.concatenate([np.geomspace(1e-12, 0.4, 200), 0.5 - np.geomspace(1e-9, 0.1, 100)]),
    )
    allowed = noise.allowed_error(noise.threshold(1 - error))
    np.testing.assert_allclose(allowed, 1 - (1 - error), rtol=1e-9, atol=1e-12)
    assert (allowed >= (1 - (1 - error)) * (1 - 1e-14)).all()


@pytest.mark.parametrize("name", NAMES)
def test_infinite_noise_costs_nothing_to_attack_and_budget_inverts(name):
    noise = additive_noise(name)
    assert noise.weight(np.array([np.inf, 0.5])).tolist()[0] == 0
    assert float(noise.epsilon(noise.budget(0.37))) == pytest.approx(0.37)


def test_unknown_noise_is_refused():
    with pytest.raises(SettingsError, match="noise must be one of"):
        additive_noise("salt")
