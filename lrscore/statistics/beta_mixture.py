"""One-sided beta-mixture confidence sequence: a lower bound that holds at all sample sizes at once.

For a null hypothesis "the probability is at most p" the likelihood ratio of any `theta > p` against `p` is a
non-negative supermartingale with start 1, and so is its average over `theta` drawn from Beta(1/2, 1/2)
restricted to `(p, 1)`, which has the closed form of `log_evidence`. By Ville's inequality it ever reaches `1
/ level` with probability at most `level` (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021 for the
general theory).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincc, betaln, xlog1py, xlogy

from lrscore.statistics.arrays import FloatArray, IntArray, check_counts, check_levels, on_distinct_rows

PRIOR = 0.5
# For evidence above 2.2 the set of rejected p is an interval that starts at 0 (docs/theory.md, 3.2.6), so the
# largest rejected p is a valid bound.
LARGEST_LEVEL = 1.0 / 2.2
BISECTIONS = 60


def mixture_lower(successes: ArrayLike, trials: ArrayLike, level: ArrayLike) -> FloatArray:
    """Return lower bounds for binomial probabilities that hold for every sample size simultaneously.

    Guarantee: with probability `1 - level` the bounds at *all* `n = 1, 2, 3, ...` are below the true
        probability.
    Sampling may stop at any time for any reason, and the running maximum of the bounds is a bound as well.

    Args:
        successes: counts `k`, any shape, `0 <= k <= n`.
        trials: numbers of samples `n >= 1`, broadcast against `successes`.
        level: error levels in `[0, 1/2.2)`, broadcast; level 0 gives bound 0.

    Returns:
        float64 bounds in `[0, k/n]`, 0 where `k = 0`; rounded towards 0.
    """
    k, n = check_counts(successes, trials)
    return on_distinct_rows(_lower, k, n, check_levels(level, below=LARGEST_LEVEL))


def log_evidence(k: IntArray, n: IntArray, p: FloatArray) -> FloatArray:
    """Return `ln M(p)`, the evidence against "the probability is at most p", for `0 < p < 1`, elementwise."""
    log_posterior = betaln(k + PRIOR, n - k + PRIOR) + np.log(betaincc(k + PRIOR, n - k + PRIOR, p))
    log_prior = betaln(PRIOR, PRIOR) + np.log(betaincc(PRIOR, PRIOR, p))
    return log_posterior - log_prior - xlogy(k, p) - xlog1py(n - k, -p)


def rounding_slack(n: IntArray) -> FloatArray:
    """Return how far rounding may move `log_evidence`, generously: its terms grow like `n ln n`."""
    return 1e-10 + 8.0 * np.finfo(float).eps * (n + 10.0) * np.log(n + 10.0)


def _lower(k: IntArray, n: IntArray, level: FloatArray) -> FloatArray:
    bound = np.zeros(k.shape)
    rows = np.flatnonzero((k > 0) & (level > 0.0))
    k, n, level = k[rows], n[rows], level[rows]
    needed = -np.log(level) + rounding_slack(n)
    # `low` is rejected or 0 throughout, so whatever the bisection's accuracy, the result claims nothing unproven.
    low, high = np.zeros(k.shape), k / n
    for _ in range(BISECTIONS):
        # At k = n the upper end is 1, where the prior's tail vanishes; the middle stays below it.
        middle = np.minimum(0.5 * (low + high), 1.0 - 1e-16)
        rejected = log_evidence(k, n, middle) >= needed
        low, high = np.where(rejected, middle, low), np.where(rejected, high, middle)
    bound[rows] = low
    return bound
