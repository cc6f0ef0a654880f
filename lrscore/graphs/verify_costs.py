"""Rényi costs beside exact shares, for `verify` only: what whole units cost at most, and who is above it.

Weights are those of the file, which are held against the noise elsewhere. Costs are sums of integers, rounded up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

_SCALE = 1 << 80
_HUGE = 1e12
"""Weights from here on count as infinite."""

Units = tuple[int, ...]


class CostClaim:
    """Thresholds of all nodes that hold together with their shares, and what units cost against them.

    Args:
        weights: (K, G, P) cost of one unit of every kind in every place, against every row.
        thresholds: (n,) what the nodes withstand.
        rows: (n,) row of the weights that a node's threshold belongs to.
        room: for every place, most units of every kind that can be spent there.
    """

    def __init__(
        self,
        weights: np.ndarray,
        thresholds: np.ndarray,
        rows: np.ndarray,
        room: Sequence[Sequence[float]],
    ) -> None:
        self.thresholds, self.rows, self._room = thresholds, rows, room
        self._prices = [[[_scaled(one) for one in places] for places in kind] for kind in weights.tolist()]

    def spent(self, row: int, shares: Iterable[tuple[int, Units]]) -> float:
        """Cost of (place, units) pairs in units of 2^-80; infinite where nothing is guaranteed."""
        return sum(
            count * kind[row][place]
            for place, units in shares
            for kind, count in zip(self._prices, units, strict=True)
            if count
        )

    def dearest(self, row: int, places: Sequence[int], units: Units) -> float:
        """Most that units cost wherever they are spent in some places."""
        total: float = 0
        for number, (kind, count) in enumerate(zip(self._prices, units, strict=True)):
            if count:
                total += count * max(
                    (kind[row][place] for place in places if self._room[place][number] > 0), default=0
                )
        return total

    def reached(self, nodes: np.ndarray, costs: dict[int, float]) -> int:
        """How many of these nodes (m,) are not surely above the cost of their row."""
        rows = self.rows[nodes]
        bars = np.zeros(nodes.size)
        for row, cost in costs.items():
            bars[rows == row] = cost if math.isinf(cost) else math.nextafter(cost / _SCALE, math.inf)
        return int(nodes.size - (self.thresholds[nodes] > bars).sum())


def _scaled(weight: float) -> float:
    """A weight in units of 2^-80, rounded up: an integer, or infinity."""
    if not weight < _HUGE:
        return math.inf
    above, below = max(weight, 0.0).as_integer_ratio()
    return -(-above * _SCALE // below)
