"""Check confidence bounds without trusting the routine that made them.

The bounds come from inverse incomplete beta functions. Here the binomial tail at a claimed bound is summed
term by term, from Loader's saddle-point form of the first term (Loader 2000, "Fast and accurate computation
of binomial probabilities"), which shares no code with them; the mixture's evidence is integrated numerically
instead of taken from its closed form. Both add their own error allowance *against* the claim.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py

from lrscore.errors import CertificateError, InputError
from lrscore.statistics.arrays import FloatArray, IntArray, check_counts, check_levels, on_distinct_rows
from lrscore.statistics.beta_mixture import LARGEST_LEVEL

EPS = float(np.finfo(float).eps)
# ln x! minus Stirling's leading terms, for x = 0 ... 15; the series takes over from there.
_SMALL_CORRECTIONS = np.array(
    [0.0]
    + [
        math.log(math.factorial(x)) - (x + 0.5) * math.log(x) + x - 0.5 * math.log(2.0 * math.pi)
        for x in range(1, 16)
    ]
)
# The quadrature covers this many standard deviations of the posterior (in the angle) on either side of its
# mode.
QUADRATURE_REACH = 16.0
QUADRATURE_POINTS = 200


def check_lower_bounds(bounds: ArrayLike, successes: ArrayLike, trials: ArrayLike, levels: ArrayLike) -> None:
    """Raise `CertificateError` unless `P[Bin(trials, bound) >= successes] <= level` for every output.

    A bound that passes is at most the exact Clopper-Pearson bound. The computed tail is enlarged by its error
    allowance (about 1e-13 relative) before it is compared, so nothing too large passes; honest bounds pass
    because `clopper_pearson_lower` rounds down by more than that. Smaller bounds than necessary pass.

    Args:
        bounds: claimed lower bounds in [0, 1), any shape; 0 always passes.
        successes, trials, levels: as in `clopper_pearson_lower`, with levels below 1/2.
    """
    k, n = check_counts(successes, trials)
    p, levels = _check_bounds(bounds), check_levels(levels, below=0.5)
    log_tail = on_distinct_rows(log_tail_at_most, k, n, p)
    with np.errstate(divide="ignore"):
        _refuse(p, (p > 0.0) & (log_tail > np.log(levels)), k, n, levels)


def check_mixture_bounds(
    bounds: ArrayLike, successes: ArrayLike, trials: ArrayLike, levels: ArrayLike
) -> None:
    """Raise `CertificateError` unless the beta-mixture evidence against "probability at most bound" reaches 1/level.

    The counterpart of `check_lower_bounds` for `mixture_lower`. The evidence is integrated over a part of its
    range (the integrand is positive, so this can only lower it) and reduced by an allowance of about 5e-11.
    """
    k, n = check_counts(successes, trials)
    p, levels = _check_bounds(bounds), check_levels(levels, below=LARGEST_LEVEL)
    log_evidence = on_distinct_rows(integrated_log_evidence, k, n, p)
    with np.errstate(divide="ignore"):
        too_large = (p > 0.0) & ((p >= k / n) | (log_evidence < -np.log(levels)))
    _refuse(p, too_large, k, n, levels)


def log_tail_at_most(k: IntArray, n: IntArray, p: FloatArray) -> FloatArray:
    """Return an upper limit of `ln P[Bin(n, p) >= k]`, tight for `p < k/n`; elementwise.

    From `p >= k/n` on, the tail is at least 1/2 (a binomial median is no smaller than floor(n p)), and 0 = ln
    1 is returned instead of a long sum.
    """
    result = np.zeros(k.shape)
    result[(k > 0) & (p == 0.0)] = -np.inf
    rows = np.flatnonzero((k > 0) & (p > 0.0) & (p < k / n))
    if rows.size == 0:
        return result
    k, n, p = k[rows], n[rows], p[rows]
    log_tail = _log_point_probability(k, n, p) + np.log(_sum_relative_to_first(k, n, p))
    allowance = 1e-13 + EPS * (2.0 * np.abs(log_tail) + 2.0 * k + 10.0 * np.sqrt(k))
    result[rows] = log_tail + allowance
    return result


def integrated_log_evidence(k: IntArray, n: IntArray, p: FloatArray) -> FloatArray:
    """Return a lower limit of the mixture's `ln M(p)` by quadrature, for `0 <= p < k/n`; elementwise.

    With `theta = sin(phi)**2` the prior Beta(1/2, 1/2) is uniform in the angle `phi`, so the evidence is the
    mean of `(theta/p)**k ((1-theta)/(1-p))**(n-k)` over angles between that of `p` and a right angle.
    """
    safe = np.clip(p, 1e-300, 1.0 - 1e-15)
    start = np.arcsin(np.sqrt(safe))
    mode, deviation = np.arcsin(np.sqrt(k / n)), 0.5 / np.sqrt(n)
    low = np.maximum(start, mode - QUADRATURE_REACH * deviation)
    high = np.minimum(0.5 * np.pi, mode + QUADRATURE_REACH * deviation)
    nodes, node_weights = np.polynomial.legendre.leggauss(QUADRATURE_POINTS)
    width = np.maximum(high - low, 0.0)
    total, peak = np.zeros(k.shape), np.full(k.shape, -np.inf)
    for node, node_weight in zip(nodes, node_weights, strict=True):
        phi = low + 0.5 * width * (node + 1.0)
        log_ratio = k * (2.0 * np.log(np.sin(phi)) - np.log(safe))
        log_ratio += 2.0 * (n - k) * np.log(np.cos(phi)) - xlog1py(n - k, -safe)
        higher = np.maximum(peak, log_ratio)
        total = total * np.exp(peak - higher) + node_weight * np.exp(log_ratio - higher)
        peak = higher
    with np.errstate(divide="ignore"):
        log_mean = peak + np.log(0.5 * width * total) - np.log(0.5 * np.pi - start)
    return np.where(k > 0, log_mean - (5e-11 + 4.0 * EPS * n), -np.inf)


def _log_point_probability(k: IntArray, n: IntArray, p: FloatArray) -> FloatArray:
    """Return `ln P[Bin(n, p) = k]` for `1 <= k <= n`: Stirling corrections and deviances, no large cancellation."""
    rest = np.maximum(n - k, 1)
    log_root = 0.5 * np.log(n / (2.0 * np.pi * k * rest))
    corrections = _stirling_correction(n) - _stirling_correction(k) - _stirling_correction(rest)
    inner = log_root + corrections - _deviance(k, n * p) - _deviance(rest, n * (1.0 - p))
    return np.where(k == n, n * np.log(p), inner)


def _stirling_correction(x: IntArray) -> FloatArray:
    small = _SMALL_CORRECTIONS[np.minimum(x, 15)]
    y = 1.0 / np.maximum(x, 15).astype(np.float64)
    z = y * y
    series = y * (
        1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * 691 / 360360))))
    )
    return np.where(x <= 15, small, series)


def _deviance(x: IntArray, mean: FloatArray) -> FloatArray:
    """Return `x ln(x / mean) + mean - x`, by its series in `(x - mean) / (x + mean)` where the terms would cancel."""
    v = (x - mean) / (x + mean)
    near = np.abs(v) < 0.1
    w = np.where(near, v, 0.0)
    series, power = (x - mean) * w, 2.0 * x * w
    for order in range(3, 41, 2):
        power = power * w * w
        series = series + power / order
    return np.where(near, series, x * np.log(x / mean) + mean - x)


def _sum_relative_to_first(k: IntArray, n: IntArray, p: FloatArray) -> FloatArray:
    """Return `P[Bin >= k] / P[Bin = k]` rounded up: terms until the geometric remainder is below 1e-17."""
    odds = p / (1.0 - p)
    total, term = np.ones(k.shape), np.ones(k.shape)
    active = np.flatnonzero(k < n)
    step = 0
    while active.size:
        ratio = (n[active] - k[active] - step) / (k[active] + step + 1.0) * odds[active]
        term[active] *= ratio
        total[active] += term[active]
        step += 1
        # Ratios fall from term to term, so what is left is less than a geometric series with the present
        # ratio.
        remainder = term[active] * ratio / np.maximum(1.0 - ratio, 1e-12)
        done = (ratio < 1.0) & (remainder < 1e-17 * total[active])
        total[active[done]] += remainder[done]
        active = active[~done]
    return total


def _check_bounds(bounds: ArrayLike) -> FloatArray:
    p = np.asarray(bounds, dtype=np.float64)
    if not np.all((p >= 0.0) & (p < 1.0)):
        raise InputError("bounds: expected probabilities in [0, 1)")
    return p


def _refuse(p: FloatArray, too_large: ArrayLike, k: IntArray, n: IntArray, levels: FloatArray) -> None:
    wrong = np.flatnonzero(np.asarray(too_large).ravel())
    if wrong.size == 0:
        return
    shape = np.broadcast_shapes(p.shape, k.shape, levels.shape)
    first = [np.broadcast_to(array, shape).ravel()[wrong[0]] for array in (p, k, n, levels)]
    raise CertificateError(
        f"lower bounds: {wrong.size} claim more than their counts prove; output {wrong[0]} claims {first[0]:.17g} "
        f"from {first[1]} of {first[2]} at level {first[3]:.3g}"
    )
