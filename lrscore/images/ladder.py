"""Which noise a model stands: its smoothed against its unsmoothed prediction, level by level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from lrscore.errors import SettingsError
from lrscore.images.certify import check_image
from lrscore.images.sampler import ImageModel, ImageSampler
from lrscore.images.settings import ImageSettings
from lrscore.metrics import VOID, pixel_accuracy
from lrscore.monitor import Run
from lrscore.streams import apart

LEVELS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)


@dataclass(frozen=True)
class Picture:
    """A picture (C, H, W) in [0, 1] and its reference (H, W) in the model's classes, 255 = void, or None."""

    image: np.ndarray
    reference: np.ndarray | None = None


@dataclass(frozen=True)
class Rung:
    """What one level of noise does, over all pictures.

    Args:
        level: of isotropic noise; 0 is the model without noise.
        agreement: share of the pixels that keep the label the model gives without noise.
        accuracy: share of the labelled pixels whose smoothed label is right; None without reference labels.
    """

    level: float
    agreement: float
    accuracy: float | None


def climb(
    model: ImageModel,
    pictures: Sequence[Picture],
    *,
    levels: Sequence[float] = LEVELS,
    noise: str = "gaussian",
    votes: int = 16,
    generator: torch.Generator,
    device: str | torch.device = "cpu",
    progress: Callable[[int, int], object] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> list[Rung]:
    """Agreement and accuracy of the majority vote under the same noise everywhere, one rung per level.

    A quick look that certifies nothing: where agreement is low, a certificate would be about another prediction than
    the model's own.

    Args:
        model, generator, device, progress, cancel: as in `lrscore.certify_image`.
        pictures: at least one.
        levels: noise levels, each above 0.
        noise: "gaussian", "uniform" or "laplace".
        votes: noisy copies of each picture at each level.

    Raises:
        SettingsError: no pictures or levels, or a level that is none.
        InputError: a picture is none, or the model cannot take it.
        Cancelled: the caller cancelled.
    """
    if not pictures or not levels:
        raise SettingsError("a ladder needs at least one picture and one level, got none")
    start = ImageSettings(grid=(1, 1), noise=noise, samples=votes, pilot_samples=votes)
    rungs = [replace(start, level_min=level, level_max=level) for level in sorted(levels)]
    run = Run.on(device, apart(generator, "ladder"), progress, cancel)
    monitor = run.monitor(len(rungs) * len(pictures) * votes)
    same, right = np.zeros(len(rungs) + 1), np.zeros(len(rungs) + 1)
    pixels = labelled = 0
    for picture in pictures:
        image, known = check_image(picture.image), picture.reference
        seen = 0 if known is None else int((known != VOID).sum())
        pixels, labelled = pixels + image[0].numel(), labelled + seen
        clean = None
        for place, settings in enumerate(rungs, 1):
            sampler = ImageSampler(model, image, settings, run)
            if clean is None:
                clean = sampler.copies.unsmoothed
                same[0] += clean.size
                right[0] += seen * _accuracy(clean, known)
            labels = sampler.count_votes(votes, monitor).argmax(axis=2)
            same[place] += (labels == clean).sum()
            right[place] += seen * _accuracy(labels, known)
    return [
        Rung(level, float(same[place] / pixels), float(right[place] / labelled) if labelled else None)
        for place, level in enumerate((0.0, *sorted(levels)))
    ]


def _accuracy(labels: np.ndarray, reference: np.ndarray | None) -> float:
    if reference is None or not (reference != VOID).any():
        return 0.0
    return float(pixel_accuracy(labels, reference))
