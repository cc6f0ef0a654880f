"""Procedural textures: one fractal tile that repeats, looked up at world coordinates.

Looking a tile up costs one gather, so that a surface can be textured in its own coordinates (metres) and stays
attached to the geometry in every perspective.
"""

from __future__ import annotations

from functools import cache

import numpy as np

TILE = 512
_TILE_SEED = 20240917


def _periodic_layer(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Smoothly interpolated random values on a periodic `cells` x `cells` lattice, (TILE, TILE) in [0, 1]."""
    lattice = rng.random((cells, cells))
    position = np.arange(TILE) * (cells / TILE)
    low = position.astype(np.int64)
    fraction = position - low
    smooth = fraction * fraction * (3.0 - 2.0 * fraction)
    rows = lattice[low] * (1.0 - smooth)[:, None] + lattice[(low + 1) % cells] * smooth[:, None]
    return rows[:, low] * (1.0 - smooth) + rows[:, (low + 1) % cells] * smooth


@cache
def fractal_tile() -> np.ndarray:
    """Periodic fractal noise, (512, 512) float32 with mean 0 and standard deviation 1, clipped to [-2.5, 2.5]."""
    rng = np.random.Generator(np.random.PCG64(_TILE_SEED))
    total = np.zeros((TILE, TILE))
    for octave in range(2, 9):
        total += _periodic_layer(rng, 2**octave) * 0.62**octave
    total = (total - total.mean()) / total.std()
    return np.ascontiguousarray(np.clip(total, -2.5, 2.5), np.float32)


@cache
def grain_tile() -> np.ndarray:
    """Periodic fine grain without large shapes, (512, 512) float32 with mean 0 and standard deviation 1."""
    rng = np.random.Generator(np.random.PCG64(_TILE_SEED + 1))
    total = _periodic_layer(rng, 256) + 0.8 * _periodic_layer(rng, 128) + 0.5 * rng.random((TILE, TILE))
    return np.ascontiguousarray((total - total.mean()) / total.std(), np.float32)


def look_up(tile: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The tile at integer parts of `x` and `y` (cells; any real values, broadcast together), repeating."""
    columns = np.floor(x).astype(np.int32) & (TILE - 1)
    rows = np.floor(y).astype(np.int32) & (TILE - 1)
    return tile.ravel().take(rows * TILE + columns)


def look_up_smooth(tile: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Like `look_up`, interpolated linearly: for surfaces whose cells are larger than a pixel."""
    column, row = np.floor(x), np.floor(y)
    right, down = (x - column).astype(np.float32), (y - row).astype(np.float32)
    left_index, row_index = column.astype(np.int32) & (TILE - 1), (row.astype(np.int32) & (TILE - 1)) * TILE
    right_index, next_row = (left_index + 1) & (TILE - 1), (row_index + TILE) & (TILE * TILE - 1)
    cells = tile.ravel()
    upper = cells.take(row_index + left_index)
    upper += (cells.take(row_index + right_index) - upper) * right
    lower = cells.take(next_row + left_index)
    lower += (cells.take(next_row + right_index) - lower) * right
    return upper + (lower - upper) * down
