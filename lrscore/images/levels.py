"""Localized noise levels: little noise near an output group, much noise far away.

Source: Schuchardt et al. 2023, section 6; docs/theory.md, 5.1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from lrscore.errors import SettingsError

Interpolation = Literal["linear", "variance"]


def interpolate_levels(
    distances: np.ndarray,
    level_min: float,
    level_max: float,
    *,
    interpolation: Interpolation = "linear",
    per_group: bool = False,
) -> np.ndarray:
    """Noise level of every region for every output group, by distance.

    Args:
        distances: (I, J), `>= 0`; distance of region `j` from group `i`.
        level_min: level at distance 0, `> 0`.
        level_max: level at the largest distance, `>= level_min`.
        interpolation: "linear" in the level or in the "variance" (its square).
        per_group: measure the largest distance group by group, so that every group's farthest region gets
            `level_max`; otherwise over the whole matrix.

    Returns:
        (I, J) float64 levels.
    """
    distances = np.asarray(distances, dtype=np.float64)
    largest = distances.max(axis=1, keepdims=True) if per_group else distances.max(initial=0.0)
    fraction = np.divide(distances, largest, out=np.zeros_like(distances), where=np.asarray(largest) > 0)
    if interpolation == "variance":
        return np.sqrt(level_min**2 + fraction * (level_max**2 - level_min**2))
    return level_min + fraction * (level_max - level_min)


def equal_rows(levels: np.ndarray) -> list[list[int]]:
    """Groups in lists of those that have the same levels everywhere, each list and its first groups in order.

    The groups of one list are smoothed by the same distribution: one set of noisy copies serves them all.

    Args:
        levels: (I, J).
    """
    found: dict[bytes, list[int]] = {}
    for group, row in enumerate(np.asarray(levels, dtype=np.float64)):
        found.setdefault(row.tobytes(), []).append(group)
    return list(found.values())


def blank_far_regions(levels: np.ndarray, distances: np.ndarray, mask_distance: int) -> np.ndarray:
    """Infinite noise, that is no information at all, for regions at `mask_distance` or more (strictly local)."""
    return np.where(np.asarray(distances) >= mask_distance, np.inf, levels)


def check_levels(levels: np.ndarray, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Validate a level matrix: (I, J), every entry `> 0`; `inf` blanks the region.

    Raises:
        SettingsError: wrong shape, NaN, zero or negative entries.
    """
    matrix = np.array(levels, dtype=np.float64)
    if matrix.ndim != 2 or matrix.size == 0 or (shape is not None and matrix.shape != shape):
        expected = "a non-empty (groups, regions) matrix" if shape is None else f"shape {shape}"
        raise SettingsError(f"levels must have {expected}, got shape {matrix.shape}")
    if np.isnan(matrix).any() or (matrix <= 0).any():
        raise SettingsError(f"every noise level must be above 0, got {np.nanmin(matrix):g} or NaN among them")
    return matrix
