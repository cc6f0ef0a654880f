"""Thresholds of hard votes for Rényi divergences of any order above 1 (docs/theory.md, 2.3.4)."""

from __future__ import annotations

import numpy as np

from lrscore.errors import SettingsError

_SHARE_ROUNDING = 1e-15
"""More than a difference of two shares, halved, errs by."""


def vote_threshold(probability: np.ndarray, order: float) -> np.ndarray:
    """`D_a(Bern(1/2) || Bern(p))`: how far the noise must move, in that divergence, to take the label its majority.

    A label with vote share at least `p > 1/2` has a share of at most 1/2 after a perturbation only if the two noise
    distributions are this far apart (data processing inequality). Order 2 is `-ln(4 p (1 - p))`, order infinity
    `-ln(2 (1 - p))`.

    Args:
        probability: lower bounds in [0, 1], any shape.
        order: above 1, or `inf`.

    Returns:
        float64 of the same shape, rounded down; 0 (abstain) where the probability is 1/2 or less.
    """
    if not order > 1:
        raise SettingsError(f"order must be above 1, got {order!r}")
    p = np.asarray(probability, dtype=np.float64)
    above = p > 0.5
    p = np.minimum(np.where(above, p, 0.75), np.nextafter(1.0, 0.0))
    with np.errstate(divide="ignore"):
        rest = np.log1p(-p)
    if np.isinf(order):
        exact = -np.log(2.0) - rest
    else:
        total = np.logaddexp((1 - order) * np.log(p), (1 - order) * rest)
        exact = (total - order * np.log(2.0)) / (order - 1)
    # The logarithms cancel near p = 1/2: an absolute allowance as well as a relative one
    rounding = 1e-12 * exact + 1e-14 * (1 + 1 / (order - 1))
    return np.where(above, np.maximum(exact - rounding, 0.0), 0.0)


def share_against(probability: np.ndarray, rival: np.ndarray) -> np.ndarray:
    """Lower bound on the mean of `(1 + vote for the label - vote for a rival) / 2`, or on the label's vote share.

    The larger of the two, whichever class the rival is: the label leads wherever this stays above one half
    (docs/theory.md, 2.10).

    Args:
        probability: lower bounds `p` on the label, any shape.
        rival: upper bounds `q` on every other class, of the same shape; 1 where nothing is known.

    Returns:
        float64 of the same shape, rounded down.
    """
    p, q = np.asarray(probability, dtype=np.float64), np.asarray(rival, dtype=np.float64)
    return np.maximum(p, 0.5 * (1.0 + p - q) - _SHARE_ROUNDING)


def vote_threshold_against(probability: np.ndarray, rival: np.ndarray, order: float) -> np.ndarray:
    """How far the noise must move until some other class may have as many votes as the label (docs/theory.md, 2.10).

    With `M` the power mean of order `1 - a` of the two, `-ln(1 - p - q + 2 M)`; whatever proves more, this or
    `vote_threshold(p)`.

    Args:
        probability: lower bounds `p` on the label, any shape.
        rival: upper bounds `q` on every other class, of the same shape; 1 where nothing is known.
        order: above 1, or `inf`.

    Returns:
        float64 of the same shape, rounded down; 0 (abstain) where neither claims anything.
    """
    alone = vote_threshold(probability, order)
    p, q = np.asarray(probability, dtype=np.float64), np.asarray(rival, dtype=np.float64)
    ahead = (p > q) & (q > 0) & (p < 1) & (p + q < 1)  # else one half says as much
    p, q = np.where(ahead, p, 0.5), np.where(ahead, q, 0.25)
    if np.isinf(order):
        mean = q
    else:
        logs = np.logaddexp((1 - order) * np.log(p), (1 - order) * np.log(q)) - np.log(2.0)
        mean = np.exp(logs / (1 - order))
    exact = -np.log1p(-np.maximum(p + q - 2 * mean, 0.0))
    rounding = 1e-12 * exact + 1e-14 * (1 + 1 / (order - 1))
    return np.maximum(alone, np.where(ahead, np.maximum(exact - rounding, 0.0), 0.0))
