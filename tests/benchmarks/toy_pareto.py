"""A tiny comparison: a plan of one setting for every method, a linear model, a picture of two halves."""

import math
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.pareto.measure import Picture
from benchmarks.pareto.plan import NETWORKS, Plan
from lrscore import ImageSettings
from lrscore.images.regions import GridRegions
from tests.lrscore.linear import Brightness

BASE = ImageSettings(grid=(2, 2), samples=96, pilot_samples=24, alpha=0.1)
PLAN = Plan(
    BASE,
    localized=(((2, 2), 0.1, 0.2), ((1, 3), 0.1, 0.2)),
    searched=(((1, 2), 0.05, 0.05),),
    isotropic=(0.15,),
    isotropic_trained=(),
    center=(0.15,),
    strict=(((2, 2), 0.1, 1),),
    views=(((2, 2), 0.1, 0.4), ((2, 2), 0.1, math.inf)),
    taus=(0.6,),
    tolerated=0.02,
    collective=("naive", "paper", "envelope", "exact"),
    epsilon_max=0.5,
    epsilons=6,
    epsilons_far=0,
)


class Bright(Brightness):
    """Of two views: the near one decides."""

    def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
        return self(near)


def every(model: Callable[[torch.Tensor], torch.Tensor]) -> dict[str, object]:
    """The same model as each of the networks."""
    return dict.fromkeys(NETWORKS, model)


def picture(name: str = "one") -> Picture:
    image = np.full((3, 16, 16), 0.2, np.float32)
    image[:, :, 8:] = 0.8
    mask = (image[0] > 0.5).astype(np.int64)
    mask[0], mask[1] = 255, 1 - mask[1]  # a row without labels, a row that the model gets wrong
    return Picture("toy", name, image, mask)
