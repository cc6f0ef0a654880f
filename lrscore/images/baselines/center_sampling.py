"""Center smoothing of one image: find a center, test it on fresh samples, certify it with further ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from lrscore.images.baselines.center import (
    CenterCertificate,
    CenterSettings,
    center_passes,
    smallest_half_ball,
)
from lrscore.images.certify import check_image
from lrscore.images.sampler import ImageModel, ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.monitor import Run


def center_smooth(
    model: ImageModel,
    image: torch.Tensor | np.ndarray,
    settings: CenterSettings,
    *,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    batch_size: int | None = None,
    progress: Callable[[int, int], object] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> CenterCertificate:
    """Predict and certify one image by center smoothing (Kumar, Goldstein 2021).

    Guarantee: see `CenterCertificate`.

    Args:
        model, image, generator, device, progress, cancel: as in `lrscore.certify_image`.
        settings: noise level, sample numbers and error probabilities.
        batch_size: noisy copies in one forward pass; chosen by device if None.

    Raises:
        InputError: image or model output has the wrong shape or values.
        Cancelled: the caller cancelled.
    """
    tensor = check_image(image)
    height, width = tensor.shape[1:]
    run = Run.on(device, generator, progress, cancel)
    alike = ImageSettings(
        grid=(1, 1), level_min=settings.level, level_max=settings.level, batch_size=batch_size
    )
    sampler = ImageSampler(model, tensor, alike, run)
    monitor = run.monitor(settings.forward_passes)
    maps = sampler.label_maps(settings.center_samples, monitor)
    best, radius = smallest_half_ball(maps)
    center = maps[best].astype(np.int64).reshape(height, width)
    fresh = sampler.count_changes(center, settings.center_samples, monitor)
    distances = sampler.count_changes(center, settings.samples, monitor)
    return CenterCertificate(
        settings=settings,
        labels=center,
        radius=radius,
        abstained=not center_passes(settings, int((fresh <= radius).sum())),
        distances=np.sort(distances),
    )
