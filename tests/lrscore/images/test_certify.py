"""Whole runs: soundness on a linear model, streaming, bad input."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from lrscore import Cancelled, ImageSettings, LrscoreError, certify_image, stream_image
from lrscore.errors import InputError, SettingsError
from lrscore.images.certify import check_image
from lrscore.verify import verify_file
from tests.lrscore.linear import Brightness, ramp, seeded

IMAGE = ramp()
EXACT_RADIUS = np.abs(IMAGE.mean(axis=0).astype(float) - 0.5) * np.sqrt(3)


def run(image=IMAGE, seed=0, **settings):
    chosen = ImageSettings(**{"grid": (2, 3), "samples": 400, "pilot_samples": 40, **settings})
    return certify_image(Brightness(), image, chosen, generator=seeded(seed))


def test_no_certified_radius_exceeds_the_exact_one_of_a_linear_model():
    certificate = run(samples=4000)
    certain = ~certificate.abstained
    assert certain.mean() > 0.5
    assert (certificate.radii[certain] <= EXACT_RADIUS[certain]).all()
    assert (certificate.radii[~certain] == 0).all()
    # and it is not vacuous: with its own level .1, radii are limited by the sample number, not by luck
    best = 0.1 * stats.norm.ppf(stats.beta.ppf(0.01 / IMAGE[0].size, 4000, 1))
    assert certificate.radii.max() == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("noise", ["gaussian", "uniform", "laplace"])
@pytest.mark.parametrize(
    "correction", ["bonferroni", "weighted-bonferroni", "count-level", "anytime", "mixture"]
)
def test_collective_counts_survive_an_explicit_attack_on_the_linear_model(noise, correction):
    """The strongest attack on the linear smoothed model is known: darken or brighten the pixels nearest to 1/2.

    Moving one pixel to the boundary costs its exact distance (l2: squared; l1: for three channels 3 |m - 1/2|).
    Cheapest first is the best the attacker can do, so the truth is exact for every budget.
    """
    certificate = run(noise=noise, correction=correction, tolerated=3 if correction == "count-level" else 1)
    gap = np.abs(certificate.image.mean(axis=0).astype(float) - 0.5)
    costs = np.sort((gap**2 * 3 if noise == "gaussian" else gap * 3).ravel())
    budgets = certificate.default_budgets(25)
    proven = certificate.collective(budgets)
    truth = np.array([(np.cumsum(costs) > budget).sum() for budget in budgets])
    assert (proven.certified <= truth).all()
    assert proven.certified[0] > 0
    assert (proven.certified <= proven.ceiling).all()


def test_labels_come_from_the_pilot_and_counts_from_the_estimation_samples():
    certificate = run()
    np.testing.assert_array_equal(certificate.labels, certificate.pilot_votes.argmax(axis=2))
    assert (certificate.pilot_votes.sum(axis=2) == 40).all()
    assert (certificate.trials == 400).all()


@pytest.mark.parametrize("correction", ["bonferroni", "anytime"])
def test_equal_levels_on_a_grid_are_isotropic_smoothing_at_its_cost(correction, tmp_path):
    """Localized smoothing contains isotropic smoothing: same passes, same counts, same certified numbers."""
    calls = []

    class Spy(Brightness):
        def __call__(self, batch):
            calls.append(len(batch))
            return super().__call__(batch)

    def taken(**settings):
        calls.clear()
        chosen = ImageSettings(
            samples=400, pilot_samples=40, correction=correction, batch_size=20, **settings
        )
        return certify_image(Spy(), IMAGE, chosen, generator=seeded(2)), len(calls)

    grid, passes = taken(grid=(2, 3), level_min=0.2, level_max=0.2)
    single, fewest = taken(grid=(1, 1), level_min=0.2, level_max=0.2)
    assert passes == fewest
    np.testing.assert_array_equal(grid.agreements, single.agreements)
    budgets = single.default_budgets(30)
    proven = grid.collective(budgets).certified
    np.testing.assert_array_equal(proven, single.collective(budgets, "naive").certified)
    assert proven.max() > 0
    grid.save(tmp_path / "grid.nc")
    verify_file(tmp_path / "grid.nc")


def test_strictly_local_weights_are_zero_where_regions_are_blanked():
    certificate = run(grid=(1, 4), mask_distance=2)
    distances = certificate.regions.distances()
    np.testing.assert_array_equal(certificate.weights == 0, distances >= 2)


def test_the_same_seed_gives_the_same_certificate_and_the_given_image_is_left_alone():
    image = IMAGE.copy()
    first, second = run(image), run(torch.as_tensor(image))
    np.testing.assert_array_equal(first.agreements, second.agreements)
    np.testing.assert_array_equal(image, IMAGE)


@pytest.mark.parametrize("correction", ["anytime", "mixture"])
def test_every_look_is_a_certificate_and_the_last_has_all_samples(correction):
    settings = ImageSettings(grid=(2, 3), samples=400, pilot_samples=40, correction=correction)
    looks = list(stream_image(Brightness(), IMAGE, settings, generator=seeded()))
    sizes = looks[0].plan.stops(400)
    assert [int(look.trials[0]) for look in looks] == [sizes[0]] * 6 + list(sizes[1:])
    for look in looks:
        np.testing.assert_array_equal(look.labels[look.sampled], looks[-1].labels[look.sampled])
        assert (look.radii[~look.abstained] <= EXACT_RADIUS[~look.abstained]).all()
    assert looks[-1].radii.mean() > looks[5].radii.mean()


@pytest.mark.parametrize("correction", ["anytime", "mixture"])
def test_groups_that_wait_for_their_turn_claim_nothing(correction, tmp_path):
    """The first look comes after one group; every group adds to it; a file of such a state verifies."""
    settings = ImageSettings(grid=(2, 3), samples=400, pilot_samples=40, correction=correction)
    stream = stream_image(Brightness(), IMAGE, settings, generator=seeded())
    before = np.zeros(IMAGE.shape[1:])
    for turn in range(6):
        look = next(stream)
        first = look.plan.stops(400)[0]
        assert look.trials.tolist() == [first] * (turn + 1) + [0] * (5 - turn)
        assert look.sampled.sum() == sum(np.prod(_size(look, group)) for group in range(turn + 1))
        assert (look.probabilities[~look.sampled] == 0).all()
        assert look.abstained[~look.sampled].all()
        assert not look.pilot_votes[~look.sampled].any()
        assert (look.probabilities >= before).all(), "what has been shown stays true"
        before = look.probabilities
        assert look.collective([0.0]).certified[0] == (~look.abstained).sum()
        look.check_counts()
        look.save(tmp_path / f"{turn}.nc")
        verify_file(tmp_path / f"{turn}.nc")
    assert (before > 0).any()


def _size(certificate, group):
    rows, cols = certificate.regions.slices(group)
    return rows.stop - rows.start, cols.stop - cols.start


def test_the_bounds_of_a_partial_look_are_those_of_the_group_alone():
    """The waiting groups change nothing: Clopper-Pearson at the first look's level over all pixels, by hand."""
    settings = ImageSettings(grid=(2, 3), samples=400, pilot_samples=40, correction="anytime")
    look = next(stream_image(Brightness(), IMAGE, settings, generator=seeded()))
    rows, cols = look.regions.slices(0)
    n, level = look.plan.looks[0], 0.01 * look.plan.spending[0] / IMAGE[0].size
    k = look.agreements[rows, cols]
    expected = np.where(k > 0, stats.beta.ppf(level, np.maximum(k, 1), n - k + 1), 0.0)
    np.testing.assert_allclose(look.probabilities[rows, cols], expected, rtol=1e-9)
    assert (look.probabilities[rows, cols] <= expected).all()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"pilot_votes": "all"}, "pilot votes"),
        ({"agreements": "waiting"}, "agreements"),
        ({"trials": "none"}, "trials"),
        ({"settings": "fixed"}, "trials"),
    ],
)
def test_counts_of_waiting_groups_are_checked(change, part):
    settings = ImageSettings(grid=(2, 3), samples=400, pilot_samples=40, correction="anytime")
    look = next(stream_image(Brightness(), IMAGE, settings, generator=seeded()))
    values = {
        "all": np.where(look.sampled[..., None], look.pilot_votes, np.array([40, 0])),
        "waiting": np.where(look.sampled, look.agreements, 1),
        "none": np.zeros_like(look.trials),
        "fixed": replace(settings, correction="bonferroni"),
    }
    forged = replace(look, **{name: values[word] for name, word in change.items()})
    with pytest.raises(InputError, match=part):
        forged.check_counts()


