"""The numbers behind the lessons, against definitions that are written out."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.stats import binom, norm

from lrscore import ImageSettings, load_certificate
from lrscore.collective import certify_collectively
from lrscore.images.certificate import ImageCertificate
from ui.lessons.budget import PIXELS, fallen, two_regions
from ui.lessons.ellipse import ellipse
from ui.lessons.flips import MOST, certified_flips, withstood
from ui.lessons.one_pixel import radius, worst_probability
from ui.lessons.sampling import SIZES, simulated_bounds
from ui.lessons.windows import EPSILONS, GRID, SOURCE, worth
from ui.library.bundled import gallery_folder


def test_the_worst_probability_is_one_half_at_the_radius():
    assert radius(0.9, 0.2) == pytest.approx(0.2 * norm.ppf(0.9))
    assert worst_probability(0.9, 0.2, np.array([radius(0.9, 0.2)]))[0] == pytest.approx(0.5)
    assert radius(0.5, 0.2) == radius(0.4, 0.2) == 0.0


def test_the_ellipse_is_the_set_of_weighted_shifts_that_reach_one_half():
    near, far = ellipse(0.95, 0.1, 0.3)
    assert np.allclose((near / 0.1) ** 2 + (far / 0.3) ** 2, norm.ppf(0.95) ** 2)
    assert ellipse(0.5, 0.1, 0.3)[0].max() == 0.0


@pytest.mark.parametrize(
    ("epsilon", "share"), list(itertools.product((0.1, 0.25, 0.33), (0.0, 0.3, 0.5, 1.0)))
)
def test_fallen_pixels_are_counted_one_by_one(epsilon: float, share: float):
    example = two_regions()
    spent = [share * epsilon**2, (1 - share) * epsilon**2]
    expected = [0, 0]
    for threshold, group in zip(example.thresholds, example.groups, strict=True):
        cost = sum(w * b for w, b in zip(example.weights[group], spent, strict=True))
        expected[group] += cost >= threshold
    assert fallen(example, epsilon**2, np.array([share]))[0].tolist() == expected


def test_the_notes_are_right_naive_proves_nothing_and_together_something_is_proven():
    example = two_regions()
    budget = np.array([0.25**2])
    proven = {
        method: int(certify_collectively(*vars(example).values(), budget, method=method).certified[0])
        for method in ("naive", "paper", "envelope", "exact")
    }
    worst = fallen(example, budget[0], np.linspace(0, 1, 2001)).sum(axis=1).max()
    assert proven["naive"] == 0
    assert 0 < proven["paper"] <= proven["envelope"] <= proven["exact"] <= 2 * PIXELS - worst


def test_bounds_are_clopper_pearson_bounds():
    shares, bounds = simulated_bounds(0.8, 0.01, 3)
    assert shares.shape == bounds.shape == (len(SIZES), 25)
    votes = round(shares[4, 7] * SIZES[4])
    assert binom.sf(votes - 1, SIZES[4], bounds[4, 7]) == pytest.approx(0.01, rel=1e-6)
    assert (bounds < shares).all()
    assert np.array_equal(simulated_bounds(0.8, 0.01, 3)[0], shares), "the same seed, the same votes"


def test_flips_cost_what_the_formula_says():
    p, to_one, to_zero = 0.99, 0.01, 0.6
    add = math.log((1 - to_zero) ** 2 / to_one + to_zero**2 / (1 - to_one))
    delete = math.log((1 - to_one) ** 2 / to_zero + to_one**2 / (1 - to_zero))
    limit = math.log(0.25 / p + 0.25 / (1 - p))
    assert withstood(p) == pytest.approx(limit)
    certified = certified_flips(p, to_one, to_zero)
    for deletions, additions in itertools.product(range(5), range(5)):
        assert certified[deletions, additions] == (additions * add + deletions * delete < limit)


def test_flips_without_noise_are_never_certified():
    assert certified_flips(0.99, 0.0, 0.6)[0].tolist() == [True] + [False] * MOST
    assert not certified_flips(0.5, 0.01, 0.6).any()


def test_a_windows_worth_is_what_its_settings_prove_with_the_stored_votes():
    source = load_certificate(gallery_folder() / "rivals" / SOURCE)
    assert isinstance(source, ImageCertificate)
    found = worth(35)  # 180x240 pixels in cells of 20x20
    assert found is not None
    assert found.window == 2
    settings = ImageSettings(grid=GRID, views=((2, 0.2), (None, 1.6)))
    row, column = np.divmod(np.arange(source.thresholds.size), source.shape[1])
    groups = row // 20 * GRID[1] + column // 20
    weights = source.noise.weight(settings.noise_levels())
    for place in (4, 12, 25):
        alone = certify_collectively(weights, source.thresholds, groups, EPSILONS[place : place + 1] ** 2)
        count = found.views[place] * groups.size
        # From 100 groups on, a curve may lose 0.3 % of the outputs against single budgets
        assert alone.certified[0] - 0.003 * groups.size <= count <= alone.ceiling[0]
        assert found.isotropic[place] == (source.radii > EPSILONS[place]).mean()
    assert found.radii[0] == pytest.approx(source.radii.mean(), abs=0.01)


def test_the_narrower_the_window_the_more_its_votes_are_worth():
    radii = [found.radii for pixels in (5, 35, 60, 120) if (found := worth(pixels)) is not None]
    assert len(radii) == 4
    assert [views for _, views in radii] == sorted((views for _, views in radii), reverse=True)
    assert radii[0][1] > 2 * radii[0][0]
    assert worth(25) is worth(39), "the same cells, computed once"
