"""Random views of labelled pictures: crop, scale, flip, tilt and light, batch by batch."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from models.datasets.classes import VOID

VIEW = (192, 240)
"""Height and width of a training view: the working resolution, padded to the network's stride."""
ZOOM = (0.7, 2.0)
"""Least and largest magnification; at 1 a pixel of the view is as large as one of the picture."""


def augment(
    images: Tensor,
    masks: Tensor,
    *,
    generator: torch.Generator,
    size: tuple[int, int] = VIEW,
    zoom: tuple[float, float] = ZOOM,
) -> tuple[Tensor, Tensor]:
    """Draw one random view of every picture.

    Args:
        images: (B, 3, H, W) uint8.
        masks: (B, H, W) uint8.
        generator: the only source of randomness.
        size: (h, w) of the views.
        zoom: least and largest magnification.

    Returns:
        Views (B, 3, h, w) float32 in [0, 1] and their masks (B, h, w) int64; what lies outside a picture is
        unlabelled.
    """
    views, labels = _random_views(images.float() / 255, masks, generator, size, zoom)
    return _random_light(views, generator), labels


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)


def _random_views(
    images: Tensor,
    masks: Tensor,
    generator: torch.Generator,
    size: tuple[int, int],
    magnified: tuple[float, float],
) -> tuple[Tensor, Tensor]:
    """Affine views: zoom (log-uniform), aspect, tilt, shift, mirror."""
    count, _, height, width = images.shape
    zoom = torch.exp(_uniform(count, math.log(magnified[0]), math.log(magnified[1]), generator))
    aspect = torch.exp(_uniform(count, -0.15, 0.15, generator))
    angle = _uniform(count, -0.08, 0.08, generator)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    across = aspect / zoom * size[1] / width  # share of the picture that the view spans
    down = 1 / (aspect * zoom) * size[0] / height
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = across * mirror * torch.cos(angle)
    theta[:, 0, 1] = -down * torch.sin(angle) * height / width
    theta[:, 1, 0] = across * mirror * torch.sin(angle) * width / height
    theta[:, 1, 1] = down * torch.cos(angle)
    # Zoomed in, the view moves anywhere inside the picture; zoomed out, the picture moves inside the view.
    theta[:, 0, 2] = _uniform(count, -1, 1, generator) * (1 - across).abs()
    theta[:, 1, 2] = _uniform(count, -1, 1, generator) * (1 - down).abs()
    places = F.affine_grid(theta, [count, 3, *size], align_corners=False)
    views = F.grid_sample(images, places, mode="bilinear", padding_mode="border", align_corners=False)
    # Labels are shifted by one so that the zeros outside the picture can be told from class 0.
    shifted = torch.where(masks == VOID, 0, masks + 1).unsqueeze(1).float()
    labels = F.grid_sample(shifted, places, mode="nearest", padding_mode="zeros", align_corners=False)
    labels = labels.squeeze(1).long() - 1
    return views, torch.where(labels < 0, VOID, labels)


def _random_light(views: Tensor, generator: torch.Generator) -> Tensor:
    """Gamma, tint, brightness, contrast and saturation, as another camera or hour of day would give.

    All but gamma are one affine map of the colours, so that a batch is touched three times and not ten.
    """
    count, channels, height, width = views.shape

    def factor(spread: float, size: int = 1) -> Tensor:
        return torch.exp(spread * torch.randn(count, size, 1, generator=generator))

    views = views.clamp(1e-3, 1.0).pow_(factor(0.3).unsqueeze(3))
    colourful = factor(0.35) * (torch.rand(count, 1, 1, generator=generator) > 0.05)
    grey = torch.full((channels, channels), 1 / channels)
    matrix = factor(0.12, channels) * (grey + colourful * (torch.eye(channels) - grey))  # (B, 3, 3)
    # (B, 3, 1), thinned: a mean needs no more
    middle = matrix @ views[..., ::4, ::4].mean(dim=(2, 3)).unsqueeze(2)
    contrast = factor(0.2)
    offset = (factor(0.1) - contrast) * middle + 0.08 * torch.randn(count, 1, 1, generator=generator)
    lit = torch.baddbmm(offset, contrast * matrix, views.flatten(2))
    return lit.clamp_(0.0, 1.0).view(count, channels, height, width)
