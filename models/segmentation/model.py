"""A trained segmentation model as the certificates use it: noisy batch in, class scores out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lrscore.class_tree import ClassTree
from lrscore.errors import InputError
from lrscore.images.regions import GridRegions
from models.datasets.trees import official_tree
from models.segmentation.street_views import StreetViews
from models.segmentation.two_view_unet import TwoViewUNet

SMALLEST_SIDE = 16


class SegmentationModel(nn.Module):
    """A deterministic scorer for noisy pictures, in evaluation mode for good.

    Clamping to [0, 1] and normalisation happen inside, so that the sampler adds noise and nothing else.

    Args:
        network: maps (B, 3, H, W) to scores (B, classes, H, W).
        name: the name that `models.segmentation.registry` knows it by.
        class_names: meaning of the score channels.
        palette: (classes, 3) uint8 RGB colours, one for each class.
        digest: SHA-256 of the weights' file, for provenance in stored certificates.
        class_tree: of the classes, for coarse labels; if left out the official one of classes that have one.

    Attributes:
        channels_last: pictures in channels-last layout save the network a copy.
        remark: what is done to the network's scores beyond what was asked for, or empty.
    """

    channels_last = True
    remark = ""

    def __init__(
        self,
        network: nn.Module,
        *,
        name: str,
        class_names: tuple[str, ...],
        palette: np.ndarray,
        digest: str,
        class_tree: ClassTree | None = None,
    ) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.name = name
        self.class_names = class_names
        self.class_tree = official_tree(class_names) if class_tree is None else class_tree
        self.palette = palette
        self.digest = digest
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        """Scores of every class at every pixel.

        Args:
            images: (B, 3, H, W) float, any values (noisy copies are not clamped beforehand); H, W >= 16.

        Returns:
            (B, classes, H, W) scores, the highest is the prediction. Differentiable in `images`.

        Raises:
            InputError: another shape or type, or a side below 16 pixels.
        """
        _check(images)
        return self.network(images)

    def train(self, mode: bool = True) -> SegmentationModel:
        """Stay in evaluation mode: a certificate needs one fixed function."""
        return super().train(False)

    @property
    def parameter_count(self) -> int:
        """Number of weights, normalisations folded in."""
        return sum(weight.numel() for weight in self.parameters())

    @torch.inference_mode()
    def predict(self, images: Tensor) -> Tensor:
        """Class ids, (B, H, W) int64."""
        return self(images).argmax(dim=1)


class TwoViewSegmentationModel(SegmentationModel):
    """A model built of two views, see `lrscore.images.views`; called with one batch of images it reads both from it."""

    def two_views(self, near: Tensor, far: Tensor, regions: GridRegions) -> Tensor:
        """Scores (B, classes, H, W); those of a region depend on `near` inside that region and on `far`.

        Args:
            near, far: (B, 3, H, W) float, any values; H, W >= 16.
            regions: the tiles, at least 1 pixel each.

        Raises:
            InputError: another shape or type, or a side below 16 pixels.
        """
        _check(near)
        _check(far)
        network = self.network
        assert isinstance(network, TwoViewUNet)
        return network.two_views(near, far, regions)


class ViewsSegmentationModel(SegmentationModel):
    """A model of a pyramid of views, see `lrscore.images.views.ViewsModel`.

    Called with one batch of images it reads every view from it, told that there is no noise.

    Attributes:
        receptive_fields: pixels around an output pixel that each view may influence, finest first; None: everything.
        pools: pixels that each view is averaged over in each direction: what suits their levels, in those of the first.
    """

    receptive_fields: tuple[int | None, ...]
    pools: tuple[int, ...]

    def __init__(self, network: StreetViews, **facts: Any) -> None:
        super().__init__(network, **facts)
        self.receptive_fields, self.pools = network.receptive_fields, network.pools

    def views(self, copies: Sequence[Tensor], levels: Sequence[float]) -> Tensor:
        """Scores (B, classes, H, W); those of a pixel depend on each view within its receptive field.

        Args:
            copies: (B, 3, H, W) float for each view, finest first, any values; H, W >= 16; all 0 for a blank view.
            levels: of the noise in each view: 0 for none, `inf` for a view that is blank.

        Raises:
            InputError: another number of views or levels, another shape or type, a side below 16 pixels, or a level
                that is negative or no number.
        """
        if not len(copies) == len(levels) == len(self.receptive_fields):
            raise InputError(
                f"model {self.name} reads {len(self.receptive_fields)} views with a level each, "
                f"got {len(copies)} views and {len(levels)} levels"
            )
        for copy in copies:
            _check(copy)
            if copy.shape != copies[0].shape:
                raise InputError(
                    f"views must have one shape, got {tuple(copies[0].shape)} and {tuple(copy.shape)}"
                )
        if not all(level >= 0 for level in levels):
            raise InputError(f"levels of views must be at least 0, got {', '.join(map(str, levels))}")
        network = self.network
        assert isinstance(network, StreetViews)
        return network.views(copies, levels)


def _check(images: Tensor) -> None:
    if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point():
        raise InputError(
            f"images must be a float tensor of shape (B, 3, H, W), got {tuple(images.shape)} {images.dtype}"
        )
    if min(images.shape[-2:]) < SMALLEST_SIDE:
        raise InputError(
            f"images must be at least {SMALLEST_SIDE}x{SMALLEST_SIDE} pixels, "
            f"got {images.shape[-2]}x{images.shape[-1]}"
        )
