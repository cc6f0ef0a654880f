"""Localized Gaussian noise for training: as the sampler will add it, over the whole range of its sliders.

Every training view belongs to one cell of a random grid, as an output group does: its noise level is `s_min` in
that cell and grows with the grid distance to `s_max` (`lrscore.images.levels`). The loss looks at that cell most,
because there the scores will be used. The other pixels keep a share: one cell is a fifteenth of the picture, and
throwing the other labels away would waste most of a small data set; they teach what to do under the higher noise of
their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from lrscore.errors import SettingsError
from lrscore.images.levels import blank_far_regions, interpolate_levels
from lrscore.images.regions import GridRegions

_ROOM = 0.7  # share of the largest level that the near one may reach
GRIDS = ((3, 5), (4, 6), (2, 3), (5, 7))
"""Grids to draw from: the dashboard's default and some around it."""


@dataclass(frozen=True)
class NoiseRange:
    """How training noise is drawn.

    Args:
        clean: share of views without any noise.
        isotropic: share of views with one level everywhere; the others are localized.
        lowest, highest: range of levels, in units of the picture's [0, 1].
        blanked: share of the localized views whose far regions are blanked, as strictly local smoothing does.
        cell_share: share of a localized view's loss that its own cell gets.
    """

    clean: float = 0.2
    isotropic: float = 0.25
    lowest: float = 0.02
    highest: float = 0.5
    blanked: float = 0.15
    cell_share: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.lowest < _ROOM * self.highest:
            raise SettingsError(
                f"noise levels must be above 0 and the least below {_ROOM:g} of the largest, got {self.lowest:g} and "
                f"{self.highest:g}"
            )

    @classmethod
    def of_kind(cls, kind: str, lowest: float, highest: float) -> NoiseRange:
        """The kinds of the command line: "mixed", "localized" or "isotropic" noise beside the clean views."""
        usual = cls(lowest=lowest, highest=highest)
        isotropic = {"mixed": usual.isotropic, "localized": 0.0, "isotropic": 1 - usual.clean}[kind]
        return replace(usual, isotropic=isotropic)


@dataclass(frozen=True)
class ViewRange:
    """How noise is drawn for a network of two views, which learns every pixel under its own near noise.

    Args:
        clean: share of pictures without any noise.
        blanked: share of the others whose far view is blanked to 0.
        lowest, highest: range of the near view's level, log-uniform.
        ratio: range of the far level in near levels, log-uniform.
        grids: tiles to draw from, one choice for a batch.
    """

    clean: float = 0.1
    blanked: float = 0.1
    lowest: float = 0.05
    highest: float = 0.9
    ratio: tuple[float, float] = (2.0, 10.0)
    grids: tuple[tuple[int, int], ...] = ((2, 3), (3, 5))


