"""Uniform noise against l1 perturbations (Lee et al. 2019, Yang et al. 2020; anisotropic: docs/theory.md, 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lrscore.noise.additive import AdditiveNoise
from lrscore.noise.drawing import draw_uniform

if TYPE_CHECKING:
    import torch


class UniformNoise(AdditiveNoise):
    """Uniform on `[-s, s]`; weight `1 / s`, threshold `2p - 1`."""

    name: ClassVar[str] = "uniform"
    norm: ClassVar[str] = "l1"
    deviation: ClassVar[float] = 3**-0.5
    exponent: ClassVar[int] = 1

    def sample(self, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
        return draw_uniform(shape, generator)

    def weight(self, levels: np.ndarray) -> np.ndarray:
        return 1 / np.asarray(levels, dtype=np.float64)

    def allowed_error(self, threshold: np.ndarray) -> np.ndarray:
        return np.maximum((1 - np.asarray(threshold)) / 2, 0.0)

    def _exact_threshold(self, probability: np.ndarray) -> np.ndarray:
        return 2 * probability - 1

    def _exact_threshold_against(self, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        return probability - rival

    def separates(self, threshold: np.ndarray, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        return threshold + rival <= probability
