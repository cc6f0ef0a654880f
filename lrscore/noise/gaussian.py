"""Gaussian noise against l2 perturbations (Cohen et al. 2019; anisotropic: docs/theory.md, 2.1)."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import ndtr, ndtri

from lrscore.noise.additive import AdditiveNoise
from lrscore.noise.drawing import draw_normal

if TYPE_CHECKING:
    import torch

_CANCELLED = 1e-14  # error of a quantile, relatively
_TAIL = 1e-14  # error of a tail, relatively


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

    def _exact_threshold_against(self, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        above, below = ndtri(probability), ndtri(rival)
        return np.maximum((above - below) / 2 - _CANCELLED * (np.abs(above) + np.abs(below)), 0.0) ** 2

    def separates(self, threshold: np.ndarray, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        # Any border proves it from which the label's quantile lies at least r above, and the rival's r below
        radius, quantile = np.sqrt(threshold), np.vectorize(NormalDist().inv_cdf, otypes=[float])
        border = (quantile(probability) + quantile(rival)) / 2 if radius.size else radius
        enough = ndtr(-(border + radius)) >= (1 - probability) * (1 - _TAIL)
        return enough & (ndtr(border - radius) >= rival * (1 - _TAIL))
