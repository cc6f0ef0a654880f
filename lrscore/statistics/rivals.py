"""Bounds on a label's rivals: the other classes, divided in two by the pilot.

Every class that is not the label lies on one of two sides, so no rival has more than the larger side. Three bounds
share the error level of an output: the label's from below, and each side's from above. The pilot divides, so that the
larger side is as small as it can be told (docs/theory.md, 3.7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from lrscore.statistics.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from lrscore.statistics.plan import ConfidencePlan

PARTS = 3
"""Bounds that share the level of an output whose label is held against its rivals."""
ROUNDING = 1e-15
"""Added to one less a lower bound; covers the subtraction."""


def divided(votes: IntArray, inside: np.ndarray) -> np.ndarray:
    """Where every class falls: 0 into the label, 1 or 2 on a side.

    Classes go, the most frequent first (of equals the lower number), to the side that has fewer votes so far.

    Args:
        votes: (N, classes) of the pilot.
        inside: (N, classes) bool, classes of the label.

    Returns:
        (N, classes) uint8.
    """
    rows = np.arange(len(votes))
    order = np.argsort(-votes, axis=1, kind="stable")
    sides = np.zeros(votes.shape, dtype=np.uint8)
    first, second = np.zeros(len(votes), dtype=np.int64), np.zeros(len(votes), dtype=np.int64)
    for place in range(votes.shape[1]):
        one = order[:, place]
        rival, number = ~inside[rows, one], votes[rows, one]
        to_first = first <= second
        sides[rows, one] = np.where(rival, np.where(to_first, 1, 2), 0)
        first += np.where(rival & to_first, number, 0)
        second += np.where(rival & ~to_first, number, 0)
    return sides


def rival_upper(plan: ConfidencePlan, sides: IntArray, trials: IntArray, levels: ArrayLike) -> FloatArray:
    """Upper bounds (N,) on the probability of every rival: the larger of the bounds on both sides.

    A side has at most `u` with the error of "everything else has at least `1 - u`", so the plan's lower bound serves.

    Args:
        sides: (N, 2) votes of the estimation samples.
        trials: (N,) numbers of samples.
        levels: error level of each of the two bounds, scalar or (N,).
    """
    rest = trials[:, None] - sides
    level = np.broadcast_to(levels, trials.shape)[:, None]
    lower = plan.bound(rest, np.broadcast_to(trials[:, None], rest.shape), level)
    return np.minimum((1.0 - lower).max(axis=1) + ROUNDING, 1.0)
