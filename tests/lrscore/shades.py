"""A model of three and more classes whose smoothed behaviour is known in closed form."""

from __future__ import annotations

import numpy as np
import torch
from scipy import stats

BORDERS = (0.35, 0.55, 0.75)


class Shades:
    """The pixel's mean over the channels, cut at `BORDERS`: black, dark, light, white."""

    class_names = ("black", "dark", "light", "white")
    name = "shades"

    def __call__(self, batch: torch.Tensor) -> torch.Tensor:
        mean = batch.mean(dim=1)
        label = sum((mean > border).long() for border in BORDERS)
        return torch.nn.functional.one_hot(label, 4).permute(0, 3, 1, 2).float()


def shade_shares(mean: np.ndarray, level: float, noise: str = "gaussian", channels: int = 3) -> np.ndarray:
    """(..., 4) probabilities of the classes at a pixel's mean, by simulation unless the noise is Gaussian."""
    if noise == "gaussian":
        below = stats.norm.cdf(
            (np.array(BORDERS) - np.asarray(mean)[..., None]) / (level / np.sqrt(channels))
        )
    else:
        rng = np.random.default_rng(0)
        drawn = (
            rng.uniform(-1, 1, (100_000, channels))
            if noise == "uniform"
            else rng.laplace(size=(100_000, channels))
        )
        sorted_means = np.sort(drawn.mean(axis=1) * level)
        gaps = np.array(BORDERS) - np.asarray(mean)[..., None]
        below = np.searchsorted(sorted_means, gaps) / len(sorted_means)
    ends = np.concatenate([np.zeros((*below.shape[:-1], 1)), below, np.ones((*below.shape[:-1], 1))], axis=-1)
    return np.diff(ends, axis=-1)


def exact_shade_radius(
    mean: np.ndarray, level: float, noise: str = "gaussian", channels: int = 3
) -> np.ndarray:
    """The least norm that makes another class as likely as the most likely one, found on a fine line of shifts.

    The model sees a pixel's mean only. To move it by `t` costs `t sqrt(channels)` in l2, `t channels` in l1.
    """
    shifts = np.linspace(-0.8, 0.8, 3201)
    shares = shade_shares(mean[..., None] + shifts, level, noise, channels)
    label = shade_shares(mean, level, noise, channels).argmax(axis=-1)
    own = np.take_along_axis(shares, label[..., None, None], axis=-1)
    others = shares.copy()
    np.put_along_axis(others, label[..., None, None], -1.0, axis=-1)
    lost = others.max(axis=-1) >= own[..., 0]
    step = shifts[1] - shifts[0]
    least = np.where(lost, np.abs(shifts), np.inf).min(axis=-1) + step
    return least * (np.sqrt(channels) if noise == "gaussian" else channels)
