"""Soft-score thresholds by testing `eta` itself: a betting test over histogram bins, inverted in `eta`.

With `D = X - 1/2` and `c = sqrt(1 - exp(-eta))`, "the true threshold is at most eta" means `E D <= c sqrt(E
D**2)`. For every `a > 0` then `Y = D - (c a / 2) D**2 - c / (2 a)` has mean at most 0 (arithmetic-geometric
mean), so `prod(1 + bet * Y_i)` over independent samples has mean at most 1 as long as no factor can be
negative. By Markov's inequality (Ville's, for growing samples) it reaches `1 / level` with probability at
most `level`. Proof: docs/theory.md, 3.3.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrscore.errors import CertificateError, InputError
from lrscore.statistics.arrays import FloatArray, IntArray
from lrscore.statistics.dkw import check_sampled
from lrscore.statistics.score_histogram import ScoreHistogram

# Weight of the bet that the pilot suggests; the rest is put on half of it, against pilots that missed rare
# low scores.
MAIN_WEIGHT = 0.8
# Bets stay below the largest admissible one, which keeps every factor above 0.001.
LARGEST_BET = 0.999
BISECTIONS = 34
OUTPUTS_AT_ONCE = 2048


@dataclass(frozen=True)
class Bets:
    """The test's parameters per output, a function of pilot, sample size and level only: leading shapes.

    Attributes:
        tangent: `a > 0`, where `Y` touches the null hypothesis; best near `1 / sqrt(E D**2)`.
        stake: the larger of the two bets; the other is half of it.
    """

    tangent: FloatArray
    stake: FloatArray


def soft_threshold_direct(
    histogram: ScoreHistogram,
    pilot: ScoreHistogram,
    level: ArrayLike,
    *,
    planned_samples: ArrayLike | None = None,
) -> FloatArray:
    """Return lower bounds for `eta = ln(1 + (mu - 1/2)**2 / variance)` by testing `eta` directly. The default.

    Guarantee: each bound exceeds the true `eta` with probability at most `level`, whatever the pilot says. If
    `planned_samples` is fixed in advance, the bounds at all sample sizes hold together with that probability,
    so sampling may stop at any time and the running maximum is a bound too.

    Args:
        histogram: scores of the predicted class (or unit margins), any leading shape.
        pilot: scores of the *pilot* samples, independent of `histogram`, same shape, at least one sample.
        level: error levels in (0, 1), broadcast against the leading shape.
        planned_samples: sample size the bets are tuned for; default: the histogram's own, for one look only.

    Returns:
        float64 of the leading shape, at least 0; 0 means abstain. Rounded down.
    """
    levels, bets = _prepared(histogram, pilot, level, planned_samples)
    counts = histogram.counts.reshape(-1, histogram.bins)
    columns = [np.ravel(column) for column in (bets.tangent, bets.stake, -np.log(levels))]
    pieces = [
        _largest_rejected(counts[start:stop], histogram.edges, *(column[start:stop] for column in columns))
        for start in range(0, counts.shape[0], OUTPUTS_AT_ONCE)
        for stop in [start + OUTPUTS_AT_ONCE]
    ]
    cosine = np.concatenate([np.zeros(0), *pieces]).reshape(levels.shape)
    return -np.log1p(-(cosine**2)) * (1.0 - 1e-12)


def bets_from_pilot(pilot: ScoreHistogram, levels: FloatArray, planned_samples: ArrayLike) -> Bets:
    """Return the bets that the pilot suggests for `planned_samples` estimation samples, leading shapes.

    Any positive tangent and any stake below the limit is valid. The tangent is the best one for the pilot's
    second moment; the stake `sqrt(2 ln(1/level) / (n Var Y))` maximises the expected log growth to second
    order where the test just rejects.
    """
    if pilot.samples.size and pilot.samples.min() < 1:
        raise InputError("pilot: expected at least one sample for every output")
    planned = np.asarray(planned_samples, dtype=np.float64)
    if planned.size and planned.min() < 1:
        raise InputError(f"planned_samples: expected at least 1, got {planned.min():g}")
    frequency = pilot.counts / pilot.samples[..., None]
    distance = pilot.edges[:-1] + 0.5 / pilot.bins - 0.5
    second_moment = frequency @ distance**2
    tangent = 1.0 / np.sqrt(second_moment)
    cosine = np.clip(frequency @ distance * tangent, 0.0, 1.0)[..., None]
    gains = distance - cosine * (0.5 * tangent[..., None] * distance**2 + 0.5 / tangent[..., None])
    mean = (frequency * gains).sum(axis=-1)
    variance = (frequency * gains**2).sum(axis=-1) - mean**2
    # A pilot without spread must not suggest an endless stake; the limit below takes over long before.
    stake = np.sqrt(-2.0 * np.log(levels) / (planned * np.maximum(variance, 1e-9)))
    limit = LARGEST_BET / (0.5 + tangent / 8.0 + 0.5 / tangent)  # 1 / |min Y|, at D = -1/2 and c = 1
    return Bets(tangent, np.minimum(stake, limit))


def check_soft_thresholds_direct(
    thresholds: ArrayLike,
    histogram: ScoreHistogram,
    pilot: ScoreHistogram,
    level: ArrayLike,
    *,
    planned_samples: ArrayLike | None = None,
) -> None:
    """Raise `CertificateError` unless the test rejects every claimed threshold; arguments as in the bound.

    Evaluates the evidence at the claims themselves, in extended precision where the machine has it, without
    root finding. 0 always passes. Tolerance: half of the slack that `soft_threshold_direct` keeps (1e-8 in
    the logarithm), against the claim.
    """
    levels, bets = _prepared(histogram, pilot, level, planned_samples)
    claims = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), levels.shape)
    if not np.all(claims >= 0.0) or not np.all(np.isfinite(claims)):
        raise InputError("thresholds: expected finite numbers of at least 0")
    counts = histogram.counts.reshape(-1, histogram.bins)
    columns = [np.ravel(column) for column in (claims, bets.tangent, bets.stake, np.log(levels))]
    for start in range(0, counts.shape[0], OUTPUTS_AT_ONCE):
        rows = slice(start, start + OUTPUTS_AT_ONCE)
        eta, tangent, stake, log_level = (column[rows] for column in columns)
        cosine = np.sqrt(-np.expm1(-eta.astype(np.longdouble)))
        evidence = _evidence_in_long_precision(counts[rows], histogram.edges, cosine, tangent, stake)
        unproven = (eta > 0.0) & ~(evidence + log_level >= 0.5 * _slack(counts[rows].sum(axis=1)))
        if np.any(unproven):
            worst = int(np.argmax(unproven))
            raise CertificateError(
                f"soft thresholds: output {start + worst} claims {eta[worst]:.17g}, more than its histogram proves"
            )


def _prepared(
    histogram: ScoreHistogram, pilot: ScoreHistogram, level: ArrayLike, planned_samples: ArrayLike | None
) -> tuple[FloatArray, Bets]:
    levels = check_sampled(histogram, level)
    if pilot.counts.shape != histogram.counts.shape:
        shapes = f"{histogram.counts.shape}, got {pilot.counts.shape}"
        raise InputError(f"pilot: expected counts of shape {shapes}")
    planned = histogram.samples if planned_samples is None else planned_samples
    return levels, bets_from_pilot(pilot, levels, planned)


def _largest_rejected(
    counts: IntArray, edges: FloatArray, tangent: FloatArray, stake: FloatArray, needed: FloatArray
) -> FloatArray:
    """Return the largest `c` (rows,) found at which the test rejects, by bisection in [0, 1); 0 where none is.

    The evidence falls with `c` (each factor does), so all smaller thresholds are rejected too. The lower end
    of the bracket is rejected at every step, hence the result claims nothing unproven.
    """
    target = needed + _slack(counts.sum(axis=1))
    low, high = np.zeros(counts.shape[0]), np.ones(counts.shape[0])
    distance = edges - 0.5
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        touch = 0.5 * tangent[:, None] * distance**2 + 0.5 / tangent[:, None]
        at_edges = stake[:, None] * (distance - middle[:, None] * touch)
        # Concave in the score: over a bin the smallest value is at one of its ends.
        worst = np.minimum(at_edges[:, 1:], at_edges[:, :-1])
        main, half = (counts * np.log1p(worst)).sum(axis=1), (counts * np.log1p(0.5 * worst)).sum(axis=1)
        evidence = np.logaddexp(main + math.log(MAIN_WEIGHT), half + math.log1p(-MAIN_WEIGHT))
        rejected = evidence >= target
        low, high = np.where(rejected, middle, low), np.where(rejected, high, middle)
    return low


def _evidence_in_long_precision(
    counts: IntArray,
    edges: FloatArray,
    cosine: NDArray[np.longdouble],
    tangent: FloatArray,
    stake: FloatArray,
) -> NDArray[np.longdouble]:
    """Return `ln(sum of weight * prod(1 + bet * Y))` (rows,) over both bets, only over bins that hold samples."""
    row, column = np.nonzero(counts)
    left, right = edges[column].astype(np.longdouble) - 0.5, edges[column + 1].astype(np.longdouble) - 0.5
    slope = tangent.astype(np.longdouble)[row]
    gains = [d - cosine[row] * (slope * d * d / 2 + 1 / (2 * slope)) for d in (left, right)]
    worst = stake[row] * np.minimum(*gains)
    totals = []
    for share, weight in ((1.0, MAIN_WEIGHT), (0.5, 1.0 - MAIN_WEIGHT)):
        logs = np.zeros(counts.shape, dtype=np.longdouble)
        logs[row, column] = counts[row, column] * np.log1p(share * worst)
        totals.append(logs.sum(axis=1) + np.log(np.longdouble(weight)))
    return np.logaddexp(*totals)


def _slack(samples: ArrayLike) -> FloatArray:
    """Return the outward allowance in the log evidence: rounding moves each factor by less than 1e-12."""
    return 1e-8 + 1e-12 * np.asarray(samples, dtype=np.float64)
