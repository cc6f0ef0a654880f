"""Scores of a segmentation model on labelled pictures: one noisy pass, and smoothed by majority vote."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from models.classes import CAMVID_CLASSES
from models.training.data import LabelledImages
from models.training.scores import Confusion

ScoreFunction = Callable[[Tensor], Tensor]


def noisy_scores(
    model: ScoreFunction, pictures: LabelledImages, *, level: float, seed: int = 0, batch_size: int = 32
) -> Confusion:
    """Confusion of single passes under isotropic Gaussian noise (none for level 0)."""
    generator = torch.Generator().manual_seed(seed)
    total = Confusion(np.zeros((len(CAMVID_CLASSES),) * 2, dtype=np.int64))
    for start in range(0, len(pictures), batch_size):
        images = pictures.images[start : start + batch_size].float() / 255
        noise = torch.randn(images.shape, generator=generator) if level else torch.zeros(())
        with torch.inference_mode():
            labels = model(images + level * noise).argmax(dim=1).numpy()
        masks = pictures.masks[start : start + batch_size].numpy()
        total += Confusion.of(masks, labels, len(CAMVID_CLASSES))
    return total
