"""What the nodes of one group withstand: a needed share, and where two bounds hold together, a cost as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.graphs.neyman_pearson.bit_kinds import Coin
from lrscore.noise.flips import RESOLUTION, flip_weights

_ROUNDING = 1e-12  # of costs, which are sums of products
_AT_ONCE = 1 << 22


@dataclass(frozen=True, eq=False)
class Thresholds:
    """Rényi thresholds of all nodes, which hold together with their shares (docs/theory.md, 2.6).

    Args:
        values: (n,) what every node withstands; 0 or less where it claims nothing.
        orders: (n,) position in `known` of the order that its threshold is of.
        known: the orders.
    """

    values: np.ndarray
    orders: np.ndarray
    known: tuple[float, ...]

    def costs(self, coins: list[Coin]) -> np.ndarray:
        """(T, A) cost of one bit of every kind in every order; rounded up."""
        corners = np.array(coins, dtype=np.float64).reshape(-1, 2) / RESOLUTION
        by_order = [flip_weights(corners[:, 0], 1 - corners[:, 1], order)[0] for order in self.known]
        return np.stack(by_order, axis=1)


class Withstood:
    """The counted nodes of one group: a node falls when its share and its threshold (if there is one) let it fall.

    Args:
        shares: (m,) lower bounds on vote shares or mean scores.
        thresholds: (m,) beside them, or None.
        orders: (m,) the order of every threshold, or None.
    """

    def __init__(
        self, shares: np.ndarray, thresholds: np.ndarray | None = None, orders: np.ndarray | None = None
    ) -> None:
        order = np.argsort(shares, kind="stable")
        self.shares = shares[order]
        self._thresholds = None if thresholds is None else thresholds[order]
        self._orders = None if orders is None else orders[order]

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return self.shares.size

    def fallen(self, needed: np.ndarray, costs: np.ndarray | None) -> np.ndarray:
        """(n, 2) nodes that fall, at least and at most.

        Args:
            needed: (n, 2) lower and upper bounds on the share that is needed.
            costs: (n, A) cost of the perturbation in every order; read only where there are thresholds.
        """
        by_share = self.shares.searchsorted(needed, side="right")
        if self._thresholds is None or self._orders is None or not by_share.any():
            return by_share
        assert costs is not None
        seen, places = np.unique(np.column_stack([by_share, costs]), axis=0, return_inverse=True)
        result = np.zeros((len(seen), 2), dtype=np.int64)
        numbers = np.arange(self.size)
        step = max(1, _AT_ONCE // self.size)
        for start in range(0, len(seen), step):
            some = seen[start : start + step]
            own = some[:, 2 + self._orders]  # (s, m)
            for side, factor in enumerate((1 - _ROUNDING, 1 + _ROUNDING)):
                reached = self._thresholds <= own * factor
                result[start : start + step, side] = (reached & (numbers < some[:, side, None])).sum(axis=1)
        return result[places.ravel()]
