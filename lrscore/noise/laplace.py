"""Laplace noise against l1 perturbations (Teng et al. 2020; anisotropic: docs/theory.md, 2.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lrscore.noise.additive import AdditiveNoise
from lrscore.noise.drawing import draw_laplace

if TYPE_CHECKING:
    import torch


class LaplaceNoise(AdditiveNoise):
    """Laplace of scale `s`; weight `1 / s`, threshold `-ln(2 (1 - p))`."""

    name: ClassVar[str] = "laplace"
    norm: ClassVar[str] = "l1"
    deviation: ClassVar[float] = 2**0.5
    exponent: ClassVar[int] = 1

    def sample(self, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
        return draw_laplace(shape, generator)

    def weight(self, levels: np.ndarray) -> np.ndarray:
        return 1 / np.asarray(levels, dtype=np.float64)

    def allowed_error(self, threshold: np.ndarray) -> np.ndarray:
        return np.exp(-np.asarray(threshold)) / 2

    def _exact_threshold(self, probability: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return -np.log(2 * (1 - probability))

    def _exact_threshold_against(self, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        lead = probability - rival
        return np.maximum(np.log1p(lead / rival) / 2, -np.log1p(-lead))

    def separates(self, threshold: np.ndarray, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        grown = np.exp(threshold)
        return (grown * grown * rival <= probability) | (grown * (1 - probability + rival) <= 1)
