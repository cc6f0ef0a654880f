"""Soft scores as counts: one histogram per output, order-free and mergeable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lrscore.errors import InputError
from lrscore.statistics.arrays import FloatArray, IntArray, as_counts

# Softmax in single precision may exceed its range by rounding; more than this is not a score.
SCORE_TOLERANCE = 1e-5
LARGEST_BIN_COUNT = 4096


@dataclass(frozen=True)
class ScoreHistogram:
    """Counts of scores in `bins` equal intervals of [0, 1], for outputs of any array shape.

    A score `x` is counted in bin `floor(x * bins)`, 1 in the last one. `bins` is a power of two, so that the
    product is exact in floating point and every score really lies within the ends of its bin; 64 to 256 bins
    lose little.

    Attributes:
        counts: (..., bins) int64; the leading shape is (N,), or (N, classes - 1) for margins.
    """

    counts: IntArray

    def __post_init__(self) -> None:
        counts = as_counts("counts", self.counts)
        bins = counts.shape[-1] if counts.ndim else 0
        if bins < 2 or bins > LARGEST_BIN_COUNT or bins & (bins - 1):
            raise InputError(
                f"counts: expected (..., bins), bins a power of two up to 4096, got {counts.shape}"
            )
        object.__setattr__(self, "counts", counts)

    @classmethod
    def empty(cls, shape: int | tuple[int, ...], *, bins: int = 128) -> ScoreHistogram:
        """Return a histogram without samples for outputs of the given shape."""
        leading = (shape,) if isinstance(shape, int) else shape
        return cls(np.zeros((*leading, bins), dtype=np.int64))

    @property
    def bins(self) -> int:
        """Number of bins."""
        return self.counts.shape[-1]

    @property
    def samples(self) -> IntArray:
        """Number of samples per output, leading shape."""
        return self.counts.sum(axis=-1)

    @property
    def edges(self) -> FloatArray:
        """The bins' ends (bins + 1,), exact: 0, 1/bins, ..., 1."""
        return np.arange(self.bins + 1) / self.bins

    def add(self, scores: ArrayLike) -> ScoreHistogram:
        """Return the histogram with further scores (samples, ...) counted; trailing shape as the outputs'.

        Scores up to 1e-5 outside [0, 1] count as 0 or 1; others, and NaN, raise `InputError`.
        """
        values = np.asarray(scores, dtype=np.float64)
        leading = self.counts.shape[:-1]
        if values.shape[1:] != leading or values.ndim != len(leading) + 1:
            raise InputError(f"scores: expected shape (samples, {str(leading)[1:]}, got {values.shape}")
        if not np.all((values >= -SCORE_TOLERANCE) & (values <= 1.0 + SCORE_TOLERANCE)):
            raise InputError("scores: expected values in [0, 1], got values outside or NaN")
        column = np.clip((values * self.bins).astype(np.int64), 0, self.bins - 1)
        column += self.bins * np.arange(int(np.prod(leading)), dtype=np.int64).reshape(leading)
        fresh = np.bincount(column.ravel(), minlength=self.counts.size).reshape(self.counts.shape)
        return ScoreHistogram(self.counts + fresh)

    def merge(self, other: ScoreHistogram) -> ScoreHistogram:
        """Return the histogram of both sample sets; raise `InputError` if the shapes differ."""
        if other.counts.shape != self.counts.shape:
            raise InputError(f"other: expected counts of shape {self.counts.shape}, got {other.counts.shape}")
        return ScoreHistogram(self.counts + other.counts)


def unit_margins(scores: ArrayLike, labels: ArrayLike) -> FloatArray:
    """Return `(1 + h_y - h_c) / 2` in [0, 1] for every class `c` other than the label `y`.

    A label wins the plurality against `c` iff the mean margin exceeds 1/2 on this scale, and the threshold
    `eta` is the same on both scales, so margins need no bounds of their own: histogram them like scores and
    take the smallest threshold over the classes.

    Args:
        scores: (samples, N, C) class scores in [0, 1].
        labels: (N,) integers in [0, C), fixed by the pilot.

    Returns:
        (samples, N, C - 1) float64, classes in their order without the label.
    """
    values = np.asarray(scores, dtype=np.float64)
    chosen = as_counts("labels", labels)
    if values.ndim != 3 or chosen.shape != values.shape[1:2]:
        raise InputError(
            f"scores, labels: expected shapes (samples, N, C) and (N,), got {values.shape} and {chosen.shape}"
        )
    classes = values.shape[2]
    if classes < 2 or (chosen.size and chosen.max() >= classes):
        raise InputError(
            f"labels: expected classes below C = {classes}, C at least 2, got up to {chosen.max()}"
        )
    others = np.arange(classes - 1)[None, :]
    others = others + (others >= chosen[:, None])  # (N, C-1): all classes but the label
    rows = np.arange(chosen.size)
    margins = values[:, rows, chosen][:, :, None] - values[:, rows[:, None], others]
    return 0.5 * (1.0 + margins)
