"""Certify one image: sample, choose labels, count agreements, and hand over a certificate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from lrscore.collective import certify_collectively
from lrscore.errors import InputError
from lrscore.images.certificate import ImageCertificate
from lrscore.images.sampler import ImageModel, ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.monitor import Monitor, Progress, Run
from lrscore.provenance import describe_run
from lrscore.statistics import CollectiveView, choose_samples, group_gains, projected_bounds
from lrscore.vote_choice import unchosen


def certify_image(
    model: ImageModel,
    image: torch.Tensor | np.ndarray,
    settings: ImageSettings,
    *,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> ImageCertificate:
    """Sample the localized smoothed model around an image and certify its segmentation.

    Guarantee: see `ImageCertificate`; it holds with probability at least `1 - settings.alpha` over the sampling.

    Args:
        model: any callable, noisy batch (B, C, H, W) float32 -> scores (B, classes, H, W). Noise is added and nothing
            else: clamping and normalising are the model's business. It must not change while it is sampled.
        image: (C, H, W) floating point in [0, 1].
        settings: regions, noise, sample numbers and confidence.
        generator: all randomness; the same seed, device and settings give the same counts.
        device: where the model runs.
        progress: called as `progress(done, total)` in noisy copies.
        cancel: asked between batches; True raises `Cancelled`.

    Raises:
        InputError: image or model output has the wrong shape or values, or the model cannot take the image.
        SettingsError: the grid does not fit the image.
        Cancelled: the caller cancelled.
    """
    stream = _stream(model, image, settings, Run.on(device, generator, progress, cancel))
    return deque(stream, maxlen=1).pop()  # only the last look


def stream_image(
    model: ImageModel,
    image: torch.Tensor | np.ndarray,
    settings: ImageSettings,
    *,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Iterator[ImageCertificate]:
    """Like `certify_image`, but yield a certificate at every look the statistical plan allows.

    With the corrections "anytime" and "mixture" every certificate yielded holds, all of them together with
    probability at least `1 - alpha`; stopping early keeps the guarantee. The first one comes as soon as one group has
    been looked at: groups that are not sampled yet abstain (`trials` 0, nothing claimed), and each further group adds
    to it. Then all groups go on together from look to look. The other corrections yield once, at the end. With
    `settings.focus` groups that no longer matter stop drawing, and the stream ends when none is left.
    """
    return _stream(model, image, settings, Run.on(device, generator, progress, cancel))


def _stream(
    model: ImageModel, image: torch.Tensor | np.ndarray, settings: ImageSettings, run: Run
) -> Iterator[ImageCertificate]:
    """See `stream_image`."""
    tensor = check_image(image)
    sampler = ImageSampler(model, tensor, settings, run)
    regions = sampler.regions
    monitor = run.monitor(regions.count * (settings.pilot_samples + settings.samples))
    certificate = ImageCertificate(
        settings=settings,
        image=tensor.numpy(),
        labels=np.zeros((regions.height, regions.width), dtype=np.int64),
        pilot_votes=np.zeros((regions.height, regions.width, sampler.classes), dtype=np.int64),
        agreements=np.zeros((regions.height, regions.width), dtype=np.int64),
        trials=np.zeros(regions.count, dtype=np.int64),
        class_names=tuple(getattr(model, "class_names", ())),
        provenance=describe_run(model, run, sampler.batch_size) | {"noise_added": sampler.copies.arithmetic},
        unsmoothed=sampler.copies.unsmoothed,
        chosen=unchosen(model, settings, regions.height * regions.width, sampler.classes),
    )
    sizes = certificate.plan.stops(settings.samples)
    for groups in sampler.alike if certificate.plan.sequential else [range(regions.count)]:
        certificate = _first_look(certificate, sampler, groups, sizes[0], monitor)
        yield certificate
    while (steps := joint_samples(certificate, further_samples(certificate, sizes), sampler.alike)).any():
        certificate = continue_sampling(certificate, sampler, steps, monitor)
        yield certificate


def _first_look(
    certificate: ImageCertificate, sampler: ImageSampler, groups: Sequence[int], copies: int, monitor: Monitor
) -> ImageCertificate:
    """The certificate with the pilot of some groups, the labels it chooses, and their first estimation samples."""
    votes = sampler.count_votes(certificate.settings.pilot_samples, monitor, groups)
    votes += certificate.pilot_votes
    steps = np.zeros_like(certificate.trials)
    steps[list(groups)] = copies
    labelled = replace(certificate, pilot_votes=votes, labels=votes.argmax(axis=2))
    if labelled.chosen is not None:
        chosen = labelled.pilot_choice(labelled.chosen.tree)
        labelled = replace(labelled, chosen=chosen.counting(labelled.chosen.rivals))
    return continue_sampling(labelled, sampler, steps, monitor)


def continue_sampling(
    certificate: ImageCertificate, sampler: ImageSampler, steps: np.ndarray, monitor: Monitor
) -> ImageCertificate:
    """The certificate after `steps` (I,) further estimation samples of each group."""
    agreements, chosen = certificate.agreements.copy(), certificate.chosen
    sides = None if chosen is None else chosen.sides(certificate.votes_per_pixel)
    for copies in np.unique(steps[steps > 0]).tolist():
        groups = np.flatnonzero(steps == copies).tolist()
        if chosen is None or sides is None:
            agreements += sampler.count_agreements(certificate.labels, copies, monitor, groups)
            continue
        table = sides.reshape(*certificate.shape, -1)
        inside, rivals = sampler.count_sides(table, copies, monitor, groups)
        agreements += inside
        chosen = chosen.counting(rivals.ravel())
    trials = certificate.trials + steps
    return replace(certificate, agreements=agreements, trials=trials, chosen=chosen)


def further_samples(certificate: ImageCertificate, sizes: tuple[int, ...]) -> np.ndarray:
    """How many samples each group should draw before the next look.

    Args:
        certificate: the state after a look.
        sizes: sample sizes at which a group may be looked at, increasing.

    Returns:
        (I,) int; 0 where a group is complete. Without `settings.focus` every group goes on to the next size. With it,
        groups stop that together can change the certified count at those eps by less than `settings.tolerance` of all
        pixels, if the votes go on as they did.
    """
    if not certificate.settings.focus:
        return _to_next_size(certificate.trials, sizes)
    now = certificate.thresholds
    later = np.maximum(now, _projected_thresholds(certificate, sizes[-1]))
    budgets = certificate.noise.budget(np.array(certificate.settings.focus))
    proof = certify_collectively(certificate.weights, later, certificate.groups, budgets).proof
    multipliers = proof.multipliers[proof.leaf_multipliers[proof.roots]]
    view = CollectiveView(certificate.groups, certificate.weights, budgets, multipliers)
    tolerance = certificate.settings.tolerance * certificate.labels.size
    return choose_samples(
        group_gains(now, later, view), certificate.trials, sizes, tolerance=tolerance
    ).samples


def joint_samples(
    certificate: ImageCertificate, steps: np.ndarray, alike: Sequence[Sequence[int]]
) -> np.ndarray:
    """Samples of groups that share their copies: what one of them draws is there for all.

    Args:
        certificate: the state before.
        steps: (I,) how many each group would draw by itself.
        alike: groups in lists of those that share copies; of views all are in one.

    Returns:
        (I,) the steps that bring every group as far as the one of its list that goes farthest.
    """
    joint = steps.copy()
    for groups in map(list, alike):
        if steps[groups].any():
            joint[groups] = (certificate.trials + steps)[groups].max() - certificate.trials[groups]
    return joint


def _projected_thresholds(certificate: ImageCertificate, final_size: int) -> np.ndarray:
    if certificate.chosen is None:
        bounds = projected_bounds(*certificate.plan_counts(), certificate.plan, final_size)
        return certificate.noise.threshold(bounds)
    share = final_size / np.maximum(certificate.trials, 1)[certificate.groups].reshape(certificate.shape)
    rivals = np.ceil(certificate.chosen.rivals.reshape(certificate.shape) * share).astype(np.int64)
    agreements = np.floor(certificate.agreements * share * (1 + 1e-12)).astype(np.int64)
    return replace(
        certificate,
        agreements=agreements,
        trials=np.full_like(certificate.trials, final_size),
        chosen=replace(certificate.chosen, rivals=np.minimum(rivals, final_size - agreements).ravel()),
    ).thresholds


def _to_next_size(trials: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    place = np.searchsorted(sizes, trials, side="right")
    goals = np.append(sizes, 0)[place]
    return np.maximum(goals - trials, 0)


def check_image(image: torch.Tensor | np.ndarray) -> torch.Tensor:
    """Validate an image and return it as a float32 tensor (C, H, W) on the CPU.

    Raises:
        InputError: not a (C, H, W) floating-point array with finite values in [0, 1].
    """
    tensor = (
        image.detach().cpu().clone() if isinstance(image, torch.Tensor) else torch.from_numpy(np.array(image))
    )
    if tensor.ndim != 3 or 0 in tensor.shape:
        raise InputError(f"image must have shape (channels, height, width), got {tuple(tensor.shape)}")
    if not tensor.is_floating_point():
        raise InputError(f"image must hold floating-point values in [0, 1], got {tensor.dtype}")
    if not torch.isfinite(tensor).all():
        raise InputError("image must hold finite values, got NaN or infinity")
    if tensor.min() < 0 or tensor.max() > 1:
        raise InputError(f"image must lie in [0, 1], got values from {tensor.min():g} to {tensor.max():g}")
    return tensor.to(torch.float32)
