"""How well a denoiser does: peak signal-to-noise ratio per level on pictures kept out, against classical filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from lrscore.noise import AdditiveNoise, GaussianNoise

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
_WIDTHS = np.geomspace(0.4, 8, 10)  # of the Gaussian filter, in pixels


@torch.inference_mode()
def psnr_per_level(
    denoise: Callable[[Tensor, Tensor], Tensor],
    pictures: Sequence[Tensor],
    levels: Sequence[float] = LEVELS,
    *,
    noise: AdditiveNoise | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Mean peak signal-to-noise ratio in dB, of results clamped to [0, 1].

    Args:
        denoise: noisy pictures (1, 3, H, W) and their levels (1, 1, H, W) to pictures, such as a `LevelDenoiser`.
        pictures: (3, H, W) uint8 each.
        levels: standard deviations of the noise, the same everywhere.
        noise: its kind; Gaussian by default.

    Returns:
        (levels,) float64.
    """
    kind = noise or GaussianNoise()
    scores = np.empty((len(levels), len(pictures)))
    for column, picture in enumerate(pictures):
        clean = picture.float()[None] / 255
        for row, level in enumerate(levels):
            generator = torch.Generator().manual_seed(seed + column)  # the same noise, scaled, at every level
            unit = kind.sample(tuple(clean.shape), generator) / kind.deviation
            noisy = clean + level * unit
            result = denoise(noisy, torch.full((1, 1, *clean.shape[2:]), level))
            scores[row, column] = psnr(result, clean)
    return scores.mean(axis=1)


def psnr(result: Tensor, clean: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of a result, clamped to [0, 1], against the clean picture."""
    return float(-10 * torch.log10((result.clamp(0, 1) - clean).square().mean()))


def gaussian_filter(noisy: Tensor, width: float) -> Tensor:
    """SciPy's Gaussian filter over rows and columns; `width` in pixels."""
    return torch.from_numpy(ndimage.gaussian_filter(noisy.numpy(), (0, 0, width, width), mode="nearest"))


def best_gaussian_filter(
    pictures: Sequence[Tensor], levels: Sequence[float] = LEVELS, *, noise: AdditiveNoise | None = None
) -> np.ndarray:
    """Like `psnr_per_level`, of a Gaussian filter whose width is chosen for every level *on these pictures*.

    So it is the best that filter can do, an opponent favoured over the denoiser.
    """
    by_width = [
        psnr_per_level(partial(_filtered, width=width), pictures, levels, noise=noise) for width in _WIDTHS
    ]
    return np.max(by_width, axis=0)


def _filtered(noisy: Tensor, levels: Tensor, *, width: float) -> Tensor:
    return gaussian_filter(noisy, width)


def untouched(noisy: Tensor, levels: Tensor) -> Tensor:
    """No denoiser at all."""
    return noisy


def wiener_filter(noisy: Tensor, levels: Tensor) -> Tensor:
    """SciPy's adaptive filter over 5x5 pixels, which is told the level as well (`scipy.signal.wiener`)."""
    from scipy.signal import wiener

    variance = float(levels.flatten()[0]) ** 2
    channels = [wiener(channel, (5, 5), noise=variance) for channel in noisy[0].double().numpy()]
    return torch.from_numpy(np.stack(channels)).float()[None]
