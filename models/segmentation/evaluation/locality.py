"""How local a model is: what far-away noise alone does to its predictions in a cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from lrscore.images.regions import GridRegions
from models.segmentation.evaluation.smoothed import Scorer
from models.segmentation.training.data import LabelledImages


@dataclass(frozen=True)
class Locality:
    """Changed predictions by the distance at which noise begins.

    Args:
        distances: grid distances `d`; 0 noises the whole picture, `d` only the regions at `d` or farther.
        changed: (len(distances),) share of a cell's pixels whose prediction differs from the clean one, averaged over
            the cells that have regions at `d`, over pictures and draws.
        level: standard deviation of the noise.
    """

    distances: tuple[int, ...]
    changed: np.ndarray
    level: float


@torch.inference_mode()
def measure_locality(
    model: Scorer,
    pictures: LabelledImages,
    *,
    grid: tuple[int, int] = (3, 5),
    level: float = 0.3,
    draws: int = 2,
    seed: int = 0,
) -> Locality:
    """Noise only the regions at distance `d` or more from a cell and count its changed predictions."""
    generator = torch.Generator().manual_seed(seed)
    height, width = pictures.images.shape[-2:]
    regions = GridRegions(height, width, *grid)
    of_cell = regions.distances()
    distances = tuple(range(int(of_cell.max()) + 1))
    changed: list[list[float]] = [[] for _ in distances]
    index = regions.index_map()
    for picture in pictures.images:
        image = picture.float() / 255
        clean = model(image[None]).argmax(dim=1)[0]
        for distance in distances:
            for cell in np.flatnonzero(of_cell.max(axis=1) >= distance):
                noised = torch.from_numpy(of_cell[cell][index] >= distance)
                noise = torch.randn((draws, *image.shape), generator=generator)
                labels = model(image + level * noise * noised).argmax(dim=1)
                own = (slice(None), *regions.slices(int(cell)))
                differs = labels[own] != clean[regions.slices(int(cell))]
                changed[distance].append(float(differs.float().mean()))
    return Locality(distances, np.array([np.mean(values) for values in changed]), level)
