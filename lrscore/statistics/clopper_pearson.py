"""Exact one-sided binomial confidence bounds (Clopper and Pearson 1934), rounded outward."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincc, betainccinv, betaincinv, betaln, xlog1py, xlogy

from lrscore.statistics.arrays import FloatArray, IntArray, check_counts, check_levels, on_distinct_rows

# The inverse incomplete beta functions mostly err by less than 2e-13, but not always: with a parameter of exactly
# 1000 they may stop at 1e-11. So they only propose, `_settled` decides by the forward functions, and the result goes
# outward by twice their error (measured against 40-digit arithmetic).
OUTWARD = 4e-13


def clopper_pearson_lower(successes: ArrayLike, trials: ArrayLike, level: ArrayLike) -> FloatArray:
    """Return lower bounds for probabilities: the largest `p` with `P[Bin(trials, p) >= successes] <= level`.

    Guarantee: for independent samples with success probability `q`, the returned bound exceeds `q` with
        probability
    at most `level`, for every `q` and every sample size.

    Args:
        successes: counts `k`, any shape, `0 <= k <= n`.
        trials: numbers of samples `n >= 1`, broadcast against `successes`.
        level: error levels in `[0, 1)`, broadcast; level 0 gives bound 0.

    Returns:
        float64 bounds in `[0, 1)`, 0 where `k = 0`. Rounded towards 0 (by 4e-13 relative), so that
        floating-point error never makes a claim too large.
    """
    k, n = check_counts(successes, trials)
    return on_distinct_rows(_lower, k, n, check_levels(level))


def clopper_pearson_upper(successes: ArrayLike, trials: ArrayLike, level: ArrayLike) -> FloatArray:
    """Return upper bounds for probabilities: the least `p` with `P[Bin(trials, p) <= successes] <= level`.

    The mirror image of `clopper_pearson_lower`: 1 where `k = n`, rounded towards 1, same arguments and
    guarantee.
    """
    k, n = check_counts(successes, trials)
    return on_distinct_rows(_upper, k, n, check_levels(level))


def _lower(k: IntArray, n: IntArray, level: FloatArray) -> FloatArray:
    possible = (k > 0) & (level > 0.0)
    safe_k, safe_level = np.where(possible, k, 1), np.where(possible, level, 0.5)
    bound = betaincinv(safe_k, n - safe_k + 1, safe_level)
    bound = _settled(bound, betainc(safe_k, n - safe_k + 1, bound), safe_level, safe_k, n - safe_k + 1)
    bound = np.where(k == n, np.exp(np.log(safe_level) / n), bound)  # closed form: p**n = level
    return np.where(possible & (bound > 0.0), bound * (1.0 - OUTWARD), 0.0)


def _upper(k: IntArray, n: IntArray, level: FloatArray) -> FloatArray:
    possible = (k < n) & (level > 0.0)
    safe_k, safe_level = np.where(possible, k, n - 1), np.where(possible, level, 0.5)
    bound = betainccinv(safe_k + 1, n - safe_k, safe_level)
    bound = _settled(bound, betaincc(safe_k + 1, n - safe_k, bound), safe_level, safe_k + 1, n - safe_k, -1.0)
    bound = np.where(k == 0, -np.expm1(np.log(safe_level) / n), bound)  # closed form: (1 - p)**n = level
    return np.where(possible & (bound < 1.0), np.minimum(bound * (1.0 + OUTWARD), 1.0), 1.0)


def _settled(
    bound: FloatArray, tail: FloatArray, level: FloatArray, a: IntArray, b: IntArray, rising: float = 1.0
) -> FloatArray:
    """Move proposed quantiles of Beta(a, b) whose `tail` is above `level` outward by one Newton step in its logarithm.

    Both tails of a beta distribution with parameters of at least 1 are log-concave, so the logarithm lies below its
    tangent: where the tangent meets the level, the tail is no larger, whatever the proposal was. `rising`: -1 for the
    upper tail. A proposal that is not a number stays one.
    """
    with np.errstate(all="ignore"):
        log_density = xlogy(a - 1, bound) + xlog1py(b - 1, -bound) - betaln(a, b)
        excess = np.maximum(np.log(tail) - np.log(level), 0.0)
        return bound - rising * np.where(excess > 0.0, excess * np.exp(np.log(tail) - log_density), 0.0)
