"""What is compared: pictures, and what each method certified on each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """A method's result on one image; counts of labelled pixels only.

    Args:
        method: what is plotted as one series, cost included.
        setting: its noise levels in short.
        dataset, image: which image.
        passes: forward passes per image, or pairs of views, all samples together.
        seconds: of the workers, sampling alone (of center smoothing: with its search for the center).
        labelled: pixels with a reference label.
        hit, true, predicted: (classes,) pixels predicted right, present, and predicted; abstentions predict nothing.
        certified: (M,) correct pixels that are certified at each eps.
    """

    method: str
    setting: str
    dataset: str
    image: str
    passes: int
    seconds: float
    labelled: int
    hit: tuple[int, ...]
    true: tuple[int, ...]
    predicted: tuple[int, ...]
    certified: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """An image of a data set: (C, H, W) float32 in [0, 1] and its labels (H, W), 255 = void."""

    dataset: str
    name: str
    image: np.ndarray
    mask: np.ndarray

    @property
    def source(self) -> str:
        """What a study calls it."""
        return f"{self.dataset}: {self.name}"
