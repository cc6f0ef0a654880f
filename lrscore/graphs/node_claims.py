"""What every node of a sampled graph withstands: bounds from the counts, thresholds, radii."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from lrscore.graphs.alone import Alone
from lrscore.graphs.bounds import NodeBounds, halves, soft_bounds, vote_bounds
from lrscore.graphs.collective import GraphBounds
from lrscore.graphs.counts import GraphCounts
from lrscore.graphs.smoothed_graph import SmoothedGraph


class NodeClaims(SmoothedGraph):
    """What follows from the counts, node by node. A base of `GraphCertificate`, which holds the fields.

    Args:
        pilot_scores: (n, classes) float32.
        pilot, counts: counts of the label's scores in the pilot and in the estimation samples.
    """

    pilot_scores: np.ndarray
    pilot: np.ndarray
    counts: np.ndarray

    @property
    def nodes(self) -> int:
        """Number of nodes `N`."""
        return self.labels.size

    @property
    def counted(self) -> GraphCounts:
        """What was counted, and how: all that the bounds read."""
        return GraphCounts(
            settings=self.settings,
            plan=self.plan,
            clusters=self.clusters,
            labels=self.labels,
            pilot_scores=self.pilot_scores,
            pilot=self.pilot,
            counts=self.counts,
            trials=self.trials,
            chosen=self.chosen,
        )

    @cached_property
    def bounds(self) -> NodeBounds:
        """Everything derived per node: bounds, thresholds, rows of the weight matrices."""
        bounds = vote_bounds if self.settings.scores == "votes" else soft_bounds
        return bounds(self.counted, *self.noises)

    @cached_property
    def exact_bounds(self) -> GraphBounds:
        """What exact counts rest on. Votes: the vote shares. Soft scores: bounds on means and thresholds, made anew at
        half the error level each, so that both hold together at the plan's confidence."""
        votes = self.settings.scores == "votes"
        suffice = votes and not self.settings.runner_up
        nodes = self.bounds if votes else halves(self.counted, self.bounds, *self.noises)
        return GraphBounds(self.noises, nodes, shares_suffice=suffice, caps=self.caps)

    @cached_property
    def _alone(self) -> Alone:
        return Alone(self.exact_bounds)

    def spared(self, allocation: np.ndarray) -> np.ndarray:
        """(n,) bool: nodes that provably keep their label under one allocation (K, P) of whole units.

        (2, J) additions and deletions, or (4, R) where edges are flipped: the first J columns of attributes, and edges
        added and deleted in every pair of clusters.

        Under the count-level correction all but `k - 1` of them do.
        """
        return self.exact_bounds.spared(self._everywhere(allocation))

    def needed(self, allocation: np.ndarray) -> np.ndarray:
        """(n,) vote shares (or mean scores) above which labels survive one allocation (K, P), whatever the model."""
        return self.exact_bounds.needed(self._everywhere(allocation))

    @property
    def probabilities(self) -> np.ndarray:
        """(n,) simultaneous lower bounds, at the plan's confidence: on the label's vote share, its mean score, or
        (margins) the smallest mean of `(1 + score - other class's score) / 2`. For soft scores they are a statement of
        their own, made beside the thresholds; only "exact" uses both, see `exact_bounds`."""
        return self.bounds.probabilities

    @property
    def thresholds(self) -> np.ndarray:
        """(n,) weighted budget every node withstands, in the divergence of its group's row; 0 where it abstains."""
        return self.bounds.thresholds

    @property
    def groups(self) -> np.ndarray:
        """(n,) row of the weight matrices that holds for a node: its cluster, or for votes a (cluster, order) pair."""
        return self.bounds.groups

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """Costs of one addition and of one deletion in cluster `j` against row `g`, (G, J) each.

        Where edges are flipped, (G, R): then costs of one edge added and of one deleted in every pair of clusters, and
        columns of 0 for attributes after the first J, where there are none.
        """
        return self.bounds.weights

    @property
    def attribute_weights(self) -> tuple[np.ndarray, np.ndarray]:
        """(G, J) the weights of additions and of deletions of attributes."""
        additions, deletions = (weights[:, : len(self.ranks)] for weights in self.weights[:2])
        return additions, deletions

    @cached_property
    def radii(self) -> np.ndarray:
        """(n, K) int64: units of each kind of budget alone that a node withstands wherever they are spent: additions,
        deletions, and where edges are flipped, edges added and edges deleted.

        0 where not even one is certified; see `abstained` for nodes that claim nothing at all. Counted up to 255.
        """
        return self._alone.radii()

    def certified_mask(self, *units: int) -> np.ndarray:
        """(n,) bool: nodes that each by itself keep their label under that many units of each kind of budget.

        Additions and deletions, and where edges are flipped, edges added and deleted; those left out are 0.

        Each is held against its own worst allocation, by the bounds of the exact certificate. Under the count-level
        correction, as for `radii`, all but `k - 1` of the nodes do.
        """
        return self.certified_masks(np.array([units], dtype=np.int64))[0]

    def certified_masks(self, budgets: np.ndarray) -> np.ndarray:
        """(M, n) bool: the same at many whole budgets (M, 2) of additions and deletions, or (M, 4)."""
        return self._alone.certified(budgets)
