"""Proposed levels on a linear model whose best levels are known, and what the forecast is made of."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from lrscore import Cancelled, ImageSettings, certify_image
from lrscore.errors import InputError, SettingsError
from lrscore.images.tuning.proposal import (
    Example,
    ProposalSettings,
    apply_levels,
    example_seed,
    forecast_score,
    propose_levels,
)
from lrscore.images.tuning.search import Trial
from lrscore.metrics import average_certified_radius, certified_accuracy, mean_iou
from tests.lrscore.linear import Brightness, seeded

SETTINGS = ImageSettings(grid=(1, 2), samples=400, level_min=0.1, level_max=0.1)


def halves(gap: float = 0.25) -> Example:
    image = np.full((3, 4, 8), 0.5 - gap, np.float32)
    image[:, :, 2::4] = 0.5 + gap
    return Example(image, (image[0] > 0.5).astype(np.int64))


def test_far_noise_that_a_pixelwise_model_cannot_see_goes_to_the_limit() -> None:
    search = ProposalSettings(evaluations=40, limits=(0.02, 1.5), votes=16)
    proposal = propose_levels(Brightness(), [halves()], SETTINGS, search)
    levels = np.array(proposal.after.levels)
    assert (levels[~np.eye(2, dtype=bool)] == 1.5).all()
    assert proposal.after.radius > 1.3 * proposal.before.radius
    assert proposal.after.accuracy == proposal.before.accuracy == 1


def test_the_proposal_improves_a_certificate_of_another_image() -> None:
    proposal = propose_levels(
        Brightness(), [halves(0.25)], SETTINGS, ProposalSettings(evaluations=25, votes=16)
    )
    other = halves(0.3)

    def area(settings: ImageSettings) -> float:
        certificate = certify_image(Brightness(), other.image, settings, generator=seeded(5))
        epsilons = np.linspace(0, 1, 41)
        curve = certificate.collective(epsilons**2).certified / other.reference.size
        return average_certified_radius(epsilons, curve)

    assert area(apply_levels(SETTINGS, proposal)) > 1.2 * area(SETTINGS)


def test_the_forecast_is_the_certificate_of_the_expected_counts() -> None:
    """All 16 votes agree: (16.5 / 17) * 400 = 388 of 400 samples are expected to."""
    example = halves()
    votes = np.zeros((4, 8, 2), dtype=np.int64)
    np.put_along_axis(votes, example.reference[..., None], 16, axis=2)
    score = forecast_score(example, SETTINGS, votes)
    certificate = certify_image(
        Brightness(), example.image, replace(SETTINGS, level_min=0.01, level_max=0.01), generator=seeded()
    )
    expected = replace(certificate, settings=SETTINGS, agreements=np.full((4, 8), 388))
    budgets = expected.default_budgets(31)
    curve = certified_accuracy(expected.collective(budgets).certified, example.reference)
    assert score.radius == average_certified_radius(np.sqrt(budgets), curve) > 0
    assert score.accuracy == 1


def test_wrong_and_void_pixels_do_not_count() -> None:
    example = halves()
    votes = np.zeros((4, 8, 2), dtype=np.int64)
    np.put_along_axis(votes, example.reference[..., None], 16, axis=2)
    full = forecast_score(example, SETTINGS, votes)
    wrong = example.reference.copy()
    wrong[:2] = 1 - wrong[:2]
    half = forecast_score(Example(example.image, wrong), SETTINGS, votes)
    assert half.accuracy == 0.5
    assert half.radius < 0.6 * full.radius
    void = np.where(wrong == example.reference, wrong, 255)
    assert forecast_score(Example(example.image, void), SETTINGS, votes).accuracy == 1
    nothing = forecast_score(Example(example.image, np.full((4, 8), 255)), SETTINGS, votes)
    assert nothing == (0.0, 0.0)


def test_pixels_that_would_abstain_are_wrong_and_the_floor_may_be_about_mean_iou() -> None:
    """Columns 2 and 6 are class 1 (a quarter). Votes of 9 to 7 in column 0 promise nothing."""
    example = halves()
    votes = np.zeros((4, 8, 2), dtype=np.int64)
    np.put_along_axis(votes, example.reference[..., None], 16, axis=2)
    votes[:, 0] = 9, 7
    assert forecast_score(example, SETTINGS, votes).accuracy == 1 - 1 / 8
    iou = forecast_score(example, SETTINGS, votes, partial(mean_iou, classes=2)).accuracy
    assert iou == pytest.approx((20 / 24 + 1) / 2)
    proposal = propose_levels(
        Brightness(),
        [example],
        SETTINGS,
        ProposalSettings(evaluations=2, votes=4, accuracy=lambda labels, reference, abstained: 0.25),
    )
    assert proposal.before.accuracy == 0.25


def test_searches_repeat_continue_and_can_be_cancelled() -> None:
    seen: list[Trial] = []
    done: list[tuple[int, int]] = []
    with pytest.raises(Cancelled):
        propose_levels(
            Brightness(),
            [halves()],
            SETTINGS,
            ProposalSettings(evaluations=10, votes=4),
            progress=lambda *counts: done.append(counts),
            cancel=lambda: len(seen) == 4,
            on_trial=seen.append,
        )
    assert done[-1] == (4 * 2 * 4, 10 * 2 * 4)
    search = ProposalSettings(evaluations=10, votes=4)
    continued = propose_levels(Brightness(), [halves()], SETTINGS, search, known=seen)
    whole = propose_levels(Brightness(), [halves()], SETTINGS, search)
    assert continued.trials == whole.trials
    assert list(whole.trials[:4]) == seen


def test_a_certificate_with_the_seed_of_the_proposal_draws_other_numbers() -> None:
    """Otherwise the samples that certify would be those that chose the levels."""
    seen: list[torch.Tensor] = []

    class Spy(Brightness):
        def __call__(self, batch: torch.Tensor) -> torch.Tensor:
            seen.append(batch.clone())
            return super().__call__(batch)

    settings = replace(SETTINGS, samples=16, pilot_samples=16, batch_size=16)
    for seed in (0, 3):
        certify_image(Spy(), halves().image, settings, generator=seeded(seed))
        certified, seen[:] = list(seen), []
        # number 1 of seed 0 must not be number 0 of seed 1, either
        search = ProposalSettings(evaluations=1, votes=16, seed=seed)
        propose_levels(Spy(), [halves(), halves()], settings, search)
        proposed, seen[:] = list(seen), []
        noisy = [batch for batch in certified if batch.shape == proposed[-1].shape and batch.std(dim=0).any()]
        assert noisy
        assert not any(
            torch.equal(one, other) for one in noisy for other in proposed if other.std(dim=0).any()
        )
    seeds = [example_seed(seed, number) for seed in range(40) for number in range(5)]
    assert len(set(seeds)) == 200
    assert min(seeds) >= 2**62
    assert max(seeds) < 2**63


def test_blanked_regions_stay_blanked() -> None:
    settings = replace(SETTINGS, mask_distance=1)
    proposal = propose_levels(Brightness(), [halves()], settings, ProposalSettings(evaluations=5, votes=4))
    levels = apply_levels(settings, proposal).noise_levels()
    assert np.isinf(levels[~np.eye(2, dtype=bool)]).all()


def test_no_examples_are_refused() -> None:
    with pytest.raises(SettingsError, match="votes must be a whole number"):
        ProposalSettings(votes=0)
    with pytest.raises(SettingsError, match="evaluations must be"):
        ProposalSettings(evaluations=0)
    with pytest.raises(InputError, match="at least one labelled image"):
        propose_levels(Brightness(), [], SETTINGS)
    with pytest.raises(InputError, match="image must have shape"):
        propose_levels(Brightness(), [Example(np.zeros((4, 8), np.float32), np.zeros((4, 8)))], SETTINGS)
