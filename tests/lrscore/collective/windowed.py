"""Weights of windows on a grid with one cell a region."""

from __future__ import annotations

import numpy as np

from lrscore.images.regions import GridRegions
from lrscore.images.windows import View, window_levels
from lrscore.noise import GaussianNoise


def window_weights(rows: int, cols: int, *views: View) -> np.ndarray:
    """(I, I) of Gaussian views."""
    return GaussianNoise().weight(window_levels(GridRegions(rows, cols, rows, cols).distances(), views))
