"""Models of two views: every region is scored from a good view of itself and a rough view of the whole image.

Localized smoothing of an ordinary model draws noisy copies for every output group apart. A model that is built from
two views needs one pair of views for all groups: its scores of a region read the near view inside that region and
the far view anywhere. Any model can be smoothed that way; this one makes it cheap (docs/theory.md, 2.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch

from lrscore.errors import InputError
from lrscore.images.regions import GridRegions

_LEAK = 1e-3  # of the largest score; the same numbers in another place of a batch may be rounded differently


@runtime_checkable
class TwoViewModel(Protocol):
    """A model whose scores of a region depend on the near view inside that region and on the far view, on nothing else.

    The certificate of two views rests on that. It must hold by construction; `refuse_leaks` finds out a model that
    plainly breaks it, and proves nothing about one that does not.
    """

    def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
        """Two noisy batches (B, C, H, W) to scores (B, classes, H, W)."""
        ...


@runtime_checkable
class ViewsModel(Protocol):
    """A model that scores every pixel from several noisy copies of the picture, each read within its own field.

    The certificate of views rests on `receptive_fields`: they must hold by construction, on every picture the model
    takes (docs/theory.md, 2.5). No pass over the whole plane (global pooling, normalisation over space) fits into a
    bounded field.

    Attributes:
        receptive_fields: per view, finest first: the scores of pixel (y, x) depend on that view's pixels (y', x') with
            `max(|y' - y|, |x' - x|)` at most this number, and on no others; None where they may depend on all.
    """

    receptive_fields: tuple[int | None, ...]

    def views(self, copies: Sequence[torch.Tensor], levels: Sequence[float]) -> torch.Tensor:
        """One noisy batch (B, C, H, W) per view, finest first, to scores (B, classes, H, W).

        Args:
            copies: not clamped and not normalised; all 0 for a view that is blanked.
            levels: of the noise in each view: 0 for none, `inf` for a view that is blanked.
        """
        ...


@torch.inference_mode()
def refuse_leaks(
    model: TwoViewModel, image: torch.Tensor, regions: GridRegions, levels: tuple[float, float] = (0.3, 1.0)
) -> None:
    """Draw the near view anew outside of one region at a time: the scores inside must stay.

    Args:
        model: see `TwoViewModel`.
        image: (C, H, W) on the model's device.
        regions: the tiles.
        levels: of the near and the far view that the model will see; an infinite one is blank.

    Raises:
        InputError: scores of a region depend on the near view of another one.
    """
    generator = torch.Generator().manual_seed(0)
    index = torch.as_tensor(regions.index_map(), device=image.device)

    def view(level: float) -> torch.Tensor:
        noise = torch.randn(image.shape, generator=generator).to(image)
        return image + level * noise if math.isfinite(level) else torch.zeros_like(image)

    for region in range(regions.count):
        own_view, other, far = view(levels[0]), view(levels[0]), view(levels[1])
        near = torch.stack([own_view, torch.where(index == region, own_view, other)])
        own = model.two_views(near, far.expand_as(near), regions)[:, :, *regions.slices(region)].float()
        # What is not a number is refused, too
        if not (own[0] - own[1]).abs().max() <= _LEAK * own.abs().max():
            raise InputError(
                f"the model's scores of region {region} depend on the near view of other regions: "
                "it is no model of two views, and a certificate would claim too much"
            )