def test_fixed_corrections_yield_once():
    settings = ImageSettings(grid=(1, 1), samples=50, pilot_samples=5)
    assert len(list(stream_image(Brightness(), IMAGE, settings, generator=seeded()))) == 1


def test_count_level_subtracts_and_is_never_negative():
    several, single = run(correction="count-level", tolerated=5), run()
    budgets = several.default_budgets(10)
    assert several.plan.discount == 4
    assert several.collective(budgets).certified.min() == 0
    assert several.collective([0.0]).certified[0] == (~several.abstained).sum() - 4
    assert (several.probabilities >= single.probabilities).all()


def test_targets_restrict_what_is_counted():
    certificate = run()
    targets = np.zeros(certificate.shape, dtype=bool)
    targets[:, :3] = True
    assert (
        certificate.collective([0.0], targets=targets).certified[0]
        == (targets & ~certificate.abstained).sum()
    )
    with pytest.raises(InputError, match="targets must mark 240 pixels, got 3"):
        certificate.collective([0.0], targets=np.ones(3))


def test_beyond_the_largest_epsilon_no_method_certifies_anything():
    certificate = run()
    beyond = certificate.noise.budget(certificate.largest_epsilon() * 1.0001)
    for method in ("naive", "paper", "envelope"):
        assert certificate.collective([beyond], method=method).certified[0] == 0
    assert certificate.collective([beyond]).ceiling[0] == 0


