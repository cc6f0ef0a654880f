"""Labelled pictures of any sizes in memory, and random noisy views of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lrscore.errors import InputError
from models.datasets import PicturePairs
from models.datasets.classes import VOID
from models.segmentation.training.augment import augment

MOST_BYTES = 1 << 32


@dataclass(frozen=True)
class Pictures:
    """Pictures (3, H, W) uint8 and masks (H, W) uint8, 255 = void; sizes may differ.

    Args:
        images, masks: one of each per picture.
        classes: number of classes.
    """

    images: tuple[Tensor, ...]
    masks: tuple[Tensor, ...]
    classes: int

    @classmethod
    def load(cls, pairs: PicturePairs, names: Sequence[str]) -> Pictures:
        """Read the pictures of these names.

        Raises:
            InputError: a picture can not be used, there are none, or they do not fit into memory.
        """
        images, masks, size = [], [], 0
        for name in names:
            picture = pairs.load(name)
            images.append(torch.from_numpy(np.rint(picture.image * 255).astype(np.uint8)))
            masks.append(torch.from_numpy(picture.mask.copy()))
            size += images[-1].numel() + masks[-1].numel()
            if size > MOST_BYTES:
                raise InputError(
                    f"the pictures take more than {MOST_BYTES >> 30} GiB: scale them down with --size"
                )
        if not images:
            raise InputError("no pictures to train on: the split is empty or all of it is kept out")
        found = cls(tuple(images), tuple(masks), len(pairs.class_names))
        if not found.shares().any():
            raise InputError("no pixel of the pictures has a class: all are void")
        return found

    def __len__(self) -> int:
        return len(self.images)

    def shares(self) -> np.ndarray:
        """(classes,) share of every class among the labelled pixels; zeros if there are none."""
        counts = sum(
            np.bincount(mask.numpy().ravel(), minlength=VOID + 1)[: self.classes] for mask in self.masks
        )
        return np.asarray(counts) / max(1, int(np.sum(counts)))

    def views(
        self, count: int, size: tuple[int, int], zoom: tuple[float, float], generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Random views (B, 3, h, w) in [0, 1] and masks (B, h, w) int64 of random pictures."""
        chosen = torch.randint(len(self), (count,), generator=generator).tolist()
        parts = [
            augment(self.images[one][None], self.masks[one][None], generator=generator, size=size, zoom=zoom)
            for one in chosen
        ]
        views, masks = zip(*parts, strict=True)
        return torch.cat(views), torch.cat(masks)

    def class_weights(self, power: float) -> Tensor:
        """(classes,) loss weights: a class of share `f` weighs `f ** -power`; the mean over labelled pixels is 1."""
        shares = self.shares()
        weights = np.where(shares > 0, shares, shares[shares > 0].min()) ** -power
        return torch.from_numpy(weights / (weights * shares).sum()).float()


def split_names(pairs: PicturePairs, share: float) -> tuple[list[str], list[str]]:
    """Names to train on and names kept out: every n-th, at least one of each where there are two pictures."""
    names = list(pairs.names)
    if len(names) < 2 or share <= 0:
        return names, names
    stride = max(2, round(1 / share))
    kept_out = names[stride // 2 :: stride] or names[-1:]
    return [name for name in names if name not in set(kept_out)], kept_out
