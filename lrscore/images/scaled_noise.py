"""Unit noise scaled by its levels and added to a picture: on a lattice, where the picture lies on one.

In floating point `x + noise` depends on `x` in its last bits, and a base model could read there which picture was
noised (Voráček and Hein 2022). Pictures of 8 bits lie on multiples of 1/255, and unit noise on multiples of 2^-16; a
level of `2^16 / (255 n)` puts their sum on multiples of `1 / (255 n)`, whole numbers that float32 adds exactly. Such a
noisy copy is the ideal one rounded to a lattice that does not depend on the picture: rounding is part of the base
model, and the certificate holds for every perturbation of the picture (docs/theory.md, 9.5).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from lrscore.images.regions import GridRegions
from lrscore.noise.drawing import LATTICE

_STEPS = round(1 / LATTICE)
_SHADES = 255
_LEAST = 32  # lattice steps per shade: a level is raised by at most one part in so many
_LARGEST_SUM = 1 << 24  # whole numbers up to it are exact in float32
_FARTHEST = 64  # unit noise beyond does not occur: Laplace ends at 44.4


class ScaledNoise:
    """Noise levels of every group on every pixel.

    Args:
        levels: (I, J); `inf` blanks a region.
        regions: the cells of the picture.
        image: (C, H, W) float32, where the noise is added.

    Attributes:
        lattice: whether copies of that picture are made on a lattice.
    """

    def __init__(self, levels: np.ndarray, regions: GridRegions, image: torch.Tensor) -> None:
        self._image = image
        finite = np.isfinite(levels)
        with np.errstate(divide="ignore"):
            # Rounded down, so that the level is rounded up: the noise is never less than the certificate weighs
            steps = np.floor(_STEPS / (_SHADES * np.where(finite, levels, 1.0)) * (1 - 1e-12))
        most = steps * _SHADES + _FARTHEST * _STEPS
        self.lattice = bool((steps >= _LEAST).all() and (most < _LARGEST_SUM).all()) and _of_8_bits(image)
        index = regions.index_map()
        per_pixel = np.where(finite, levels, 0.0)[:, index][:, None]  # (I, 1, H, W)
        single = per_pixel.astype(np.float32)
        up = np.where(single < per_pixel, np.nextafter(single, np.float32(np.inf)), single)
        self._scales = torch.as_tensor(up, device=image.device)
        kept = finite[:, index][:, None]
        self.kept = None if kept.all() else torch.as_tensor(kept.astype(np.float32), device=image.device)
        if self.lattice:
            shades = torch.round(image * _SHADES)  # (C, H, W), whole
            self._steps = torch.as_tensor(steps[:, index][:, None].astype(np.float32), device=image.device)
            width = (1 / (_SHADES * steps)).astype(np.float32)
            self._widths = torch.as_tensor(width[:, index][:, None], device=image.device)
            self._shades = shades

    def add(self, image: torch.Tensor, unit: torch.Tensor, row: int | Sequence[int]) -> torch.Tensor:
        """`image` with unit noise (B, C, H, W) at the levels of a row, or of one row per copy; what is blanked is 0.

        On the lattice if `image` is the very picture the levels were made for, and it lies on one.
        """
        if self.lattice and image is self._image:
            # Exact: whole numbers below 2^24. Then one rounding, of a whole number and nothing else
            noisy = torch.add(self._shades * self._steps[row], unit, alpha=_STEPS).mul_(self._widths[row])
        else:
            noisy = torch.addcmul(image, unit, self._scales[row])
        return noisy if self.kept is None else noisy * self.kept[row]

    def standard_deviations(self, of_unit: float) -> torch.Tensor:
        """(I, 1, H, W) of the noise on every pixel, `inf` where it is blanked; on a lattice up to 1/32 more is drawn.

        Args:
            of_unit: standard deviation of unit noise.
        """
        deviations = self._scales * of_unit
        return deviations if self.kept is None else deviations.masked_fill(self.kept == 0, torch.inf)


def _of_8_bits(image: torch.Tensor) -> bool:
    """Whether every value is a whole multiple of 1/255, as float32 holds it."""
    shades = torch.round(image * _SHADES)
    return bool((shades / _SHADES == image).all())
