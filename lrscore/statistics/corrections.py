"""Error levels per output that make all bounds of one input hold at once.

Each function answers: at which level may output `n` be bounded, so that the family's error is at most
`alpha`? Union bounds only, hence valid under any dependence between outputs (all outputs see the same noise).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincc

from lrscore.errors import InputError, SettingsError
from lrscore.statistics.arrays import FloatArray, check_counts

LARGEST_LEVEL = 0.45


def bonferroni_level(alpha: float, n_outputs: int) -> float:
    """Return `alpha / n_outputs`: with probability `1 - alpha` all `n_outputs` bounds hold."""
    check_family(alpha, n_outputs)
    return alpha / n_outputs


def count_level(alpha: float, n_outputs: int, tolerated: int) -> float:
    """Return `tolerated * alpha / n_outputs`: with probability `1 - alpha`, fewer than `tolerated` fail.

    The expected number of failing bounds is at most `tolerated * alpha`, so by Markov's inequality
    `tolerated` or more fail with probability at most `alpha` (k-FWER, Lehmann and Romano 2005). Whoever
    counts certified outputs must subtract `tolerated - 1`; single bounds carry no guarantee of their own.
    """
    check_family(alpha, n_outputs)
    if not 1 <= tolerated <= n_outputs:
        raise SettingsError(f"tolerated: expected 1 to n_outputs = {n_outputs}, got {tolerated}")
    return tolerated * alpha / n_outputs


def weighted_levels(alpha: float, weights: ArrayLike, tolerated: int = 1) -> FloatArray:
    """Return `tolerated * alpha * w_n / N`, at most 0.45, for weights (N,) with `w >= 0` and `sum w <= N`.

    With probability `1 - alpha` fewer than `tolerated` of the N bounds fail, by Markov's inequality as in
    `count_level`: it asks for the sum of the levels only. Valid only for weights that do not depend on the estimation
    samples: fix them by the pilot.
    """
    w = np.asarray(weights, dtype=np.float64)
    if w.ndim != 1 or w.size == 0:
        raise InputError(f"weights: expected one weight per output, shape (N,), got shape {w.shape}")
    check_family(alpha, w.size)
    if not np.all(np.isfinite(w)) or w.min() < 0.0:
        raise InputError("weights: expected finite numbers of at least 0")
    if w.sum() > w.size * (1.0 + 1e-14):
        raise InputError(f"weights: expected a sum of at most N = {w.size}, got {w.sum():.17g}")
    # Lowering a level keeps the sum small; no bound is worth having, nor checked, at a level near 1/2
    return np.minimum(count_level(alpha, w.size, tolerated) * w, LARGEST_LEVEL)


def weights_from_pilot(
    pilot_successes: ArrayLike, pilot_trials: ArrayLike, *, needed: float = 0.5
) -> FloatArray:
    """Return weights (N,), sum just below N, in proportion to each output's chance to be certified at all.

    The chance is the posterior probability (prior Beta(1/2, 1/2)) that the output's probability exceeds
    `needed`, given the pilot's agreements. Outputs that cannot be certified anyway thus give their share of
    `alpha` away. Any weights are valid; these only try to be useful.

    Args:
        pilot_successes: (N,) agreements with the predicted label among the pilot samples.
        pilot_trials: number of pilot samples, scalar or (N,).
        needed: probability in (0, 1) that an output must exceed to get a positive threshold.
    """
    if not 0.0 < needed < 1.0:
        raise SettingsError(f"needed: expected a probability in (0, 1), got {needed}")
    k, n = check_counts(pilot_successes, pilot_trials)
    if k.ndim != 1 or k.size == 0:
        raise InputError(f"pilot_successes: expected one count per output, shape (N,), got shape {k.shape}")
    chance = betaincc(k + 0.5, n - k + 0.5, needed)
    # A floor keeps the sum positive when every output looks hopeless; it costs the others one part in a
    # million.
    chance = np.maximum(chance, 1e-6)
    return chance * (k.size / chance.sum()) * (1.0 - 1e-12)


def check_family(alpha: float, n_outputs: int) -> None:
    """Raise `SettingsError` unless `0 < alpha < 1` and `n_outputs >= 1`."""
    if not 0.0 < alpha < 1.0:
        raise SettingsError(f"alpha: expected an error probability in (0, 1), got {alpha}")
    if n_outputs < 1:
        raise SettingsError(f"n_outputs: expected at least 1, got {n_outputs}")
