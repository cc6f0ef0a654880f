"""A denoiser in front of any image model: denoised smoothing (Salman et al. 2020) for localized noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lrscore.images.regions import GridRegions
from lrscore.images.views import TwoViewModel, ViewsModel
from lrscore.provenance import name_of
from models.denoising.checkpoint import BUNDLED, load_denoiser
from models.denoising.network import LevelDenoiser

_PASSED_ON = ("class_names", "class_tree", "palette", "remark", "pools", "channels_last")


def denoised(model: Callable[..., Any], *, weights: Path = BUNDLED) -> Denoised:
    """A model that is shown denoised pictures: for networks that were not trained on noise.

    The denoiser and the model together are the base model; the certificate is about both, and records both digests.
    The sampler tells it the noise level of every pixel. It may: the level is part of the smoothing distribution, which
    is the same for every input, whoever perturbed it (docs/theory.md, 2.7).

    Args:
        model: any image model, of views, too.
        weights: of another denoiser than the bundled one.

    Raises:
        InputError: the weights can not be read.
    """
    stored = load_denoiser(weights)
    kind: type[Denoised] = Denoised
    if isinstance(model, TwoViewModel):
        kind = DenoisedTiles
    elif isinstance(model, ViewsModel):
        kind = DenoisedViews
    guarded = kind(model, stored.network, stored.digest)
    if weights == BUNDLED:
        guarded.name += "+denoised"  # what the registries load by that name
    return guarded


class Denoised(nn.Module):
    """See `denoised`. Called without levels it takes its pictures for clean ones and passes them on.

    Args:
        model: the image model.
        denoiser: its weights' digest is `denoiser_digest`.

    Attributes:
        digest: of both, in words: other weights of either are another base model.
    """

    def __init__(self, model: Callable[..., Any], denoiser: LevelDenoiser, denoiser_digest: str) -> None:
        super().__init__()
        self.model, self.denoiser, self.denoiser_digest = model, denoiser, denoiser_digest
        self.name = name_of(model)
        for name in _PASSED_ON:
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))
        self.digest = f"{getattr(model, 'digest', '')} behind denoiser {denoiser_digest}"
        # The model keeps its mode: one that is left in training mode is refused, not put right in silence
        self.training = False
        denoiser.eval()

    def forward(self, images: Tensor) -> Tensor:
        """Scores of clean pictures."""
        return self.model(images)

    def at_levels(self, images: Tensor, levels: Tensor) -> Tensor:
        """Scores (B, classes, H, W) of noisy pictures (B, 3, H, W).

        Args:
            levels: standard deviation of every pixel's noise, of a shape that broadcasts to (B, 1, H, W); `inf` where
                the picture is blank.
        """
        return self.model(self.denoiser(images, levels))

    @torch.inference_mode()
    def predict(self, images: Tensor) -> Tensor:
        """Class ids (B, H, W) int64 of clean pictures."""
        return self(images).argmax(dim=1)

    def everywhere(self, copies: Tensor, level: float) -> Tensor:
        """Copies (B, 3, H, W) of one level, denoised."""
        return self.denoiser(copies, copies.new_full((1, 1, 1, 1), level).expand(1, 1, *copies.shape[2:]))


class DenoisedTiles(Denoised):
    """In front of a model of two views: the near view is denoised cell by cell, because no cell may see another one."""

    def two_views(self, near: Tensor, far: Tensor, regions: GridRegions) -> Tensor:
        """Scores of two clean views."""
        return self.model.two_views(near, far, regions)  # type: ignore[attr-defined]

    def two_views_at_levels(
        self, near: Tensor, far: Tensor, regions: GridRegions, levels: Sequence[float]
    ) -> Tensor:
        """Scores of two noisy views with these levels."""
        cleaned = torch.empty_like(near)
        for shape in {_shape(regions, cell) for cell in range(regions.count)}:
            cells = [regions.slices(cell) for cell in range(regions.count) if _shape(regions, cell) == shape]
            tiles = self.everywhere(torch.cat([near[:, :, *cell] for cell in cells]), levels[0])
            for cell, tile in zip(cells, tiles.chunk(len(cells)), strict=True):
                cleaned[:, :, *cell] = tile
        return self.model.two_views(  # type: ignore[attr-defined]
            cleaned, self.everywhere(far, levels[1]), regions
        )


class DenoisedViews(Denoised):
    """In front of a model of views: each sees as much farther as the denoiser does, and is told that it is clean."""

    def __init__(self, model: Any, denoiser: LevelDenoiser, denoiser_digest: str) -> None:
        super().__init__(model, denoiser, denoiser_digest)
        self.receptive_fields = tuple(
            None if field is None else field + denoiser.reach for field in model.receptive_fields
        )

    def views(self, copies: Sequence[Tensor], levels: Sequence[float]) -> Tensor:
        """Scores of noisy views with these levels."""
        cleaned = [self.everywhere(copy, level) for copy, level in zip(copies, levels, strict=True)]
        return self.model.views(cleaned, [0.0] * len(cleaned))  # type: ignore[attr-defined]


def _shape(regions: GridRegions, cell: int) -> tuple[int, int]:
    rows, cols = regions.slices(cell)
    return rows.stop - rows.start, cols.stop - cols.start
