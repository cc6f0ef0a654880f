"""A model whose smoothed behaviour is known in closed form, and certificates made of chosen counts."""

from __future__ import annotations

import numpy as np
import torch

from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings


class Brightness:
    """Label 1 where the pixel's mean over the channels exceeds 1/2: linear, every pixel looks at itself only.

    Under Gaussian noise of level `s` on its region, pixel `m` (its mean over C channels) is 1 with probability
    `Phi((m - 1/2) sqrt(C) / s)`; with exact probabilities its certified radius is `|m - 1/2| sqrt(C)`, which is the
    distance to the decision boundary: no certificate can be larger.
    """

    class_names = ("dark", "bright")
    name = "brightness"

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        margin = batch.mean(dim=1) - 0.5
        return torch.stack([-margin, margin], dim=1)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ramp(height: int = 12, width: int = 20, channels: int = 3) -> np.ndarray:
    """(C, H, W) image from black to white, left to right."""
    return np.broadcast_to(np.linspace(0, 1, width, dtype=np.float32), (channels, height, width)).copy()


def certificate_of_counts(
    agreements: np.ndarray, *, samples: int = 1000, grid: tuple[int, int] = (2, 2), **settings: object
) -> ImageCertificate:
    """A certificate with two classes, unanimous pilot votes for class 1 and chosen agreements (H, W)."""
    chosen = ImageSettings(grid=grid, samples=samples, pilot_samples=10, **settings)  # type: ignore[arg-type]
    votes = np.zeros((*agreements.shape, 2), dtype=np.int64)
    votes[..., 1] = 10
    return ImageCertificate(
        settings=chosen,
        image=np.full((3, *agreements.shape), 0.5, dtype=np.float32),
        labels=np.ones(agreements.shape, dtype=np.int64),
        pilot_votes=votes,
        agreements=agreements.astype(np.int64),
        trials=np.full(grid[0] * grid[1], samples, dtype=np.int64),
    )
