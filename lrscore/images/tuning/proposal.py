"""Propose noise levels for a model from votes on labelled example images, to be used on other images.

What comes out are settings, chosen before the certified image is sampled; no guarantee rests on how good they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.images.certificate import ImageCertificate
from lrscore.images.certify import check_image
from lrscore.images.sampler import ImageModel, ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.images.tuning.search import (
    LevelProposal,
    Score,
    SearchSettings,
    Trial,
    search_levels,
    search_view_levels,
)
from lrscore.metrics import VOID, average_certified_radius, certified_accuracy, pixel_accuracy
from lrscore.monitor import Monitor, Run
from lrscore.settings import whole_number

_FULL_BATCH = (
    32  # every forward pass has its full size, so that few votes in large batches would be wasted work
)
_HIGH_SEEDS = 1 << 62  # where the seeds of proposals lie; certified runs count theirs from 0
_EPSILONS = 31  # points of the curve whose area is the average certified radius


@dataclass(frozen=True, eq=False)
class Example:
    """An image (C, H, W) in [0, 1] with its reference labels (H, W), 255 = void."""

    image: np.ndarray
    reference: np.ndarray


@dataclass(frozen=True)
class ProposalSettings(SearchSettings):
    """Search settings, and how a candidate is voted on.

    Args:
        votes: noisy copies per cell and candidate, at least 1.
        accuracy: what the floor is about, called as `accuracy(labels, reference, abstained=...)`; for mean IoU
            `partial(mean_iou, classes=...)`. Averaged over the examples.
        seed: of the random numbers, the same for every candidate; what is drawn differs from what a certified run
            with that seed draws, see `example_seed`.

    Raises:
        SettingsError: a value is outside its range.
    """

    votes: int = 32
    accuracy: Callable[..., float] = pixel_accuracy
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("votes", self.votes, 1)
        whole_number("seed", self.seed, 0)


def propose_levels(
    model: ImageModel,
    examples: Sequence[Example],
    settings: ImageSettings,
    search: ProposalSettings | None = None,
    *,
    device: str | torch.device = "cpu",
    progress: Callable[[int, int], object] | None = None,
    cancel: Callable[[], bool] | None = None,
    known: Iterable[Trial] = (),
    on_trial: Callable[[Trial], object] | None = None,
) -> LevelProposal:
    """Search noise levels with the largest average certified radius under a floor on smoothed accuracy.

    Every candidate is voted on with the same random numbers. A vote count is extrapolated to the certificate's
    `settings.samples`, so the radii are forecasts. One evaluation costs (examples x cells x votes) forward passes.

    Args:
        model, device, progress, cancel: as in `lrscore.certify_image`; progress counts noisy copies.
        examples: labelled images, other ones than those to certify.
        settings: grid, noise, statistics and the levels to improve on; blanked regions stay blanked. Of views, the
            level of each is searched, and a blank view stays blank.
        search: floor on accuracy, number of evaluations, range, votes; the defaults if None.
        known, on_trial: to continue an earlier search with the same arguments, see `search_levels`.

    Returns:
        The proposal; `apply_levels(settings, proposal)` are the settings to certify with.

    Raises:
        InputError: no examples, or a bad image, reference or model output.
        SettingsError: a setting is outside its range.
        Cancelled: the caller cancelled; the trials so far went to `on_trial`.
    """
    search = search or ProposalSettings()
    if not examples:
        raise InputError("examples must hold at least one labelled image, got none")
    cells = settings.grid[0] * settings.grid[1]
    monitor = Monitor(search.evaluations * len(examples) * cells * search.votes, progress, cancel)

    def score(levels: np.ndarray) -> Score:
        chosen = with_levels(settings, levels)
        scores = []
        for number, example in enumerate(examples):
            generator = torch.Generator(device=device).manual_seed(example_seed(search.seed, number))
            counts = count_example_votes(model, example.image, chosen, search.votes, generator, monitor)
            scores.append(forecast_score(example, chosen, counts, search.accuracy))
        return Score(*np.mean(scores, axis=0).tolist())

    if (views := settings.all_views()) is not None:
        levels = [view.level for view in views]
        return search_view_levels(levels, score, search, known=known, on_trial=on_trial)
    start = replace(settings, mask_distance=None).noise_levels()
    return search_levels(start, settings.grid, score, search, known=known, on_trial=on_trial)


def example_seed(seed: int, number: int) -> int:
    """The seed of one example's random numbers in a proposal: at least 2**62, another one for every pair.

    A certificate needs samples that are independent of the levels they certify. Whoever takes the same small seed for
    proposal and certificate would otherwise certify with the very numbers that chose the levels.

    Args:
        seed: of the proposal, at least 0.
        number: of the example, from 0.
    """
    drawn = np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)[0]
    return _HIGH_SEEDS + int(drawn) % _HIGH_SEEDS


def apply_levels(settings: ImageSettings, proposal: LevelProposal) -> ImageSettings:
    """The settings with the proposed levels."""
    return with_levels(settings, np.array(proposal.after.levels))


def with_levels(settings: ImageSettings, levels: np.ndarray) -> ImageSettings:
    """The settings with a level matrix (I, J), or with the levels (1, V) of their views."""
    if (views := settings.all_views()) is None:
        return replace(settings, levels=tuple(map(tuple, levels.tolist())))
    moved = tuple((view.window, level) for view, level in zip(views, levels[0].tolist(), strict=True))
    return replace(settings, two_views=False, mask_distance=None, views=moved)


def count_example_votes(
    model: ImageModel,
    image: np.ndarray,
    settings: ImageSettings,
    votes: int,
    generator: torch.Generator,
    monitor: Monitor,
) -> np.ndarray:
    """Votes per pixel and class (H, W, classes) of one image under the settings' noise, on the generator's device."""
    few = settings.batch_size or (votes if votes < _FULL_BATCH else None)
    sampler = ImageSampler(
        model,
        check_image(image),
        replace(settings, batch_size=few),
        Run.on(generator.device, generator),
    )
    return sampler.count_votes(votes, monitor)


def forecast_score(
    example: Example,
    settings: ImageSettings,
    votes: np.ndarray,
    accuracy: Callable[..., float] = pixel_accuracy,
) -> Score:
    """Average certified radius and accuracy that a run with `settings.samples` samples can be expected to have.

    The radius is the area under certified accuracy. Of `v` votes, `k` for the label, it expects a share of
    `(k + 1/2) / (v + 1)` among the samples: unanimous votes of a few copies do not promise certainty.

    Args:
        example: image and reference.
        settings: with the levels that were voted on.
        votes: (H, W, classes) counts.
        accuracy: as in `ProposalSettings`; pixels expected to abstain are passed to it.
    """
    number = int(votes[0, 0].sum())
    share = (votes.max(axis=2) + 0.5) / (number + 1)
    cells = settings.grid[0] * settings.grid[1]
    forecast = ImageCertificate(
        settings=replace(settings, pilot_samples=number),
        image=example.image,
        labels=votes.argmax(axis=2),
        pilot_votes=votes,
        agreements=np.floor(share * settings.samples).astype(np.int64),
        trials=np.full(cells, settings.samples, dtype=np.int64),
    ).with_reference(example.reference)
    reached = accuracy(forecast.labels, example.reference, abstained=forecast.abstained)
    budgets = forecast.default_budgets(_EPSILONS)
    if budgets[-1] == 0 or not (example.reference != VOID).any():
        return Score(0.0, reached)
    certified = forecast.collective(budgets, targets=forecast.correct()).certified
    curve = certified_accuracy(certified, example.reference)
    return Score(average_certified_radius(forecast.noise.epsilon(budgets), curve), reached)
