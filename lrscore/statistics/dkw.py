"""Soft-score thresholds from a confidence band for the distribution function: the baseline."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lrscore.errors import InputError
from lrscore.statistics.arrays import FloatArray, check_levels
from lrscore.statistics.score_histogram import ScoreHistogram


def soft_threshold_dkw(histogram: ScoreHistogram, level: ArrayLike) -> FloatArray:
    """Return lower bounds for `eta = ln(1 + (mu - 1/2)**2 / variance)` from one DKW band per output.

    Guarantee: each bound exceeds the true `eta` with probability at most `level`. The two-sided band
    `sqrt(ln(2 / level) / (2 n))` (Dvoretzky, Kiefer and Wolfowitz 1956 with Massart's constant) holds for the
    whole distribution function at once, hence for the mean and the variance together.

    Args:
        histogram: scores of the predicted class, any leading shape, or unit margins.
        level: error levels in (0, 1), broadcast against the leading shape.

    Returns:
        float64 of the leading shape, at least 0; 0 means abstain.
    """
    levels = check_sampled(histogram, level)
    mean, variance = moments_within_band(histogram, band_width(histogram, levels))
    return threshold_from_moments(mean, variance)


def band_width(histogram: ScoreHistogram, levels: FloatArray) -> FloatArray:
    """Return the half-width of the two-sided DKW band at `levels`, leading shape."""
    return np.sqrt(np.log(2.0 / levels) / (2.0 * histogram.samples))


def moments_within_band(histogram: ScoreHistogram, width: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lower bound of the mean and the upper bound of the variance, leading shapes, over the DKW band.

    With `F` the distribution function, `mean = int_0^1 (1 - F)` and, about any centre `c`,
    `E (X - c)**2 = int_0^c 2 (c - t) F + int_c^1 2 (t - c) (1 - F)`: within bin `j` the band and the monotony
    of `F` give `F <= F_n(right end) + width` and `1 - F <= 1 - F_n(left end) + width`, cut at 1. The
    integrals cover every bin from 0 to 1. The variance is at most the second moment about any centre; the
    band bounds all centres at once, so the best bin edge may be taken.
    """
    bins, edges, spread = histogram.bins, histogram.edges, width[..., None]
    up_to = np.cumsum(histogram.counts, axis=-1) / histogram.samples[..., None]  # F_n at right ends
    below = up_to - histogram.counts / histogram.samples[..., None]  # F_n at left ends
    mean = np.maximum(1.0 - up_to - spread, 0.0).sum(axis=-1) / bins
    offset = edges[None, :] - edges[:, None]  # (centre, edge)
    area = np.diff(np.sign(offset) * offset**2, axis=1)  # integral of 2 |t - c| over each bin
    left_of_centre = np.arange(bins)[None, :] < np.arange(bins + 1)[:, None]
    moment = np.minimum(up_to + spread, 1.0) @ np.where(left_of_centre, area, 0.0).T
    moment += np.minimum(1.0 - below + spread, 1.0) @ np.where(left_of_centre, 0.0, area).T
    return mean, moment.min(axis=-1)


def threshold_from_moments(mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Return `ln(1 + (mean - 1/2)**2 / variance)` where `mean > 1/2`, else 0, rounded down; `variance > 0`."""
    # The mean is a sum over up to 4096 bins: near 1/2 its rounding is large beside the distance
    distance = np.maximum(mean - 0.5 - 1e-12, 0.0)
    return np.log1p(distance**2 / variance) * (1.0 - 1e-10)


def check_sampled(histogram: ScoreHistogram, level: ArrayLike) -> FloatArray:
    """Return levels of the histogram's leading shape; raise `InputError` for no samples or levels outside (0, 1)."""
    levels, shape = check_levels(level), histogram.counts.shape[:-1]
    if np.any(levels <= 0.0):
        raise InputError("level: expected error levels above 0")
    if histogram.samples.size and histogram.samples.min() < 1:
        raise InputError("histogram: expected at least one sample for every output")
    try:
        return np.broadcast_to(levels, shape)
    except ValueError:
        raise InputError(f"level: expected a shape that broadcasts to {shape}, got {levels.shape}") from None
