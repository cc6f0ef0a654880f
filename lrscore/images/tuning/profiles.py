"""Noise levels as few numbers: a near and a far level with an exponent, or one level for every offset on the grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.errors import SettingsError
from lrscore.images.regions import GridRegions


@dataclass(frozen=True)
class LevelProfile:
    """`near + (d / largest d) ** exponent * (far - near)`, `d` the grid distance of a region from a group.

    Args:
        near: level in a group's own region, above 0.
        far: level at the largest distance, above 0.
        exponent: above 0; 1 is linear, above 1 keeps the neighbourhood quiet, below 1 gets loud soon.

    Raises:
        SettingsError: a value is not above 0 or not finite.
    """

    near: float
    far: float
    exponent: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("near", self.near), ("far", self.far), ("exponent", self.exponent)):
            if not (np.isfinite(value) and value > 0):
                raise SettingsError(f"{name} must be a finite number above 0, got {value!r}")

    def offset_levels(self, grid: tuple[int, int]) -> np.ndarray:
        """(rows, cols): level of the region that lies `r` rows and `c` columns away from a group."""
        distance = np.maximum(*np.indices(grid))
        fraction = distance / max(distance.max(), 1)
        return self.near + fraction**self.exponent * (self.far - self.near)


def matrix_of_offsets(offset_levels: np.ndarray) -> np.ndarray:
    """The noise level matrix (I, J) in which a region's level depends on its offset from the group only.

    It is symmetric: `s_ij = offset_levels[|row_i - row_j|, |col_i - col_j|]`.

    Args:
        offset_levels: (rows, cols) of the grid.
    """
    rows, cols = offset_levels.shape
    row, col = np.divmod(np.arange(rows * cols), cols)
    return offset_levels[np.abs(row[:, None] - row), np.abs(col[:, None] - col)]


def offsets_of_matrix(levels: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """(rows, cols): mean level over all pairs of group and region at each offset; inverse of `matrix_of_offsets`."""
    GridRegions(*grid, *grid)  # is it a grid?
    rows, cols = grid
    row, col = np.divmod(np.arange(rows * cols), cols)
    offset = np.abs(row[:, None] - row) * cols + np.abs(col[:, None] - col)
    return (np.bincount(offset.ravel(), levels.ravel()) / np.bincount(offset.ravel())).reshape(grid)
