"""What an attack on a graph did, and what fresh samples say about it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


def _none() -> np.ndarray:
    return np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class GraphAttack:
    """One perturbation within the budgets, and what fresh samples say about it.

    Nodes are `changed` only where their label is established at the clean graph (they do not abstain), another class
    led in a first set of samples, and a second, disjoint set says so significantly, Bonferroni over all nodes tested.
    With probability at least `1 - error` over the samples, every node marked changed has lost its label.

    Args:
        added, deleted: (k, 2) node and attribute of every change.
        spent: (2, J) additions and deletions in every cluster; where edges are flipped (4, R), of attributes and edges
            in every pair of clusters, as in the allocations of a collective certificate.
        attacked: (n,) bool, the nodes that were counted: targets that do not abstain.
        changed: (n,) bool, attacked nodes whose label has changed.
        edges_added, edges_deleted: (k, 2) the two nodes of every edge, the lower one first.
    """

    added: np.ndarray
    deleted: np.ndarray
    spent: np.ndarray
    attacked: np.ndarray
    changed: np.ndarray
    edges_added: np.ndarray = field(default_factory=_none)
    edges_deleted: np.ndarray = field(default_factory=_none)

    @property
    def surviving(self) -> int:
        """Attacked nodes not shown to have changed: at least the certified count of the same nodes."""
        return int(self.attacked.sum() - self.changed.sum())

    @property
    def changes(self) -> tuple[int, int, int, int]:
        """How many attributes it adds and deletes, and how many edges."""
        return len(self.added), len(self.deleted), len(self.edges_added), len(self.edges_deleted)

    def to_csv(self) -> str:
        """One line `node,attribute,neighbour,value` per change: an attribute of a node, or an edge to a neighbour, the
        value 1 where it is added, 0 where deleted."""
        lines = ["node,attribute,neighbour,value"]
        for flips, value in ((self.added, 1), (self.deleted, 0)):
            lines += [f"{node},{attribute},,{value}" for node, attribute in flips.tolist()]
        for flips, value in ((self.edges_added, 1), (self.edges_deleted, 0)):
            lines += [f"{node},,{other},{value}" for node, other in flips.tolist()]
        return "\n".join(lines) + "\n"
