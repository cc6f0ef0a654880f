"""What windows would be worth: the votes of a certificate of isotropic smoothing, as if a model of views had cast them.

That is an upper end, not a result: a model that sees less is less accurate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrscore.errors import InputError
from lrscore.images.certificate import ImageCertificate
from lrscore.images.regions import GridRegions
from lrscore.images.windows import View, window_levels


@dataclass(frozen=True, eq=False)
class SupposedViews:
    """What the collective engine asks for, and the budgets of a curve.

    Args:
        weights: (I, J) of the views on the grid.
        thresholds: (N,) of the certificate's pixels.
        groups: (N,) cell of every pixel.
        epsilons: (M,) as norms, ascending.
    """

    weights: np.ndarray
    thresholds: np.ndarray
    groups: np.ndarray
    epsilons: np.ndarray

    @property
    def inputs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """weights, thresholds, groups: as `certify_collectively` and `verify` take them."""
        return self.weights, self.thresholds, self.groups

    def area(self, counts: np.ndarray) -> float:
        """Average certified radius: the area under the share of all pixels that counts (M,) are."""
        return float(np.trapezoid(counts / self.groups.size, self.epsilons))


def supposed_views(
    source: ImageCertificate, regions: GridRegions, views: Sequence[View], epsilons: int | np.ndarray
) -> SupposedViews:
    """The thresholds of a certificate under views whose finest has the certificate's level.

    Args:
        source: of isotropic Gaussian smoothing: one level for every group and region.
        regions: the cells, on a picture of the source's size.
        views: finest first.
        epsilons: (M,) budgets of the curve as norms, or how many evenly spaced ones, from 0 to one at which an attack
            that is spread evenly, or falls into one region, takes everything.

    Raises:
        InputError: the certificate is of something else, the cells are of another picture, or the finest view has
            another level: then the votes would have been others.
    """
    level = source.settings.level_min
    if source.settings.noise != "gaussian" or not (source.noise_levels == level).all():
        raise InputError("votes are taken over from isotropic Gaussian smoothing only: one level everywhere")
    if (regions.height, regions.width) != source.shape:
        raise InputError(
            f"the cells must be those of a picture of {source.shape[0]}x{source.shape[1]} pixels"
        )
    if min(view.level for view in views) != level:
        raise InputError(f"the finest view must have the level of the votes, {level:g}")
    weights = source.noise.weight(window_levels(regions.distances(), views))
    groups = regions.index_map().ravel()
    if isinstance(epsilons, int):
        highest = np.zeros(regions.count)
        np.maximum.at(highest, groups, source.thresholds)
        spread = np.column_stack([weights, weights.mean(axis=1)])  # an attack in one region, or spread evenly
        largest = source.noise.epsilon((highest[:, None] / spread).max(axis=0).min())
        epsilons = np.linspace(0.0, float(largest), epsilons)
    return SupposedViews(weights, source.thresholds, groups, epsilons)
