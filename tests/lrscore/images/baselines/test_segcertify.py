"""SegCertify against a test written out from the binomial distribution, and the isotropic settings."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from scipy import stats

from lrscore import ImageSettings, certify_image
from lrscore.errors import InputError, SettingsError
from lrscore.images.baselines import certify_fixed_threshold, forward_passes, isotropic_settings, segcertify
from lrscore.images.baselines.segcertify import fixed_radius
from lrscore.noise import additive_noise
from tests.lrscore.linear import Brightness, certificate_of_counts, ramp, seeded


def tail(successes: int, trials: int, tau: float) -> float:
    """P[Bin(trials, tau) >= successes], term by term."""
    return sum(comb(trials, k) * tau**k * (1 - tau) ** (trials - k) for k in range(successes, trials + 1))


def step_down(agreements: list[int], trials: int, tau: float, alpha: float) -> list[bool]:
    """Holm 1979 in words: while the smallest remaining p-value is at most alpha / (number remaining), reject it."""
    remaining = dict(enumerate(tail(count, trials, tau) for count in agreements))
    rejected = [False] * len(agreements)
    while remaining:
        pixel = min(remaining, key=lambda number: remaining[number])
        if remaining[pixel] > alpha / len(remaining):
            break
        rejected[pixel] = True
        del remaining[pixel]
    return rejected


@pytest.mark.parametrize("tau", [0.5, 0.75, 0.9])
@pytest.mark.parametrize("seed", range(5))
def test_the_test_is_holm_on_binomial_tails(tau: float, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(int(40 * tau), 41, size=(4, 6))
    result = certify_fixed_threshold(np.ones_like(counts), counts, 40, tau=tau, alpha=0.05, radius=1.0)
    expected = step_down(counts.ravel().tolist(), 40, tau, 0.05)
    np.testing.assert_array_equal(~result.abstained.ravel(), expected)
    assert 0 < sum(expected) < 24 or tau == 0.9


def test_no_more_than_alpha_of_all_runs_certify_a_pixel_at_or_below_tau() -> None:
    """All 20 pixels sit exactly at tau: whatever is certified is an error."""
    counts = np.random.default_rng(0).binomial(60, 0.75, size=(2000, 1, 20))
    wrong = sum(
        not certify_fixed_threshold(
            np.ones((1, 20)), run, 60, tau=0.75, alpha=0.1, radius=1.0
        ).abstained.all()
        for run in counts
    )
    assert stats.binomtest(wrong, 2000, 0.1, alternative="greater").pvalue > 1e-4
    assert wrong > 0


def test_the_radius_is_level_times_quantile() -> None:
    assert fixed_radius(additive_noise("gaussian"), 0.25, stats.norm.cdf(1.0)) == pytest.approx(0.25 * 1.0)
    assert fixed_radius(additive_noise("uniform"), 0.25, 0.75) == pytest.approx(0.25 * (2 * 0.75 - 1))
    assert fixed_radius(additive_noise("laplace"), 0.25, 0.75) == pytest.approx(0.25 * np.log(2))
    assert fixed_radius(additive_noise("gaussian"), 0.25, 0.5) == 0
    for tau in (0.49, 1.0):
        with pytest.raises(SettingsError, match="tau must be a probability"):
            fixed_radius(additive_noise("gaussian"), 0.25, tau)


def test_counts_drop_to_nothing_beyond_the_radius() -> None:
    result = certify_fixed_threshold(
        np.ones((1, 3)), np.array([[100, 100, 10]]), 100, tau=0.75, alpha=0.01, radius=0.2
    )
    np.testing.assert_array_equal(result.certified(np.array([0.0, 0.2, 0.2001])), [2, 2, 0])
    only_first = np.array([[True, False, True]])
    np.testing.assert_array_equal(result.certified(np.array([0.1]), only_first), [1])


def test_a_linear_model_bears_the_radius() -> None:
    """`Brightness` decides by a hyperplane: no pixel nearer to 1/2 than the radius may be certified."""
    image = ramp(4, 20)
    settings = isotropic_settings(ImageSettings(grid=(2, 2), samples=150), 0.2, equal_cost=True)
    certificate = certify_image(Brightness(), image, settings, generator=seeded())
    result = segcertify(certificate, 0.8)
    exact = np.abs(image.mean(axis=0) - 0.5) * np.sqrt(3)
    assert result.radius == pytest.approx(0.2 * stats.norm.ppf(0.8))
    assert (exact[~result.abstained] > result.radius).all()
    assert 0 < result.abstained.mean() < 0.6
    # a single radius: what adaptive radii certify there, each at the smaller Bonferroni level, is no more
    assert (~result.abstained[certificate.radii >= result.radius]).all()


def test_localized_or_unfinished_runs_are_refused() -> None:
    counts = certificate_of_counts(np.full((4, 4), 900))
    with pytest.raises(InputError, match="needs isotropic noise, that is a 1x1 grid, got 2x2"):
        segcertify(counts)
    stopped = replace(certificate_of_counts(np.full((4, 4), 900), grid=(1, 1)), trials=np.array([950]))
    with pytest.raises(InputError, match="tests once, after all 1000 samples; these counts hold 950"):
        segcertify(stopped)


def test_isotropic_settings_cost_what_they_say() -> None:
    localized = ImageSettings(grid=(3, 5), mask_distance=2, samples=100, pilot_samples=10, alpha=0.05)
    cheap, equal = isotropic_settings(localized, 0.2), isotropic_settings(localized, 0.2, equal_cost=True)
    np.testing.assert_array_equal(cheap.noise_levels(), [[0.2]])
    assert forward_passes(localized) == forward_passes(equal) == 15 * 110
    assert forward_passes(cheap) == 110
    halves = np.repeat([[0.1, 0.2], [0.2, 0.1]], 2, axis=0).repeat(
        2, axis=1
    )  # cells 0, 1 and cells 2, 3 are alike
    alike = ImageSettings(
        grid=(2, 2), levels=tuple(map(tuple, halves.tolist())), samples=100, pilot_samples=10
    )
    assert forward_passes(alike) == forward_passes(isotropic_settings(alike, 0.2, equal_cost=True)) == 2 * 110
    assert equal.alpha == 0.05
    with pytest.raises(SettingsError, match="level_min"):
        isotropic_settings(localized, 0.0)
