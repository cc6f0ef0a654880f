"""Edges that an attack might add: nodes that are nearly lost, joined to nodes that speak for another class."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from lrscore.graphs.attack.changes import effort
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.pairs import pair_numbers
from lrscore.statistics.overtaking import strongest_rival

_MOST_REACHED = 1 << 26
_LEAST, _PER_EDGE = 48, 4
_NEIGHBOURS = 0.25  # what a neighbour that is nearly lost counts, beside the node itself


def adjacency(codes: np.ndarray, nodes: int) -> sparse.csr_array:
    """(n, n) of undirected edges `lower * n + higher`, both directions."""
    first, second = np.divmod(codes, nodes)
    ends = np.concatenate([first, second]), np.concatenate([second, first])
    return sparse.csr_array((np.ones(ends[0].size), ends), shape=(nodes, nodes))


def neighbourhoods(codes: np.ndarray, nodes: int) -> sparse.csr_array:
    """(n, n) which nodes lie within two edges of a node, itself included; within one where hubs make that too many."""
    step = sparse.csr_array(sparse.eye_array(nodes)) + adjacency(codes, nodes)
    many = float((step.sum(axis=1) ** 2).sum()) > _MOST_REACHED
    reached = step if many else step @ step
    return sparse.csr_array((reached > 0).astype(np.float64))


def offer_edges(
    certificate: GraphCertificate, codes: np.ndarray, margins: np.ndarray, aimed: np.ndarray, wanted: int
) -> np.ndarray:
    """(c,) int64 `lower * n + higher` of pairs to try; no node is in two of them, so that each is told apart.

    Every node is worth the effort for itself and its neighbours; the dearest ones are joined to nodes that speak for
    the class that is strongest against them, have few edges, and little noise between the two.

    Args:
        codes: edges as they are now.
        margins: (n,) smoothed margins.
        aimed: (n,) bool, nodes that are attacked.
        wanted: edges that may still be added.
    """
    assert certificate.edge_noise is not None
    nodes, clusters = certificate.nodes, certificate.clusters
    joined = adjacency(codes, nodes)
    degree = joined.sum(axis=1) + 1.0
    scale = 1 / np.sqrt(degree)
    care = effort(margins) * aimed
    worth = scale * (care + _NEIGHBOURS * (joined @ (scale * care)))
    victims = np.argsort(-worth, kind="stable")[: _LEAST + _PER_EDGE * wanted]
    rival = strongest_rival(certificate.pilot_scores, certificate.labels)
    scores = certificate.pilot_scores.astype(np.float64)
    numbers, free = pair_numbers(len(certificate.ranks)), np.ones(nodes, dtype=bool)
    offered = []
    for victim in victims.tolist():
        if not free[victim] or worth[victim] <= 0:
            continue
        group = clusters[victim]
        left = 1 - certificate.edge_noise.to_zero[group, numbers[group, clusters]]
        against = 1 + scores[:, rival[victim]] - scores[:, certificate.labels[victim]]
        suits = free.copy()
        suits[victim] = False
        suits[joined.indices[joined.indptr[victim] : joined.indptr[victim + 1]]] = False
        if suits.any():
            partner = int(np.where(suits, against * scale * left, -1.0).argmax())
            free[[victim, partner]] = False
            offered.append(min(victim, partner) * nodes + max(victim, partner))
    return np.sort(np.array(offered, dtype=np.int64))
