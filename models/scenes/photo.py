"""From linear radiance to a dash-camera photo: antialiasing, lens, exposure, sensor noise, colour."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from models.scenes.canvas import UNSET
from models.scenes.ids import (
    BICYCLIST,
    BUILDING,
    CAR,
    FENCE,
    PAVEMENT,
    PEDESTRIAN,
    POLE,
    ROAD,
    SIGN,
    SKY,
    TREE,
)

# who wins a tie between the supersampled ids of one pixel: thin things first, so that they are not broken up
_TIE_ORDER = np.array([POLE, SIGN, PEDESTRIAN, BICYCLIST, FENCE, CAR, TREE, PAVEMENT, BUILDING, ROAD, SKY])


def average_down(radiance: np.ndarray, factor: int) -> np.ndarray:
    """Box mean over factor x factor blocks, (H f, W f, 3) -> (H, W, 3)."""
    height, width = radiance.shape[0] // factor, radiance.shape[1] // factor
    total = np.zeros((height, width, 3), np.float32)
    for row in range(factor):
        for column in range(factor):
            total += radiance[row::factor, column::factor]
    return total / (factor * factor)


def majority_down(ids: np.ndarray, factor: int) -> np.ndarray:
    """The most frequent id of each factor x factor block, ties to the thinner thing, (H f, W f) -> (H, W)."""
    assert not (ids == UNSET).any(), "every pixel of a scene has a class"
    height, width = ids.shape[0] // factor, ids.shape[1] // factor
    counts = np.zeros((len(_TIE_ORDER), height, width), np.int8)
    for row in range(factor):
        for column in range(factor):
            counts += ids[None, row::factor, column::factor] == _TIE_ORDER[:, None, None]
    return _TIE_ORDER[counts.argmax(axis=0)].astype(np.uint8)


def develop(radiance: np.ndarray, exposure: float, rng: np.random.Generator) -> np.ndarray:
    """Linear radiance (H, W, 3) -> picture (H, W, 3) float32, a multiple of 1/255 in [0, 1].

    Steps: glare, lens blur, vignetting, exposure with a soft shoulder, white balance, contrast, noise, rounding.
    """
    height, width = radiance.shape[:2]
    sigma = rng.uniform(0.3, 0.6) * height / 180
    glare = ndimage.uniform_filter(np.minimum(radiance, 3.0), (max(3, height // 12), max(3, width // 12), 1))
    image = ndimage.gaussian_filter(radiance, (sigma, sigma, 0), truncate=2.5) * 0.965 + glare * 0.035
    rows = (np.arange(height, dtype=np.float32) / height - 0.5)[:, None]
    columns = (np.arange(width, dtype=np.float32) / width - 0.5)[None, :]
    image *= (1 - rng.uniform(0.1, 0.5) * (rows**2 + columns**2))[:, :, None]
    cast = np.array([rng.uniform(0.93, 1.06), 1.0, rng.uniform(0.95, 1.08)])
    image = 1.0 - np.exp((-1.5 * exposure * cast).astype(np.float32) * image)
    image = np.clip(image, 0, 1) ** (1 / 2.2)
    contrast = rng.uniform(0.4, 1.25)
    image += contrast * (image * image * (3 - 2 * image) - image)
    strength = rng.uniform(0.003, 0.01)
    luma = rng.standard_normal((height, width, 1), np.float32) * strength
    chroma = ndimage.uniform_filter(rng.standard_normal((height, width, 3), np.float32), (2, 2, 0)) * strength
    image = np.clip(image + luma + chroma, 0, 1)
    return (np.floor(image * 255 + 0.5) / 255).astype(np.float32)
