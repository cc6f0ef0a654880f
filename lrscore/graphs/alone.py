"""Nodes certified each by itself: held against its own worst allocation of whole attributes."""

from __future__ import annotations

import numpy as np

from lrscore.graphs.collective import GraphBounds
from lrscore.graphs.neyman_pearson.attacked import Groups

MOST = 255
"""Changes of one kind up to which radii are counted."""


class Alone:
    """Shares and thresholds against the worst placement for every single group.

    The worst place for additions is the cluster whose attributes tell the group most, and the same for deletions: if
    one tells at least as much as every other, all units are worst there, whatever their number (docs/theory.md, 2.6).
    If none does, a coin that tells at least as much as all takes its place, which may certify less.

    Args:
        bounds: of all nodes.
    """

    def __init__(self, bounds: GraphBounds) -> None:
        self.bounds = bounds
        self._groups = Groups(
            bounds.noise, bounds.nodes.probabilities, bounds.nodes.clusters, bounds.by_share
        )
        self._everywhere = frozenset(range(self._groups.clusters))
        self._groups.prepare([self._everywhere])

    def needed(self, additions: np.ndarray, deletions: np.ndarray) -> np.ndarray:
        """(n, I) shares that survive so many changes (n,) of each kind, wherever they are made; rounded up."""
        columns = []
        for group, row in enumerate(self._groups.rows):
            counts = np.zeros((len(additions), row.kinds.size + 1), dtype=np.int64)
            for kind, units in zip(
                self._groups.worst(group, self._everywhere), (additions, deletions), strict=True
            ):
                counts[:, row.position(kind)] += units
            columns.append(row.table.between(counts[:, :-1])[:, 1])
        return np.stack(columns, axis=1)

    def certified(self, budgets: np.ndarray) -> np.ndarray:
        """(M, n) bool: nodes that keep their label wherever so many changes (M, 2) are made."""
        nodes = self.bounds.nodes
        needed = self.needed(budgets[:, 0], budgets[:, 1])[:, nodes.clusters]
        kept = self.bounds.by_share & (nodes.probabilities > needed)
        if self.bounds.shares_suffice:
            return kept
        return kept | np.array([nodes.certified_alone(adds, deletes) for adds, deletes in budgets.tolist()])

    def radii(self) -> np.ndarray:
        """(n, 2) int64 largest additions alone and deletions alone that are certified, 0 if none."""
        nodes, columns = self.bounds.nodes, []
        for kind in range(2):
            radius, standing, units = np.zeros(nodes.clusters.size, dtype=np.int64), self.bounds.by_share, 0
            while standing.any() and units < MOST:
                units += 1
                spent = np.array([units]), np.zeros(1, dtype=np.int64)
                needed = self.needed(*spent[:: 1 - 2 * kind])[0]
                standing = standing & (nodes.probabilities > needed[nodes.clusters])
                radius[standing] = units
            columns.append(radius)
        radii = np.stack(columns, axis=1)
        return radii if self.bounds.shares_suffice else np.maximum(radii, nodes.radii())
