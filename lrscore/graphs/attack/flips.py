"""The graph as it is after the flips chosen so far, within the budgets."""

from __future__ import annotations

import numpy as np

from lrscore.graphs.attack.result import GraphAttack
from lrscore.graphs.attack.settings import GraphAttackSettings
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.input import GraphInput
from lrscore.graphs.pairs import pair_numbers, undirected_edges


class Flips:
    """Attributes and edges of the attacked graph.

    Every change is counted against the clean graph, so a pair of clusters has never more of them than it has room.

    Args:
        given: the clean graph.
        certificate: clusters, and whether edges are flipped.
        settings: the budgets.
    """

    def __init__(
        self, given: GraphInput, certificate: GraphCertificate, settings: GraphAttackSettings
    ) -> None:
        self.given, self.clusters = given, certificate.clusters
        self.flips_edges = certificate.edge_noise is not None
        self.left = list(settings.budgets)
        self.clean = np.zeros(given.shape, dtype=bool)
        self.clean[given.rows, given.columns] = True
        self.now = self.clean.copy()
        self.clean_edges = (
            undirected_edges(given.edges, given.shape[0]) if self.flips_edges else np.empty(0, dtype=np.int64)
        )
        self.edges = self.clean_edges
        """(E,) int64 `lower * n + higher` of every edge now, ascending; empty where edges are not flipped."""

    def graph(self, more: np.ndarray | None = None) -> GraphInput:
        """The attacked graph, with more edges (`lower * n + higher`) for a trial."""
        rows, columns = np.nonzero(self.now)
        edges = self.given.edges
        if self.flips_edges and (more is not None or not np.array_equal(self.edges, self.clean_edges)):
            ends = np.stack(np.divmod(self.with_edges(more), self.given.shape[0]))
            edges = np.concatenate([ends, ends[::-1]], axis=1)
        return GraphInput(rows.astype(np.int64), columns.astype(np.int64), edges, self.given.shape)

    def with_edges(self, more: np.ndarray | None) -> np.ndarray:
        """(E',) int64, ascending: the edges as they are now, and more of them."""
        return self.edges if more is None else np.union1d(self.edges, more)

    def flip_attributes(self, change: np.ndarray, rounds: int) -> None:
        """Make this round's share of the flips where `change` (n, d) of the margins is lowest."""
        for kind, mine in enumerate((~self.clean & ~self.now, self.clean & self.now)):
            values = np.where(mine, change, np.inf).ravel()
            best = self._lowest(kind, values, rounds)
            self.now.ravel()[best] ^= True

    def delete_edges(self, change: np.ndarray, rounds: int) -> None:
        """Delete this round's share of the clean edges, where `change` (E,) of the margins is lowest, for `edges`."""
        values = np.where(np.isin(self.edges, self.clean_edges), change, np.inf)
        self.edges = np.delete(self.edges, self._lowest(3, values, rounds))

    def add_edges(self, offered: np.ndarray, change: np.ndarray, rounds: int) -> None:
        """Add this round's share of the edges on offer (c,), where `change` (c,) of the margins is lowest."""
        best = self._lowest(2, change, rounds)
        self.edges = np.union1d(self.edges, offered[best])

    def may_join(self, codes: np.ndarray) -> np.ndarray:
        """Whether pairs of nodes are without an edge, now and in the clean graph."""
        return ~np.isin(codes, self.clean_edges) & ~np.isin(codes, self.edges)

    def attack(self, attacked: np.ndarray) -> GraphAttack:
        """What was flipped; nothing is shown to have changed yet."""
        added, deleted = np.argwhere(self.now & ~self.clean), np.argwhere(self.clean & ~self.now)
        size, nodes = int(self.clusters.max()) + 1, self.given.shape[0]
        spent = np.stack(
            [np.bincount(self.clusters[flips[:, 0]], minlength=size) for flips in (added, deleted)]
        )
        fresh = np.setdiff1d(self.edges, self.clean_edges)
        gone = np.setdiff1d(self.clean_edges, self.edges)
        ends = [np.stack(np.divmod(codes, nodes), axis=1) for codes in (fresh, gone)]
        if self.flips_edges:
            numbers = pair_numbers(size)
            rows = [
                np.bincount(
                    numbers[self.clusters[pair[:, 0]], self.clusters[pair[:, 1]]], minlength=numbers.max() + 1
                )
                for pair in ends
            ]
            spent = np.concatenate([np.pad(spent, ((0, 0), (0, rows[0].size - size))), np.stack(rows)])
        return GraphAttack(added, deleted, spent, attacked, np.zeros_like(attacked), *ends)

    def _lowest(self, kind: int, values: np.ndarray, rounds: int) -> np.ndarray:
        """Places of the lowest values, as many as this round may flip of a kind of budget."""
        best = np.argsort(values, kind="stable")[: -(-self.left[kind] // rounds)]
        best = best[np.isfinite(values[best])]
        self.left[kind] -= best.size
        return best
