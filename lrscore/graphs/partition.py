"""Partition of a graph's nodes into clusters, and how near the clusters are to one another (docs/theory.md, 5.2).

Everything here depends on the edges alone, which the adversary does not change: the partition is part of the
smoothed model. All methods are deterministic.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from lrscore.errors import InputError, SettingsError

PARTITIONS = ("metis", "spectral", "louvain")
_SEED = 0
_LLOYD_STEPS = 100


def partition_nodes(
    edges: np.ndarray, nodes: int, partition: str | tuple[int, ...], clusters: int
) -> np.ndarray:
    """Cluster number of every node, (n,) int64, from 0 without gaps.

    Args:
        edges: (2, E) node numbers; direction, repeats and self-loops are ignored.
        nodes: number of nodes.
        partition: "metis" (balanced, few edges cut), "spectral" (normalised cut, k-means on eigenvectors),
            "louvain" (modularity; may give fewer clusters) or the cluster ids themselves.
        clusters: number of clusters wanted; ignored for given ids.

    Raises:
        SettingsError: given ids do not fit the graph, unknown method, or more clusters than nodes.
        InputError: "metis" is asked for and pymetis is not installed.
    """
    if not isinstance(partition, str):
        ids = np.asarray(partition, dtype=np.int64)
        if ids.shape != (nodes,):
            raise SettingsError(
                f"partition must give one cluster id for each of {nodes} nodes, got {ids.size}"
            )
        return _without_gaps(ids)
    if partition not in PARTITIONS:
        raise SettingsError(
            f"partition must be one of {', '.join(PARTITIONS)} or cluster ids, got {partition!r}"
        )
    if clusters > nodes:
        raise SettingsError(f"clusters must be at most the number of nodes, {nodes}, got {clusters}")
    if clusters == 1:
        return np.zeros(nodes, dtype=np.int64)
    adjacency = symmetric_adjacency(edges, nodes)
    method = {"metis": _metis, "spectral": _spectral, "louvain": _louvain}[partition]
    ids = _without_gaps(method(adjacency, clusters))
    return ids if partition == "louvain" else _as_many(ids, clusters, adjacency)


def symmetric_adjacency(edges: np.ndarray, nodes: int) -> sp.csr_array:
    """(n, n) float64 adjacency with ones, undirected, without self-loops."""
    sources, targets = np.asarray(edges)
    both = sp.coo_array(
        (np.ones(2 * sources.size), (np.r_[sources, targets], np.r_[targets, sources])), (nodes, nodes)
    )
    adjacency = both.tocsr()
    adjacency.setdiag(0)
    adjacency.eliminate_zeros()
    adjacency.data[:] = 1.0
    return adjacency


def affinity(edges: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """(J, J) int64: number of undirected edges between two clusters (inside one, on the diagonal)."""
    adjacency = sp.triu(symmetric_adjacency(edges, clusters.size)).tocoo()
    count = int(clusters.max()) + 1
    between = np.zeros((count, count), dtype=np.int64)
    np.add.at(between, (clusters[adjacency.row], clusters[adjacency.col]), 1)
    return between + between.T - np.diag(np.diag(between))


def affinity_ranks(affinities: np.ndarray) -> np.ndarray:
    """Rank of cluster `j` *for* cluster `i`, (J, J) int64: 0 for the cluster itself, then by falling affinity.

    It is the inverse of the sorted order: `order[ranks[i, j]] == j`. Ties go to the lower cluster number.
    """
    nearness = np.array(affinities, dtype=np.float64)
    np.fill_diagonal(nearness, np.inf)
    order = np.argsort(-nearness, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None, :], axis=1)
    return ranks


def _metis(adjacency: sp.csr_array, clusters: int) -> np.ndarray:
    try:
        import pymetis
    except ImportError as error:
        raise InputError("partition metis needs pymetis; install it or choose spectral or louvain") from error
    neighbours = pymetis.CSRAdjacency(adjacency.indptr.astype(np.int32), adjacency.indices.astype(np.int32))
    _, ids = pymetis.part_graph(clusters, neighbours, options=pymetis.Options(seed=_SEED))
    return np.asarray(ids, dtype=np.int64)


def _as_many(ids: np.ndarray, clusters: int, adjacency: sp.csr_array) -> np.ndarray:
    """The same clusters, the largest halved until there are as many as were asked for.

    METIS and k-means leave clusters empty where nodes are few or alike. Halves are taken along a breadth-first walk, so
    that neighbours stay together.
    """
    ids = ids.copy()
    while (count := int(ids.max()) + 1) < clusters:
        members = np.flatnonzero(ids == np.bincount(ids).argmax())
        walk = _breadth_first(adjacency[members][:, members])
        ids[members[walk[len(walk) // 2 :]]] = count
    return ids


def _breadth_first(adjacency: sp.csr_array) -> np.ndarray:
    """All nodes in breadth-first order, component by component from the lowest number."""
    seen = np.zeros(adjacency.shape[0], dtype=bool)
    order: list[np.ndarray] = []
    while not seen.all():
        walk = sp.csgraph.breadth_first_order(
            adjacency, int(np.flatnonzero(~seen)[0]), directed=False, return_predecessors=False
        )
        seen[walk] = True
        order.append(walk)
    return np.concatenate(order)


def _spectral(adjacency: sp.csr_array, clusters: int) -> np.ndarray:
    """Ng, Jordan & Weiss 2002: k-means on the rows of the leading eigenvectors, scaled to unit length."""
    degrees = np.maximum(adjacency.sum(axis=1), 1.0)
    scale = sp.diags_array(degrees**-0.5)
    vectors = _leading_eigenvectors(scale @ adjacency @ scale, clusters)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return _k_means(vectors / np.maximum(lengths, 1e-12), clusters)


def _leading_eigenvectors(matrix: sp.csr_array, count: int) -> np.ndarray:
    """(n, count) eigenvectors of the largest eigenvalues; dense where the matrix is small."""
    nodes = matrix.shape[0]
    if nodes <= max(300, 2 * count + 2):
        return np.linalg.eigh(matrix.toarray())[1][:, -count:]
    start = np.random.default_rng(_SEED).standard_normal(nodes)
    # Shifted by the identity: eigenvalues lie in [0, 2] and the wanted ones are the largest in absolute value
    return sp.linalg.eigsh(matrix + sp.eye_array(nodes), k=count, v0=start, which="LA")[1]


def _k_means(points: np.ndarray, clusters: int) -> np.ndarray:
    """Lloyd's iterations from centres chosen farthest first; deterministic."""
    centres = points[:1]
    for _ in range(1, clusters):
        distances = ((points[:, None] - centres) ** 2).sum(axis=2).min(axis=1)
        centres = np.vstack([centres, points[distances.argmax()]])
    ids = np.full(len(points), -1)
    for _ in range(_LLOYD_STEPS):
        nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        if np.array_equal(nearest, ids):
            break
        ids = nearest
        for cluster in np.unique(ids):
            centres[cluster] = points[ids == cluster].mean(axis=0)
    return ids


def _louvain(adjacency: sp.csr_array, clusters: int) -> np.ndarray:
    """Communities of highest modularity; the smallest joins its best-connected neighbour until few enough remain."""
    import networkx as nx

    communities = nx.community.louvain_communities(nx.from_scipy_sparse_array(adjacency), seed=_SEED)
    ids = np.empty(adjacency.shape[0], dtype=np.int64)
    for number, members in enumerate(sorted(communities, key=min)):
        ids[list(members)] = number
    while ids.max() >= clusters:
        sizes = np.bincount(ids)
        smallest = int(sizes.argmin())
        links = np.bincount(ids, weights=adjacency @ (ids == smallest), minlength=sizes.size)
        links[smallest] = -1
        best = np.lexsort((sizes, -links))[0]  # most links, then the smaller community
        ids[ids == smallest] = best
        ids = _without_gaps(ids)
    return ids


def _without_gaps(ids: np.ndarray) -> np.ndarray:
    return np.unique(ids, return_inverse=True)[1].astype(np.int64)
