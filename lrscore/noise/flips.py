"""Bernoulli flips of binary attributes: what is sampled and what one perturbed attribute costs (docs/theory.md, 2.3).

A zero becomes one with probability `q+`, a one becomes zero with probability `q-`, independently. The perturbed
input's noise distribution differs from the clean one's only at perturbed attributes, so Rényi divergences between
the two add up over them: one number per attribute added and one per attribute deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lrscore.errors import SettingsError

RESOLUTION = 2**32
"""Flip probabilities are whole multiples of `1 / RESOLUTION`: the sampler compares 32 random bits with a threshold."""


def quantise(probabilities: np.ndarray) -> np.ndarray:
    """The nearest flip probabilities that the sampler can draw exactly."""
    return np.rint(np.asarray(probabilities, dtype=np.float64) * RESOLUTION) / RESOLUTION


@dataclass(frozen=True)
class FlipNoise:
    """Flip noise with its own pair of probabilities for every output group and input cluster.

    Args:
        to_one: (I, J) probability that a zero attribute of cluster `j` becomes one when group `i` is predicted.
        to_zero: (I, J) probability that a one becomes zero. Both in [0, 1).

    Raises:
        SettingsError: shapes differ, or a probability is outside [0, 1).
    """

    name: ClassVar[str] = "flips"
    norm: ClassVar[str] = "l0"

    to_one: np.ndarray
    to_zero: np.ndarray

    def __post_init__(self) -> None:
        if self.to_one.ndim != 2 or self.to_one.shape != self.to_zero.shape:
            raise SettingsError(
                f"flip probabilities must be two (groups, clusters) matrices of one shape, got shapes "
                f"{self.to_one.shape} and {self.to_zero.shape}"
            )
        for name, matrix in (("to_one", self.to_one), ("to_zero", self.to_zero)):
            if not ((matrix >= 0) & (matrix < 1)).all():
                raise SettingsError(
                    f"{name} must hold probabilities in [0, 1), got {matrix.min()} to {matrix.max()}"
                )

    @classmethod
    def from_levels(cls, levels: np.ndarray) -> FlipNoise:
        """From one (2, I, J) array: probabilities to one, then to zero."""
        levels = np.asarray(levels, dtype=np.float64)
        if levels.ndim != 3 or levels.shape[0] != 2:
            raise SettingsError(f"levels must have shape (2, groups, clusters), got {levels.shape}")
        return cls(quantise(levels[0]), quantise(levels[1]))

    def weight(self, order: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
        """Cost of one addition and of one deletion, (I, J) each: `flip_weights` of the two matrices."""
        return flip_weights(self.to_one, self.to_zero, order)


def flip_weights(
    to_one: np.ndarray, to_zero: np.ndarray, order: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Rényi divergence, of the given order, that one added and one deleted attribute contribute.

    An addition replaces the noise `Bern(q+)` of a zero by the noise `Bern(1 - q-)` of a one, a deletion the other
    way round; the divergence is that of the perturbed input's noise from the clean one's. Order 2 is
    `ln((1-q-)^2/q+ + q-^2/(1-q+))` and `ln((1-q+)^2/q- + q+^2/(1-q-))` (Schuchardt et al. 2023, appendix).

    Args:
        to_one, to_zero: flip probabilities of any one shape, in [0, 1).
        order: above 1; `inf` gives the largest log-likelihood ratio.

    Returns:
        (additions, deletions), rounded up; `inf` where the clean noise cannot reach what the perturbed one can:
        additions where `q+ = 0`, deletions where `q- = 0`.
    """
    if not order > 1:
        raise SettingsError(f"order must be above 1, got {order!r}")
    to_one, to_zero = np.asarray(to_one, dtype=np.float64), np.asarray(to_zero, dtype=np.float64)
    additions = _bernoulli_divergence(1 - to_zero, to_zero, to_one, 1 - to_one, order)
    deletions = _bernoulli_divergence(to_one, 1 - to_one, 1 - to_zero, to_zero, order)
    return additions, deletions


def _bernoulli_divergence(
    p1: np.ndarray, p0: np.ndarray, q1: np.ndarray, q0: np.ndarray, order: float
) -> np.ndarray:
    """`D_a(Bern(p1) || Bern(q1))` with both tails of each given (`p0 = 1 - p1`), zero-safe, rounded up.

    Exactly 0 where the two are the same: the larger tail's complement is exact in floating point, so equal floats are
    equal probabilities. Such an attribute then costs nothing instead of 1e-14, which keeps clusters apart.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio1 = np.where(p1 > 0, np.log(p1) - np.log(q1), -np.inf)  # log-likelihood ratio at 1
        ratio0 = np.where(p0 > 0, np.log(p0) - np.log(q0), -np.inf)
        if np.isinf(order):
            exact = np.maximum(ratio1, ratio0)
        else:
            # ln sum p (p/q)^(a-1); p = 0 contributes nothing, q = 0 < p makes it infinite
            exact = np.logaddexp(np.log(p1) + (order - 1) * ratio1, np.log(p0) + (order - 1) * ratio0) / (
                order - 1
            )
    # The logarithms cancel where the two are nearly alike: an absolute allowance as well as a relative one
    rounded = np.maximum(exact, 0.0) * (1 + 1e-12) + 1e-14 * (1 + 1 / (order - 1))
    return np.where((p1 == q1) & (p0 == q0), 0.0, rounded)