def draw_view_levels(count: int, *, ranges: ViewRange, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Near and far levels of a batch, both (B, 1, 1) float32; `inf` blanks."""
    near = np.exp(random.uniform(np.log(ranges.lowest), np.log(ranges.highest), count))
    far = near * np.exp(random.uniform(np.log(ranges.ratio[0]), np.log(ranges.ratio[1]), count))
    far = np.where(random.random(count) < ranges.blanked, np.inf, far)
    clean = random.random(count) < ranges.clean
    levels = [np.where(clean, 0.0, level).astype(np.float32)[:, None, None] for level in (near, far)]
    return torch.from_numpy(levels[0]), torch.from_numpy(levels[1])


@dataclass(frozen=True)
class PyramidRange:
    """How noise is drawn for a network of views: each level around the first one times what its view is averaged over.

    Args:
        clean: share of pictures without any noise.
        blanked: share of the others whose last view is blanked to 0.
        lowest, highest: range of the first view's level, log-uniform.
        spread: each further level is up to so many times higher or lower than the pyramid's, log-uniform.
        flatter: range, log-uniform, of what a picture's pyramid is divided by: 2 takes 1 : 4 : 8 to 1 : 2 : 4.
        core: first levels that half of the noisy pictures are drawn from instead, log-uniform; None: none are.
    """

    clean: float = 0.2
    blanked: float = 0.05
    lowest: float = 0.05
    highest: float = 0.9
    spread: float = 1.4
    flatter: tuple[float, float] = (1.0, 1.0)
    core: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.flatter[0] <= self.flatter[1]:
            raise SettingsError(
                f"flatter must be a range from 1 on, got {self.flatter[0]:g} to {self.flatter[1]:g}"
            )
        if self.core is not None and not 0 < self.core[0] <= self.core[1]:
            raise SettingsError(f"core must be a range of levels, got {self.core[0]:g} to {self.core[1]:g}")


def draw_pyramid_levels(
    count: int, pools: Sequence[int], *, ranges: PyramidRange, random: np.random.Generator
) -> list[Tensor]:
    """Levels of a batch for each view, (B,) float32; `inf` blanks.

    Args:
        pools: pixels that each view is averaged over in each direction.
    """
    first = np.exp(random.uniform(np.log(ranges.lowest), np.log(ranges.highest), count))
    if ranges.core is not None:
        inner = np.exp(random.uniform(np.log(ranges.core[0]), np.log(ranges.core[1]), count))
        first = np.where(random.random(count) < 0.5, inner, first)
    flatter = np.ones(count)
    if ranges.flatter != (1.0, 1.0):
        flatter = np.exp(random.uniform(np.log(ranges.flatter[0]), np.log(ranges.flatter[1]), count))
    room = np.log(ranges.spread)
    levels = [
        first
        * np.maximum(1.0, pool / pools[0] / flatter)
        * (np.exp(random.uniform(-room, room, count)) if place else 1.0)
        for place, pool in enumerate(pools)
    ]
    levels[-1] = np.where(random.random(count) < ranges.blanked, np.inf, levels[-1])
    clean = random.random(count) < ranges.clean
    return [torch.from_numpy(np.where(clean, 0.0, level).astype(np.float32)) for level in levels]


@dataclass(frozen=True)
class NoisePlan:
    """Noise levels and loss weights, both (B, H, W) float32; weights have mean 1 in every view."""

    levels: Tensor
    weights: Tensor


def draw_noise_plan(
    count: int, height: int, width: int, *, ranges: NoiseRange, random: np.random.Generator
) -> NoisePlan:
    """Draw levels and loss weights for a batch of views."""
    levels = np.zeros((count, height, width), dtype=np.float32)
    weights = np.ones((count, height, width), dtype=np.float32)
    for view in range(count):
        kind = random.random()
        if kind < ranges.clean:
            continue
        # Log-uniform: the difference between 0.05 and 0.1 matters as much as the one between 0.1 and 0.2.
        low = float(np.exp(random.uniform(np.log(ranges.lowest), np.log(_ROOM * ranges.highest))))
        if kind < ranges.clean + ranges.isotropic:
            levels[view] = low
            continue
        high = float(np.exp(random.uniform(np.log(low), np.log(ranges.highest))))
        grid = GridRegions(height, width, *GRIDS[random.integers(len(GRIDS))])
        cell = int(random.integers(grid.count))
        distances = grid.distances()
        of_region = interpolate_levels(distances, low, high)
        if random.random() < ranges.blanked:
            of_region = blank_far_regions(of_region, distances, int(random.integers(2, 4)))
        levels[view] = of_region[cell][grid.index_map()]
        own = grid.slices(cell)
        share = weights[view][own].size / (height * width)
        weights[view] = (1 - ranges.cell_share) / (1 - share)
        weights[view][own] = ranges.cell_share / share
    return NoisePlan(torch.from_numpy(levels), torch.from_numpy(weights))


def add_noise(views: Tensor, levels: Tensor, *, generator: torch.Generator) -> Tensor:
    """Gaussian noise, unclamped, as the network will see it.

    Args:
        views: (B, C, H, W).
        levels: (B, H, W) standard deviations, or (B, 1, 1); `inf` blanks a pixel to 0.
    """
    levels = levels.unsqueeze(1)
    noise = torch.randn(views.shape, generator=generator)
    return torch.where(levels.isinf(), 0.0, views + noise * levels)
