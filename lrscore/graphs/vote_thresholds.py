"""Thresholds of hard votes for Rényi divergences of any order above 1 (docs/theory.md, 2.3.4)."""

from __future__ import annotations

import numpy as np

from lrscore.errors import SettingsError


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
