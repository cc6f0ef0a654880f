"""Problems: Clopper–Pearson thresholds of spatially smooth agreement fields, localized noise on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.special import ndtri
from scipy.stats import norm

from lrscore.statistics import clopper_pearson_lower

SAMPLES, ALPHA = 1000, 0.01
REGIMES = {"mostly certain": (2.5, 1.0), "mixed": (1.5, 1.2), "mostly uncertain": (0.5, 1.0)}
BUDGETS = np.linspace(0.0, 0.6, 161) ** 2  # eps**2


@dataclass(frozen=True)
class Field:
    """weights: (I, J); thresholds, groups: (N,)."""

    weights: np.ndarray
    thresholds: np.ndarray
    groups: np.ndarray

    @property
    def inputs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.weights, self.thresholds, self.groups


def agreement_field(
    grid: tuple[int, int], regime: str = "mixed", size: tuple[int, int] = (166, 250), seed: int = 0
) -> Field:
    """One image: votes of 1000 samples whose agreement varies smoothly in space; levels 0.1 (near) to 0.3 (far)."""
    rng = np.random.default_rng(seed)
    mean, spread = REGIMES[regime]
    smooth = gaussian_filter(rng.normal(size=size), max(size) / 20)
    agreement = norm.cdf(mean + spread * smooth / smooth.std())
    votes = rng.binomial(SAMPLES, agreement).ravel()
    bounds = clopper_pearson_lower(votes, SAMPLES, ALPHA / votes.size)
    thresholds = np.where(bounds > 0.5, ndtri(np.maximum(bounds, 0.5)) ** 2, 0.0)
    return Field(grid_weights(grid), thresholds, grid_groups(grid, size))


def grid_weights(grid: tuple[int, int]) -> np.ndarray:
    """(I, I) weights `1 / level**2`, levels linear in the grid distance."""
    cells = np.array([(row, column) for row in range(grid[0]) for column in range(grid[1])])
    distance = np.abs(cells[:, None] - cells[None]).max(axis=2)
    return 1 / (0.1 + 0.2 * distance / distance.max()) ** 2


def grid_groups(grid: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """(N,) the cell of every pixel."""
    rows, columns = (np.arange(size[axis]) * grid[axis] // size[axis] for axis in (0, 1))
    return (rows[:, None] * grid[1] + columns[None]).ravel()
