"""Gaussian noise against l2 perturbations (Cohen et al. 2019; anisotropic: docs/theory.md, 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import ndtr, ndtri

from lrscore.noise.additive import AdditiveNoise
from lrscore.noise.drawing import draw_normal

if TYPE_CHECKING:
    import torch


class GaussianNoise(AdditiveNoise):
    """`N(0, s^2)`; weight `1 / s^2`, threshold `Phi^-1(p)^2`."""

    name: ClassVar[str] = "gaussian"
    norm: ClassVar[str] = "l2"
    deviation: ClassVar[float] = 1.0
    exponent: ClassVar[int] = 2

    def sample(self, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
        return draw_normal(shape, generator)

    def weight(self, levels: np.ndarray) -> np.ndarray:
        return 1 / np.asarray(levels, dtype=np.float64) ** 2

    def allowed_error(self, threshold: np.ndarray) -> np.ndarray:
        return ndtr(-np.sqrt(threshold))

    def _exact_threshold(self, probability: np.ndarray) -> np.ndarray:
        return ndtri(probability) ** 2
