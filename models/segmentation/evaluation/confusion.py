"""Confusion counts and the intersection over union of a prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.datasets.classes import VOID


@dataclass(frozen=True)
class Confusion:
    """Pixel counts, (classes, classes): row = true class, column = predicted class."""

    counts: np.ndarray

    @classmethod
    def of(cls, masks: np.ndarray, labels: np.ndarray, classes: int) -> Confusion:
        """Count the labelled pixels; `masks` and `labels` have one shape, mask value 255 is left out."""
        labelled = masks != VOID
        pairs = masks[labelled].astype(np.int64) * classes + labels[labelled]
        return cls(np.bincount(pairs, minlength=classes**2).reshape(classes, classes))

    def __add__(self, other: Confusion) -> Confusion:
        return Confusion(self.counts + other.counts)

    @property
    def accuracy(self) -> float:
        """Share of labelled pixels predicted right."""
        return float(np.trace(self.counts) / self.counts.sum())

    @property
    def iou(self) -> np.ndarray:
        """Intersection over union of every class, (classes,); NaN where a class does not occur in the masks."""
        right = np.diag(self.counts).astype(np.float64)
        true, predicted = self.counts.sum(axis=1), self.counts.sum(axis=0)
        return np.divide(right, true + predicted - right, out=np.full(len(right), np.nan), where=true > 0)

    @property
    def mean_iou(self) -> float:
        """Mean over the classes that occur in the masks."""
        return float(np.nanmean(self.iou))
