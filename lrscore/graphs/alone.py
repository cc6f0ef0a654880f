"""Nodes certified each by itself: held against its own worst allocation of whole attributes and edges."""

from __future__ import annotations

import numpy as np

from lrscore.graphs.collective import GraphBounds

MOST = 255
"""Changes of one kind up to which radii are counted."""


class Alone:
    """Shares and thresholds against the worst placement for every single group.

    The worst place for additions is the cluster whose attributes tell the group most, and the same for deletions and
    for edges: if one tells at least as much as every other, all units are worst there, whatever their number
    (docs/theory.md, 2.6). If none does, a coin that tells at least as much as all takes its place, which may certify
    less. Nor is it asked whether so many units have room there.

    Args:
        bounds: of all nodes.
    """

    def __init__(self, bounds: GraphBounds) -> None:
        self.bounds = bounds
        self._groups = bounds.groups(bounds.by_share)
        self._everywhere = self._groups.everywhere
        self._groups.prepare([self._everywhere])

    def needed(self, units: np.ndarray) -> np.ndarray:
        """(n, I) shares that survive so many units (n, K) of each kind, wherever they are spent; rounded up."""
        columns = []
        for group, row in enumerate(self._groups.rows):
            counts = np.zeros((len(units), row.kinds.size + 1), dtype=np.int64)
            for kind, spent in zip(self._groups.worst(group, self._everywhere), units.T, strict=True):
                counts[:, row.position(kind)] += spent
            columns.append(row.table.between(counts[:, :-1])[:, 1])
        return np.stack(columns, axis=1)

    def certified(self, budgets: np.ndarray) -> np.ndarray:
        """(M, n) bool: nodes that keep their label wherever so many units (M, K) of each kind are spent.

        Kinds that are left out, (M, 2) of four, are 0.
        """
        nodes = self.bounds.nodes
        whole = np.pad(budgets, ((0, 0), (0, self._groups.budgets - budgets.shape[1])))
        kept = self.bounds.by_share & (nodes.shares > self.needed(whole)[:, nodes.clusters])
        if self.bounds.shares_suffice:
            return kept
        return kept | np.array([nodes.certified_alone(*units) for units in whole.tolist()])

    def radii(self) -> np.ndarray:
        """(n, K) int64 most units of each kind alone that are certified, 0 if none."""
        nodes, columns = self.bounds.nodes, []
        for kind in range(self._groups.budgets):
            radius, standing, units = np.zeros(nodes.clusters.size, dtype=np.int64), self.bounds.by_share, 0
            while standing.any() and units < MOST:
                units += 1
                spent = np.zeros((1, self._groups.budgets), dtype=np.int64)
                spent[0, kind] = units
                needed = self.needed(spent)[0]
                standing = standing & (nodes.shares > needed[nodes.clusters])
                radius[standing] = units
            columns.append(radius)
        radii = np.stack(columns, axis=1)
        return radii if self.bounds.shares_suffice else np.maximum(radii, nodes.radii())
