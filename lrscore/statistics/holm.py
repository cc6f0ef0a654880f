"""Holm's step-down test where it is valid, and the by-rank levels of published code where it is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

from lrscore.errors import SettingsError
from lrscore.statistics.arrays import FloatArray, IntArray, check_counts, on_distinct_rows
from lrscore.statistics.corrections import check_family

# Relative error allowed to the incomplete beta function; p-values are enlarged by it.
OUTWARD = 1e-11


def binomial_p_values(successes: ArrayLike, trials: ArrayLike, threshold: float) -> FloatArray:
    """Return p-values of "the probability is at most `threshold`": `P[Bin(trials, threshold) >= successes]`.

    Rounded up (by 1e-11 relative). `threshold` in (0, 1); counts as in `clopper_pearson_lower`.
    """
    if not 0.0 < threshold < 1.0:
        raise SettingsError(f"threshold: expected a probability in (0, 1), got {threshold}")
    k, n = check_counts(successes, trials)

    def tail(k: IntArray, n: IntArray) -> FloatArray:
        p_value = betainc(np.maximum(k, 1), n - np.maximum(k, 1) + 1, threshold)
        return np.where(k == 0, 1.0, np.minimum(p_value * (1.0 + OUTWARD), 1.0))

    return on_distinct_rows(tail, k, n)


def holm_reject(successes: ArrayLike, trials: ArrayLike, threshold: float, alpha: float) -> NDArray[np.bool_]:
    """Return the mask (N,) of outputs shown to have a probability above one threshold fixed in advance.

    Guarantee: with probability `1 - alpha` every output in the mask has a probability above `threshold`. Holm
        (1979):
    the r-th smallest of N p-values is compared with `alpha / (N - r + 1)`; the first that is larger stops the
    test. Used by SegCertify (Fischer et al. 2021), where the threshold tau is the same for all outputs and
    set beforehand. It says nothing about thresholds read off the data.
    """
    p_values = np.atleast_1d(binomial_p_values(successes, trials, threshold))
    check_family(alpha, p_values.size)
    order = np.argsort(p_values, axis=None, kind="stable")
    limits = alpha / np.arange(p_values.size, 0, -1)
    passed = np.logical_and.accumulate(p_values.ravel()[order] <= limits)
    reject = np.zeros(p_values.size, dtype=bool)
    reject[order] = passed
    return reject.reshape(p_values.shape)


def paper_holm_levels(successes: ArrayLike, trials: ArrayLike, alpha: float) -> FloatArray:
    """Return levels (N,) `alpha / rank`, ranked by agreement, lowest first. NOT A VALID CORRECTION.

    The levels follow the data, and a bound at level `alpha / rank` is not a test of a hypothesis fixed
    beforehand. With well-separated probabilities the ranks are always the same and the family's error adds up
    to about `alpha * (1 + 1/2 + ... + 1/N)`. Kept to compare with published results only.
    """
    k, n = check_counts(successes, trials)
    check_family(alpha, k.size)
    order = np.argsort(k / n, axis=None, kind="stable")
    ranks = np.empty(k.size)
    ranks[order] = np.arange(1, k.size + 1)
    return alpha / ranks.reshape(k.shape)
