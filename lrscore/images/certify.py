"""Certify one image: sample, choose labels, count agreements, and hand over a certificate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.images.certificate import ImageCertificate
from lrscore.images.further import further_samples
from lrscore.images.sampler import ImageModel, ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.monitor import Monitor, Progress, Run
from lrscore.provenance import describe_run
from lrscore.standing import Look, Standing, Trail, go_on
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
    trail: Trail | None = None,
) -> Iterator[ImageCertificate]:
    """Like `certify_image`, but yield a certificate at every look the statistical plan allows.

    With the corrections "anytime" and "mixture" every certificate yielded holds, all of them together with
    probability at least `1 - alpha`; stopping early keeps the guarantee. The first one comes as soon as one group has
    been looked at: groups that are not sampled yet abstain (`trials` 0, nothing claimed), and each further group adds
    to it. Then all groups go on together from look to look. The other corrections yield once, at the end. With
    `settings.focus` groups that no longer matter stop drawing, and the stream ends when none is left.

    Args:
        trail: is told where the run stands, and says where it begins: a run that was cut off and goes on ends with the
            same counts to the bit. The certificate of its last look comes first then, if there is one.

    Raises:
        InputError: the run to go on with was another one, see `lrscore.standing.go_on`.
    """
    return _stream(model, image, settings, Run.on(device, generator, progress, cancel), trail)


def _stream(
    model: ImageModel,
    image: torch.Tensor | np.ndarray,
    settings: ImageSettings,
    run: Run,
    trail: Trail | None = None,
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
        provenance=describe_run(model, run, sampler.batch_size) | sampler.provenance,
        unsmoothed=sampler.copies.unsmoothed,
        chosen=unchosen(model, settings, regions.height * regions.width, sampler.classes),
    )
    begin = None if trail is None else trail.begin
    if begin is not None:
        certificate = _standing_of(begin, certificate, run, monitor)
        looked = certificate.at_last_look()
        if looked is not None:
            yield looked
    sizes = certificate.plan.stops(settings.samples)
    for groups in map(list, sampler.alike if certificate.plan.sequential else [range(regions.count)]):
        if certificate.trials[groups].all():
            continue
        if not _piloted(certificate)[groups].all():
            certificate = _with_pilot(certificate, sampler, groups, monitor)
        steps = np.zeros_like(certificate.trials)
        steps[groups] = sizes[0]
        certificate = continue_sampling(certificate, sampler, steps, monitor, trail, begin)
        begin = None
        yield certificate
    while (steps := joint_samples(certificate, further_samples(certificate, sizes), sampler.alike)).any():
        certificate = continue_sampling(certificate, sampler, steps, monitor, trail, begin)
        begin = None
        yield certificate


def _with_pilot(
    certificate: ImageCertificate, sampler: ImageSampler, groups: Sequence[int], monitor: Monitor
) -> ImageCertificate:
    """The certificate with the pilot of some groups and the labels it chooses."""
    votes = sampler.count_votes(certificate.settings.pilot_samples, monitor, groups)
    votes += certificate.pilot_votes
    labelled = replace(certificate, pilot_votes=votes, labels=votes.argmax(axis=2))
    if labelled.chosen is not None:
        chosen = labelled.pilot_choice(labelled.chosen.tree)
        labelled = replace(labelled, chosen=chosen.counting(labelled.chosen.rivals))
    return labelled


def _piloted(certificate: ImageCertificate) -> np.ndarray:
    """(I,) bool: groups whose pilot is complete."""
    piloted = np.zeros(certificate.trials.shape, dtype=bool)
    piloted[certificate.groups[certificate.pilot_votes.any(axis=2).ravel()]] = True
    return piloted


def _standing_of(begin: Standing, blank: ImageCertificate, run: Run, monitor: Monitor) -> ImageCertificate:
    """The certificate of a run that goes on."""
    before = begin.certificate
    assert isinstance(before, ImageCertificate)
    same = np.array_equal(before.image, blank.image)
    go_on(begin, run.generator, blank.settings, blank.provenance, same)
    monitor.advance(int(_piloted(before).sum()) * blank.settings.pilot_samples + begin.copies)
    return before


def continue_sampling(
    certificate: ImageCertificate,
    sampler: ImageSampler,
    steps: np.ndarray,
    monitor: Monitor,
    trail: Trail | None = None,
    begin: Standing | None = None,
) -> ImageCertificate:
    """The certificate after `steps` (I,) further estimation samples of each group.

    Args:
        trail: is told where the run stands, now and then and at the end.
        begin: what of the steps has been drawn already; None if nothing.
    """
    look = Look(
        certificate, np.zeros((2, *certificate.shape), dtype=np.int64), sampler.generator, trail, begin
    )
    sides = _sides(certificate)

    def counted(piece: int, groups: list[int]) -> np.ndarray:
        if sides is None:
            agreements = sampler.count_agreements(certificate.labels, piece, monitor, groups)
            return np.stack([agreements, np.zeros_like(agreements)])
        return np.stack(sampler.count_sides(sides, piece, monitor, groups))

    for copies in np.unique(steps[steps > 0]).tolist():
        groups = np.flatnonzero(steps == copies).tolist()
        look.draw(groups, copies, sampler.batch_size, partial(counted, groups=groups))
    agreements, rivals = look.since
    looked = replace(
        certificate,
        agreements=certificate.agreements + agreements,
        trials=certificate.trials + steps,
        chosen=None if certificate.chosen is None else certificate.chosen.counting(rivals.ravel()),
    )
    look.end(looked)
    return looked


def _sides(certificate: ImageCertificate) -> np.ndarray | None:
    """(H, W, classes): where predictions fall that the pilot's choice counts; None if it counts its labels alone."""
    if certificate.chosen is None:
        return None
    return certificate.chosen.sides(certificate.votes_per_pixel).reshape(*certificate.shape, -1)


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
