"""Noise to learn denoising under: every level, even or localized as the sampler draws it, of several kinds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lrscore.noise import ADDITIVE_NOISES


@dataclass(frozen=True)
class NoiseMix:
    """How training noise is drawn.

    Args:
        lowest, highest: range of the levels (standard deviations); half of them are drawn evenly, half log-evenly.
        even: share of patches with one level everywhere; the others fall into cells with a level each.
        blanked: share of the patches in cells of which some cells are blanked, as strictly local smoothing does.
        others: share of patches with uniform, and again with Laplace noise; the rest are Gaussian.
        cells: least and largest side of a cell in pixels.
    """

    lowest: float = 0.01
    highest: float = 1.0
    even: float = 0.4
    blanked: float = 0.1
    others: float = 0.1
    cells: tuple[int, int] = (20, 96)


def draw_levels(count: int, size: int, mix: NoiseMix, random: np.random.Generator) -> Tensor:
    """Levels of square patches, (count, 1, size, size) float32; `inf` where a patch is blanked.

    Of the patches in cells half grow linearly with the grid distance from one cell, which may lie outside of the
    patch, and half have a level of its own for every cell.
    """
    maps = np.empty((count, 1, size, size), dtype=np.float32)
    for patch in maps[:, 0]:
        if random.random() < mix.even:
            patch[:] = _level(mix, random)
            continue
        rows, cols = (_cell_numbers(size, mix.cells, random) for _ in range(2))
        of_cell = _growing(rows[-1] + 1, cols[-1] + 1, mix, random)
        if random.random() < 0.5:
            of_cell = np.array([_level(mix, random) for _ in range(of_cell.size)]).reshape(of_cell.shape)
        if random.random() < mix.blanked:
            of_cell[random.random(of_cell.shape) < 0.5] = np.inf
        patch[:] = of_cell[rows[:, None], cols]
    return torch.from_numpy(maps)


def add_noise(pictures: Tensor, levels: Tensor, mix: NoiseMix, generator: torch.Generator) -> Tensor:
    """Pictures (B, 3, H, W) under noise of these standard deviations, each of one kind; blank pixels are 0."""
    unit = torch.randn(pictures.shape, generator=generator)
    kinds = torch.rand(len(pictures), generator=generator)
    for name, kind in (
        ("uniform", kinds < mix.others),
        ("laplace", (kinds >= mix.others) & (kinds < 2 * mix.others)),
    ):
        noise = ADDITIVE_NOISES[name]
        drawn = noise.sample((int(kind.sum()), *pictures.shape[1:]), generator)
        unit[kind] = drawn / noise.deviation
    blank = levels.isinf()
    return torch.where(blank, 0.0, pictures + unit * torch.where(blank, 0.0, levels))


def _level(mix: NoiseMix, random: np.random.Generator) -> float:
    if random.random() < 0.5:
        return float(random.uniform(mix.lowest, mix.highest))
    return float(np.exp(random.uniform(np.log(mix.lowest), np.log(mix.highest))))


def _cell_numbers(size: int, sides: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    """Cell number of every pixel along one axis; the first cell is cut off anywhere."""
    side = int(random.integers(sides[0], sides[1] + 1))
    return (np.arange(size) + random.integers(side)) // side


def _growing(rows: int, cols: int, mix: NoiseMix, random: np.random.Generator) -> np.ndarray:
    low, high = sorted((_level(mix, random), _level(mix, random)))
    centre = random.integers(-2, rows + 2), random.integers(-2, cols + 2)
    down, across = np.abs(np.arange(rows) - centre[0]), np.abs(np.arange(cols) - centre[1])
    distance = np.maximum(down[:, None], across)
    return low + (high - low) * np.minimum(distance / random.integers(2, 6), 1)
