"""What the three additive noises have in common.

An additive noise is a location-scale family: a sample at level `s` is `s` times a sample at level 1. One object
draws the sample and knows the weight and threshold of the certificate that the sample pays for, so the two can
not drift apart. Torch is imported where a sample is drawn, not before: certificates are re-checked without it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    import torch

# Relative error allowed for the quantile functions and logarithms behind a threshold; subtracted from it.
_ROUNDING = 1e-12
# Error allowed for the difference of two bounds, which may be nearly alike.
_DIFFERENCE = 2e-15


class AdditiveNoise(ABC):
    """Independent zero-mean noise on every input dimension, with a level of its own."""

    name: ClassVar[str]
    norm: ClassVar[str]  # of the perturbations certified: "l2" or "l1"
    deviation: ClassVar[float]  # standard deviation of the noise of level 1
    exponent: ClassVar[int]  # kappa: a region's budget is the sum of |perturbation| ** kappa

    @abstractmethod
    def sample(self, shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
        """Noise of level 1, rounded to `drawing.LATTICE`: float32 tensor of that shape on the generator's device."""

    @abstractmethod
    def weight(self, levels: np.ndarray) -> np.ndarray:
        """Cost factor `W` of spending budget where the noise has these levels; 0 where the level is infinite."""

    @abstractmethod
    def _exact_threshold(self, probability: np.ndarray) -> np.ndarray:
        """Threshold for probabilities in (1/2, 1]."""

    @abstractmethod
    def allowed_error(self, threshold: np.ndarray) -> np.ndarray:
        """Largest `1 - p` that justifies a threshold `> 0`: the inverse of `threshold`, by another formula."""

    def threshold(self, probability: np.ndarray) -> np.ndarray:
        """Weighted budget an output withstands, given a lower bound on the probability of its label.

        The output keeps its label for every perturbation whose weighted cost `sum_j W_ij b_j` is below the
        threshold (docs/theory.md, 1.4).

        Args:
            probability: any shape, in [0, 1].

        Returns:
            float64 of the same shape, rounded towards 0; 0 (abstain) where the probability is 1/2 or less.
        """
        probability = np.asarray(probability, dtype=np.float64)
        eta = np.zeros_like(probability)
        above = probability > 0.5
        eta[above] = self._exact_threshold(probability[above]) * (1 - _ROUNDING)
        return np.maximum(eta, 0.0)

    @abstractmethod
    def _exact_threshold_against(self, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        """Threshold for `0 < rival < probability < 1`, less the error of a difference that cancels."""

    @abstractmethod
    def separates(self, threshold: np.ndarray, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        """Whether bounds on the label and on every rival justify a threshold `> 0`: by other formulas."""

    def threshold_against(self, probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
        """Weighted budget an output withstands, given what its label has at least and every other class at most.

        The label then stays the most frequent one, though it may have less than half (docs/theory.md, 2.10). Whatever
        proves more, this or `threshold(probability)`.

        Args:
            probability: lower bounds on the label's probability, any shape, in [0, 1].
            rival: upper bounds on each other class, of the same shape; 1 where nothing is known.

        Returns:
            float64 of the same shape, rounded towards 0; 0 (abstain) where neither claims anything.
        """
        probability, rival = np.asarray(probability, dtype=np.float64), np.asarray(rival, dtype=np.float64)
        eta = np.zeros_like(probability)
        ahead = (probability > rival) & (rival > 0) & (probability < 1)
        against = self._exact_threshold_against(probability[ahead], rival[ahead])
        eta[ahead] = np.maximum(against * (1 - _ROUNDING) - _DIFFERENCE, 0.0)
        return np.maximum(self.threshold(probability), eta)

    def budget(self, epsilon: np.ndarray | float) -> np.ndarray:
        """Additive budget of perturbations with norm at most `epsilon`."""
        return np.asarray(epsilon, dtype=np.float64) ** self.exponent

    def epsilon(self, budget: np.ndarray | float) -> np.ndarray:
        """Norm of the largest perturbation within an additive budget."""
        return np.asarray(budget, dtype=np.float64) ** (1 / self.exponent)
