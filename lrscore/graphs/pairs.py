"""Pairs of clusters: the regions in which edges are added and deleted (docs/theory.md, 2.11).

An edge joins two nodes, so it lies in the unordered pair of their clusters, which may be one cluster twice. Pairs are
numbered with the `J` own ones first, `(0, 0), (1, 1), ...`, then `(0, 1), (0, 2), ..., (1, 2), ...`.
"""

from __future__ import annotations

import numpy as np

from lrscore.errors import InputError

MOST_CLUSTERS = 64
"""With flips of edges: 2,080 pairs."""


def cluster_pairs(clusters: int) -> np.ndarray:
    """(R, 2) int64 the two clusters of every pair, the lower one first; `R = J (J + 1) / 2`."""
    own = np.repeat(np.arange(clusters), 2).reshape(-1, 2)
    return np.concatenate([own, np.stack(np.triu_indices(clusters, 1), axis=1)]).astype(np.int64)


def pair_numbers(clusters: int) -> np.ndarray:
    """(J, J) int64 number of every pair of clusters, in either order."""
    pairs = cluster_pairs(clusters)
    numbers = np.empty((clusters, clusters), dtype=np.int64)
    numbers[pairs[:, 0], pairs[:, 1]] = numbers[pairs[:, 1], pairs[:, 0]] = np.arange(len(pairs))
    return numbers


def pair_ranks(ranks: np.ndarray) -> np.ndarray:
    """(J, R) float64 rank of every pair for group `i`: the mean of the ranks (J, J) of its two clusters.

    0 for edges inside the group's own cluster, `J - 1` at most.
    """
    pairs = cluster_pairs(len(ranks))
    return (ranks[:, pairs[:, 0]] + ranks[:, pairs[:, 1]]) / 2


def undirected_edges(edges: np.ndarray, nodes: int) -> np.ndarray:
    """(E,) int64 `lower * nodes + higher` of every undirected edge, ascending.

    Args:
        edges: (2, 2 E), every edge in both directions, once each; no self-loops.

    Raises:
        InputError: another form: flips would mean something else to the model than to the certificate.
    """
    sources, targets = np.asarray(edges, dtype=np.int64)
    codes = np.sort(sources * nodes + targets)
    back = np.sort(targets * nodes + sources)
    wrong = (
        "self-loops"
        if (sources == targets).any()
        else "repeated edges"
        if (codes[1:] == codes[:-1]).any()
        else "edges in one direction only"
        if not np.array_equal(codes, back)
        else ""
    )
    if wrong:
        raise InputError(
            f"flips of edges need an undirected graph, every edge in both directions; edge_index has {wrong}"
        )
    return codes[codes // max(nodes, 1) < codes % max(nodes, 1)]


def pair_edges(edges: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """(2, R) int64 in every pair: node pairs without an edge, and with one; as many can be added and deleted at most.

    Args:
        edges: as in `undirected_edges`.
        clusters: (n,) cluster of every node.
    """
    size = int(clusters.max()) + 1
    codes = undirected_edges(edges, clusters.size)
    ends = clusters[codes // clusters.size], clusters[codes % clusters.size]
    present = np.bincount(pair_numbers(size)[ends], minlength=size * (size + 1) // 2)
    return np.stack([pair_sizes(clusters) - present, present])


def pair_sizes(clusters: np.ndarray) -> np.ndarray:
    """(R,) int64 number of node pairs, of two different nodes each, in every pair of clusters."""
    members = np.bincount(clusters).astype(np.int64)
    first, second = cluster_pairs(members.size).T
    return np.where(
        first == second, members[first] * (members[first] - 1) // 2, members[first] * members[second]
    )
