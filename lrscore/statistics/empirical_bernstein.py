"""Soft-score thresholds from empirical-Bernstein bounds of mean and variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lrscore.errors import InputError
from lrscore.statistics.arrays import FloatArray
from lrscore.statistics.dkw import check_sampled, threshold_from_moments
from lrscore.statistics.score_histogram import ScoreHistogram


def soft_threshold_bernstein(histogram: ScoreHistogram, level: ArrayLike) -> FloatArray:
    """Return lower bounds for `eta = ln(1 + (mu - 1/2)**2 / variance)` from mean and standard deviation bounds.

    Guarantee: each bound exceeds the true `eta` with probability at most `level`. Two events, `level / 2`
        each
    (Maurer and Pontil 2009, Theorems 3 and 10), with `L = ln(2 / level)` and samples in [0, 1]:
    standard deviation <= sqrt(sample variance) + sqrt(2 L / (n - 1)), and
    mean >= sample mean - (standard deviation) sqrt(2 L / n) - L / (3 n).
    Both are applied to the lower ends of the bins, which have no larger mean; a score differs from its bin's
    lower end by a variable of range `1 / bins`, so their standard deviations differ by at most `1 / (2
    bins)`.

    Arguments and result as in `soft_threshold_dkw`; at least 2 samples.
    """
    levels, n = check_sampled(histogram, level), histogram.samples
    if n.size and n.min() < 2:
        raise InputError("histogram: expected at least two samples for every output")
    lower_ends, log_term = histogram.edges[:-1], np.log(2.0 / levels)
    sample_mean = histogram.counts @ lower_ends / n
    squares = histogram.counts * (lower_ends - sample_mean[..., None]) ** 2
    deviation = np.sqrt(squares.sum(axis=-1) / (n - 1)) + np.sqrt(2.0 * log_term / (n - 1))
    mean = sample_mean - deviation * np.sqrt(2.0 * log_term / n) - log_term / (3.0 * n)
    return threshold_from_moments(mean, (deviation + 0.5 / histogram.bins) ** 2)
