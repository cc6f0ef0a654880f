"""How a graph is smoothed: clusters, their order for one another, the noise, and where a budget can be spent."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from lrscore.certificate import Certificate
from lrscore.graphs.pairs import pair_edges
from lrscore.graphs.partition import affinity, affinity_ranks
from lrscore.graphs.settings import GraphSettings
from lrscore.noise.flips import FlipNoise

BUDGET_KINDS = ("additions", "deletions", "edge additions", "edge deletions")
"""What budgets count, column by column; the last two where edges are flipped."""


class SmoothedGraph(Certificate):
    """What of a graph's certificate follows from settings, edges and clusters alone, before anything is sampled.

    A base of `GraphCertificate`, which holds the fields.

    Args:
        settings: how the graph was smoothed.
        edges: (2, E) int64.
        clusters: (n,) cluster of every node.
    """

    settings: GraphSettings
    edges: np.ndarray
    clusters: np.ndarray

    @cached_property
    def affinities(self) -> np.ndarray:
        """(J, J) number of edges between clusters."""
        return affinity(self.edges, self.clusters)

    @cached_property
    def ranks(self) -> np.ndarray:
        """(J, J) rank of cluster `j` for cluster `i`, 0 for itself."""
        return affinity_ranks(self.affinities)

    @cached_property
    def noises(self) -> tuple[FlipNoise, ...]:
        """The smoothing distribution of attributes, and of edges where they are flipped."""
        return self.settings.noises(self.ranks)

    @property
    def noise(self) -> FlipNoise:
        """The smoothing distribution of attributes."""
        return self.noises[0]

    @property
    def edge_noise(self) -> FlipNoise | None:
        """That of edges, (J, R) over pairs of clusters; None where they are not flipped."""
        return self.noises[1] if len(self.noises) > 1 else None

    @property
    def noise_levels(self) -> np.ndarray:
        """(2, I, J): flip probabilities to one and to zero on cluster `j` when predicting group `i`."""
        return np.stack([self.noise.to_one, self.noise.to_zero])

    @property
    def budget_kinds(self) -> tuple[str, ...]:
        """What the columns of budgets count."""
        return BUDGET_KINDS[: 2 * len(self.noises)]

    @cached_property
    def caps(self) -> np.ndarray | None:
        """(4, R) where edges are flipped: no attributes but in clusters, only so many edges to add and to delete."""
        if self.edge_noise is None:
            return None
        room = pair_edges(self.edges, self.clusters).astype(np.float64)
        attributes = np.zeros_like(room)
        attributes[:, : len(self.ranks)] = np.inf
        return np.concatenate([attributes, room])

    def _all_kinds(self, budgets: np.ndarray) -> np.ndarray:
        """Budgets (M, 2) of attributes alone as (M, 4) where edges are flipped."""
        if len(self.noises) == 2 and budgets.ndim == 2 and budgets.shape[1] == 2:
            return np.pad(budgets, ((0, 0), (0, 2)))
        return budgets

    def _everywhere(self, allocation: np.ndarray) -> np.ndarray:
        """Allocations (2, J) of attributes alone as (4, R) where edges are flipped."""
        if self.edge_noise is None or len(allocation) == 4:
            return allocation
        places = self.edge_noise.to_one.shape[1]
        return np.pad(allocation, ((0, 2), (0, places - allocation.shape[1])))
