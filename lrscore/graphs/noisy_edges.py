"""Sparse sampling of flipped edges: the work follows the edges and the flips, never the pairs of nodes.

Edges are kept by comparing 32 random bits each with an integer threshold, as ones of attributes are. All pairs of nodes
whose clusters have one and the same probability of a new edge are numbered in a row, and the gaps between new edges are
drawn: the number of new edges is binomial, no pair comes twice, and a new edge that lands on an old one is dropped
there, because the old ones have had their own draw. Edges come out sorted: the same noisy graph always gives the same
edge list, whichever graph it came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from lrscore.errors import SettingsError
from lrscore.graphs.input import MAX_EDGES
from lrscore.graphs.noisy_attributes import bernoulli_positions, floor_divide, merge_sorted, stayed
from lrscore.graphs.pairs import cluster_pairs, pair_numbers, pair_sizes, undirected_edges
from lrscore.noise.flips import FlipNoise


@dataclass(frozen=True)
class NoisyEdges:
    """Undirected edges of `n` nodes, laid out for repeated noisy copies on one device.

    Args:
        edges: (E,) int64 `lower * n + higher` of every edge, ascending.
        pairs_of_edges: (E,) int64 pair of clusters of every edge, see `lrscore.graphs.pairs`.
        members: (n,) int64 nodes, cluster by cluster.
        starts, counts: (J,) int64 where a cluster begins in `members`, and its number of nodes.
        sizes: (R,) pairs of nodes in every pair of clusters.
        nodes: n.
    """

    edges: torch.Tensor
    pairs_of_edges: torch.Tensor
    members: torch.Tensor
    starts: torch.Tensor
    counts: torch.Tensor
    sizes: np.ndarray
    nodes: int

    @classmethod
    def build(cls, edges: np.ndarray, clusters: np.ndarray, device: torch.device) -> NoisyEdges:
        """From edges (2, 2 E), every one in both directions, and the cluster of every node.

        Raises:
            InputError: the graph is not undirected.
        """
        clusters = clusters.astype(np.int64)
        codes, nodes = undirected_edges(edges, clusters.size), clusters.size
        counts = np.bincount(clusters)
        pairs = pair_numbers(counts.size)[clusters[codes // nodes], clusters[codes % nodes]]

        def on_device(array: np.ndarray) -> torch.Tensor:
            return torch.as_tensor(array.astype(np.int64), device=device)

        return cls(
            edges=on_device(codes),
            pairs_of_edges=on_device(pairs),
            members=on_device(np.argsort(clusters, kind="stable")),
            starts=on_device(np.cumsum(counts) - counts),
            counts=on_device(counts),
            sizes=pair_sizes(clusters),
            nodes=nodes,
        )

    def expected(self, noise: FlipNoise) -> float:
        """Most edges that a noisy copy has on average, of any group.

        Raises:
            SettingsError: more than a graph may have.
        """
        present = np.bincount(self.pairs_of_edges.cpu().numpy(), minlength=self.sizes.size)
        most = float((noise.to_one @ (self.sizes - present)).max() + self.edges.numel())
        if most > MAX_EDGES:
            raise SettingsError(
                f"flips of edges give a copy of this graph about {most:,.0f} edges, at most {MAX_EDGES:,} are sampled: "
                "lower the probabilities of new edges"
            )
        return most

    def sample(self, noise: FlipNoise, group: int, copies: int, generator: torch.Generator) -> torch.Tensor:
        """Edges of `copies` noisy versions under the noise of one group, as one disjoint union.

        Args:
            noise: probabilities (I, R) that an edge is made, and that one is removed; the group's row is drawn.
            group: output group `i`.
            copies: number of independent versions `B`.
            generator: source of randomness, on the edges' device.

        Returns:
            (2, E') int64, sorted, every edge in both directions; copy `b` has nodes `b * n` to `(b + 1) * n - 1`.
        """
        fresh = self._new(noise.to_one[group], copies, generator)
        kept = stayed(noise.to_zero[group], self.pairs_of_edges, copies, generator)
        count, square = self.edges.numel(), self.nodes**2
        copy = floor_divide(kept, count)
        kept = self.edges.index_select(0, kept - copy * count) + copy * square
        codes = merge_sorted(kept, fresh)
        first = floor_divide(codes, self.nodes)  # copy * n + lower
        offset = floor_divide(codes, square) * self.nodes
        second = codes - first * self.nodes + offset
        back = second * self.nodes + first - offset  # the other direction
        source_target = ascending(torch.cat([codes, back]))
        source = floor_divide(source_target, self.nodes)
        target = source_target - source * self.nodes + floor_divide(source, self.nodes) * self.nodes
        return torch.stack([source, target])

    def _new(self, to_one: np.ndarray, copies: int, generator: torch.Generator) -> torch.Tensor:
        """`copy * n^2 + lower * n + higher` of all new edges, ascending."""
        drawn = [torch.empty(0, dtype=torch.int64, device=self.edges.device)]
        for chance, pairs in self._alike(to_one):
            sizes = self.sizes[pairs]
            total = int(sizes.sum())
            flips = bernoulli_positions(copies * total, chance, generator)
            copy = floor_divide(flips, total)
            codes = self._node_pairs(flips - copy * total, pairs, np.cumsum(sizes))
            drawn.append((copy * self.nodes**2 + codes)[~self._is_edge(codes)])
        return ascending(torch.cat(drawn))

    def _alike(self, to_one: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
        """Probabilities above 0, and the numbers of the pairs that have each."""
        for chance in np.unique(to_one[self.sizes > 0]).tolist():
            if chance > 0:
                yield chance, np.flatnonzero((to_one == chance) & (self.sizes > 0))

    def _node_pairs(self, places: torch.Tensor, pairs: np.ndarray, ends: np.ndarray) -> torch.Tensor:
        """`lower * n + higher` of places in a row of all node pairs of some pairs of clusters, which end at `ends`.

        Two clusters: row by row. One cluster of `m` nodes: place `r m + c` is nodes `c` and `(c + r + 1) mod m`; the
        first `m (m - 1) / 2` places name every two different nodes once.
        """
        device = places.device
        limits = torch.as_tensor(ends, device=device)
        which = torch.searchsorted(limits, places, right=True)
        begins = torch.as_tensor(np.append(0, ends[:-1]), device=device)
        inside = places - begins[which]
        clusters = torch.as_tensor(cluster_pairs(self.counts.numel())[pairs], device=device)[which]
        first, second = clusters[:, 0], clusters[:, 1]
        width = self.counts[second]
        row = (inside.to(torch.float64) / width).to(torch.int64)  # exact below 2^53, see `floor_divide`
        column = inside - row * width
        own = first == second
        one = self.members[self.starts[first] + torch.where(own, column, row)]
        other = self.members[self.starts[second] + torch.where(own, (column + row + 1) % width, column)]
        return torch.minimum(one, other) * self.nodes + torch.maximum(one, other)

    def _is_edge(self, codes: torch.Tensor) -> torch.Tensor:
        """Whether node pairs `lower * n + higher` are joined in the clean graph."""
        if not self.edges.numel():
            return torch.zeros_like(codes, dtype=torch.bool)
        place = torch.searchsorted(self.edges, codes).clamp_(max=self.edges.numel() - 1)
        return self.edges[place] == codes


def ascending(numbers: torch.Tensor) -> torch.Tensor:
    """The same whole numbers in ascending order; on the processor by NumPy, whose sort is many times faster."""
    if numbers.device.type == "cpu":
        return torch.from_numpy(np.sort(numbers.numpy()))
    return numbers.sort()[0]