def test_cancel_and_progress():
    calls = []
    with pytest.raises(Cancelled):
        certify_image(
            Brightness(),
            IMAGE,
            ImageSettings(grid=(1, 1)),
            generator=seeded(),
            progress=lambda done, total: calls.append((done, total)),
            cancel=lambda: len(calls) >= 2,
        )
    assert calls == [(32, 1152), (64, 1152)]


@pytest.mark.parametrize(
    ("image", "text"),
    [
        (np.zeros((5, 5), np.float32), r"shape \(channels, height, width\), got \(5, 5\)"),
        (np.zeros((3, 0, 5), np.float32), "shape"),
        (np.zeros((3, 5, 5), np.uint8), "floating-point"),
        (np.full((3, 5, 5), np.nan, np.float32), "finite"),
        (np.full((3, 5, 5), 1.5, np.float32), r"lie in \[0, 1\]"),
        (np.full((3, 5, 5), -0.1), r"lie in \[0, 1\]"),
    ],
)
def test_bad_images_are_refused(image, text):
    with pytest.raises(InputError, match=text):
        check_image(image)


def test_a_grid_larger_than_the_image_is_refused():
    with pytest.raises(SettingsError, match="larger than the image"):
        run(grid=(30, 2))


def test_one_pixel_is_an_image():
    certificate = run(np.full((3, 1, 1), 0.9, np.float32), grid=(1, 1))
    assert certificate.radii.shape == (1, 1)
    assert 0 < certificate.radii[0, 0] <= 0.4 * np.sqrt(3)


def test_errors_are_one_family():
    assert issubclass(InputError, LrscoreError)
    assert issubclass(LrscoreError, ValueError)


FOCUSED = {
    "focus": (0.05, 0.1),
    "samples": 1600,
    "pilot_samples": 60,
    "grid": (1, 4),
    "correction": "anytime",
}


def test_adaptive_sampling_draws_less_and_certifies_nearly_as_much():
    full, adaptive = run(**{**FOCUSED, "focus": ()}), run(**FOCUSED, tolerance=0.05)
    assert full.copies_saved == 0
    assert adaptive.copies_saved > 0
    assert set(adaptive.trials.tolist()) <= set(adaptive.plan.looks)
    budgets = adaptive.noise.budget(FOCUSED["focus"])
    lost = full.collective(budgets).certified - adaptive.collective(budgets).certified
    assert (
        lost <= 2 * 0.05 * adaptive.labels.size
    ).all()  # its own tolerance, and the other run's randomness
    assert (adaptive.radii[~adaptive.abstained] <= EXACT_RADIUS[~adaptive.abstained]).all()


def test_samples_go_to_the_groups_that_matter_and_more_the_smaller_the_tolerance():
    """The outer groups are black and white; the grey pixels that a small attack flips lie in the inner two."""
    fine, coarse = run(**FOCUSED, tolerance=1e-9).trials, run(**FOCUSED, tolerance=0.1).trials
    assert min(fine[1:3]) > max(fine[0], fine[3])
    assert (fine >= coarse).all()
    assert fine.sum() > coarse.sum()


def test_adaptive_certificates_verify(tmp_path):
    certificate = run(**FOCUSED, tolerance=0.05)
    certificate.save(tmp_path / "a.nc")
    verify_file(tmp_path / "a.nc")


def test_a_group_that_sees_nothing_is_taken_for_nothing():
    """All regions blanked for one group: it falls to no perturbation at all, and the others decide the largest eps."""
    levels = np.full((2, 2), 0.2)
    levels[0] = np.inf
    certificate = run(grid=(1, 2), levels=levels)
    assert np.isfinite(certificate.largest_epsilon())
    assert certificate.collective(certificate.default_budgets(5)).certified[-1] >= 0


def test_a_correction_that_guarantees_nothing_says_so_and_no_more():
    assert "NOT VALID" in run(correction="paper-holm").guarantee()
    assert "keeps its label" not in run(correction="paper-holm").guarantee()


def test_the_image_may_change_after_it_was_handed_over():
    image = torch.as_tensor(IMAGE.copy())
    stream = stream_image(
        Brightness(), image, ImageSettings(grid=(1, 1), samples=50, pilot_samples=5), generator=seeded()
    )
    certificate = next(stream)
    image.zero_()
    np.testing.assert_array_equal(certificate.image, IMAGE)
