"""How well a model labels noisy pictures: in one pass, and smoothed by majority vote.

A quick look for choosing and for model cards. It certifies nothing: that is `lrscore`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from lrscore.images.levels import interpolate_levels
from lrscore.images.regions import GridRegions
from lrscore.images.views import TwoViewModel
from models.datasets.classes import CAMVID_CLASSES
from models.segmentation.evaluation.confusion import Confusion
from models.segmentation.training.data import LabelledImages

Scorer = Callable[[Tensor], Tensor]
CLASSES = len(CAMVID_CLASSES)


def single_pass_scores(
    model: Scorer, pictures: LabelledImages, *, level: float, seed: int = 0, batch_size: int = 32
) -> Confusion:
    """Confusion of one pass a picture under isotropic Gaussian noise (none for level 0)."""
    generator = torch.Generator().manual_seed(seed)
    total = _no_counts()
    for start in range(0, len(pictures), batch_size):
        images = pictures.images[start : start + batch_size].float() / 255
        if level:
            images = images + level * torch.randn(images.shape, generator=generator)
        with torch.inference_mode():
            labels = model(images).argmax(dim=1).numpy()
        total += Confusion.of(pictures.masks[start : start + batch_size].numpy(), labels, CLASSES)
    return total


def isotropic_scores(
    model: Scorer, pictures: LabelledImages, *, level: float, votes: int = 64, seed: int = 0
) -> Confusion:
    """Confusion of the majority vote of `votes` passes under isotropic Gaussian noise."""
    generator = torch.Generator().manual_seed(seed)
    total = _no_counts()
    for image, mask in zip(pictures.images, pictures.masks, strict=True):
        levels = torch.full(image.shape[-2:], level)
        labels = _vote(model, image.float() / 255, levels, votes, generator)
        total += Confusion.of(mask.numpy(), labels.numpy(), CLASSES)
    return total


def localized_scores(
    model: Scorer,
    pictures: LabelledImages,
    *,
    grid: tuple[int, int] = (3, 5),
    levels: tuple[float, float] = (0.1, 0.3),
    votes: int = 16,
    seed: int = 0,
) -> Confusion:
    """Confusion of the localized smoothed model: every cell by majority vote under its own noise levels."""
    generator = torch.Generator().manual_seed(seed)
    height, width = pictures.images.shape[-2:]
    regions = GridRegions(height, width, *grid)
    maps = torch.from_numpy(interpolate_levels(regions.distances(), *levels)[:, regions.index_map()]).float()
    total = _no_counts()
    for image, mask in zip(pictures.images, pictures.masks, strict=True):
        for cell in range(regions.count):
            own = regions.slices(cell)
            labels = _vote(model, image.float() / 255, maps[cell], votes, generator)
            total += Confusion.of(mask[own].numpy(), labels[own].numpy(), CLASSES)
    return total


@torch.inference_mode()
def view_scores(
    model: TwoViewModel,
    pictures: LabelledImages,
    *,
    near: float,
    far: float,
    grid: tuple[int, int] = (2, 3),
    votes: int = 64,
    seed: int = 0,
) -> Confusion:
    """Confusion of the majority vote of `votes` pairs of noisy views."""
    generator = torch.Generator().manual_seed(seed)
    height, width = pictures.images.shape[-2:]
    regions = GridRegions(height, width, *grid)
    total = _no_counts()
    for image, mask in zip(pictures.images, pictures.masks, strict=True):
        clean = image.float() / 255

        def labels(number: int, clean: Tensor = clean) -> Tensor:
            units = torch.randn((2, number, *clean.shape), generator=generator)
            return model.two_views(clean + near * units[0], clean + far * units[1], regions).argmax(dim=1)

        total += Confusion.of(mask.numpy(), _majority(labels, votes).numpy(), CLASSES)
    return total


class PyramidModel(Protocol):
    """A model of views that says what it averages each one over."""

    @property
    def pools(self) -> tuple[int, ...]: ...

    def views(self, copies: Sequence[Tensor], levels: Sequence[float]) -> Tensor: ...


@torch.inference_mode()
def pyramid_scores(
    model: PyramidModel, pictures: LabelledImages, *, level: float, votes: int = 1, seed: int = 0
) -> Confusion:
    """Confusion of the majority vote of `votes` passes over views at levels of a pyramid: `level` times the pools.

    Args:
        level: of the finest view; 0: without noise, in which case one pass says all.
    """
    generator = torch.Generator().manual_seed(seed)
    levels = [level * pool / model.pools[0] for pool in model.pools]
    total = _no_counts()
    for image, mask in zip(pictures.images, pictures.masks, strict=True):
        clean = image.float() / 255

        def labels(number: int, clean: Tensor = clean) -> Tensor:
            units = torch.randn((len(levels), number, *clean.shape), generator=generator)
            copies = [clean + own * unit for own, unit in zip(levels, units, strict=True)]
            return model.views(copies, levels).argmax(dim=1)

        total += Confusion.of(mask.numpy(), _majority(labels, votes if level else 1).numpy(), CLASSES)
    return total


@torch.inference_mode()
def _vote(model: Scorer, image: Tensor, levels: Tensor, votes: int, generator: torch.Generator) -> Tensor:
    """Majority label of every pixel, (H, W); ties go to the lower class id."""

    def labels(number: int) -> Tensor:
        noise = torch.randn((number, *image.shape), generator=generator)
        return model(image + noise * levels).argmax(dim=1)

    return _majority(labels, votes)


def _majority(labels: Callable[[int], Tensor], votes: int) -> Tensor:
    """Most frequent label of every pixel, (H, W), in `votes` maps that `labels(number)` gives (number, H, W) of."""
    counts: list[Tensor] = [torch.zeros((), dtype=torch.int32)] * CLASSES
    for start in range(0, votes, 32):
        maps = labels(min(32, votes - start))
        counts = [count + (maps == label).sum(dim=0, dtype=torch.int32) for label, count in enumerate(counts)]
    return torch.stack(counts).argmax(dim=0)


def _no_counts() -> Confusion:
    return Confusion(np.zeros((CLASSES, CLASSES), dtype=np.int64))
