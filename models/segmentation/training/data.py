"""Labelled pictures in memory, as training and evaluation use them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES, VOID


class Labelled(Protocol):
    """Anything with a picture (3, H, W) in [0, 1] and a mask (H, W) of class ids, 255 = unlabelled."""

    @property
    def image(self) -> np.ndarray: ...

    @property
    def mask(self) -> np.ndarray: ...


@dataclass(frozen=True)
class LabelledImages:
    """Equally large pictures: `images` (N, 3, H, W) uint8 and `masks` (N, H, W) uint8."""

    images: Tensor
    masks: Tensor

    @classmethod
    def collect(cls, items: Iterable[Labelled]) -> LabelledImages:
        """Round pictures to bytes and stack them."""
        pairs = [(np.rint(item.image * 255).astype(np.uint8), item.mask) for item in items]
        if not pairs:
            raise InputError("no pictures are left: all of them are kept out")
        images, masks = zip(*pairs, strict=True)
        return cls(torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(masks)))

    def __len__(self) -> int:
        return len(self.images)

    def every(self, stride: int) -> LabelledImages:
        """Every `stride`-th picture, beginning with the first."""
        return LabelledImages(self.images[::stride], self.masks[::stride])

    def class_shares(self) -> np.ndarray:
        """Share of every class among the labelled pixels, (classes,)."""
        counts = np.bincount(self.masks.numpy().ravel(), minlength=VOID + 1)[: len(CAMVID_CLASSES)]
        return counts / counts.sum()


def procedural_scenes(seeds: range, *, cache: Path | None = None) -> LabelledImages:
    """Render procedural street scenes at 180x240.

    Args:
        seeds: one scene per seed.
        cache: `.npz` file to keep them in. It is named by the caller, so the caller sees to it that it belongs to these
            seeds and this version of the generator; a cache of another length is rendered anew.
    """
    if cache is not None and cache.exists():
        try:
            with np.load(cache) as stored:
                images, masks = stored["images"], stored["masks"]
        except Exception as error:  # whatever a damaged archive provokes
            raise InputError(f"scene cache {cache} can not be read: remove it") from error
        if len(images) == len(seeds):
            return LabelledImages(torch.from_numpy(images), torch.from_numpy(masks))
    from models.scenes import render_scene  # the generator is needed only where scenes are mixed in

    scenes = LabelledImages.collect(render_scene(seed, height=180, width=240) for seed in seeds)
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, images=scenes.images.numpy(), masks=scenes.masks.numpy())
    return scenes
