"""Partitions, affinity and ranks against slow definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import SettingsError
from lrscore.graphs.partition import affinity, affinity_ranks, partition_nodes


def three_communities(per_community: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Edges of three dense blocks joined by single edges, and the block of every node."""
    random, blocks = np.random.default_rng(0), np.repeat(np.arange(3), per_community)
    nodes = blocks.size
    dense = random.random((nodes, nodes)) < np.where(blocks[:, None] == blocks, 0.6, 0.0)
    edges = np.argwhere(np.triu(dense, 1)).T
    bridges = np.array([[0, per_community, 2 * per_community], [per_community, 2 * per_community, 1]])
    return np.hstack([edges, bridges]), blocks


@pytest.mark.parametrize("method", ["metis", "spectral", "louvain"])
def test_methods_find_communities_and_repeat_themselves(method):
    edges, blocks = three_communities()
    clusters = partition_nodes(edges, blocks.size, method, 3)
    assert len({tuple(pair) for pair in zip(clusters, blocks, strict=True)}) == 3
    assert sorted(np.unique(clusters)) == [0, 1, 2]
    np.testing.assert_array_equal(clusters, partition_nodes(edges, blocks.size, method, 3))


def test_louvain_merges_down_to_the_number_wanted_and_spectral_works_on_larger_graphs():
    edges, blocks = three_communities()
    assert partition_nodes(edges, blocks.size, "louvain", 2).max() == 1
    edges, blocks = three_communities(150)
    clusters = partition_nodes(edges, blocks.size, "spectral", 3)
    assert len({tuple(pair) for pair in zip(clusters, blocks, strict=True)}) == 3


def test_given_ids_are_kept_up_to_gaps():
    assert partition_nodes(np.empty((2, 0)), 4, (7, 2, 7, 5), 99).tolist() == [2, 0, 2, 1]


def test_one_cluster_needs_no_method():
    assert partition_nodes(np.empty((2, 0), dtype=int), 3, "metis", 1).tolist() == [0, 0, 0]


def test_refusals():
    with pytest.raises(SettingsError, match="one cluster id for each of 3 nodes"):
        partition_nodes(np.empty((2, 0)), 3, (0, 1), 2)
    with pytest.raises(SettingsError, match="metis, spectral, louvain"):
        partition_nodes(np.empty((2, 0)), 3, "random", 2)
    with pytest.raises(SettingsError, match="at most the number of nodes"):
        partition_nodes(np.empty((2, 0)), 3, "spectral", 4)


def test_affinity_counts_undirected_edges_once():
    edges = np.array(
        [[0, 1, 1, 2, 3, 3, 0], [1, 0, 2, 1, 3, 0, 2]]
    )  # 0-1 and 1-2 twice, a self-loop, 3-0, 0-2
    between = affinity(edges, np.array([0, 0, 1, 2]))
    assert between.tolist() == [[1, 2, 1], [2, 0, 0], [1, 0, 0]]


def slow_rank(affinities: np.ndarray, i: int, j: int) -> int:
    """How many clusters come before `j` in the view of `i`."""
    if i == j:
        return 0
    rivals = [k for k in range(len(affinities)) if k not in (i, j)]
    return 1 + sum(
        affinities[i, k] > affinities[i, j] or (affinities[i, k] == affinities[i, j] and k < j)
        for k in rivals
    )


@given(st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_ranks_count_who_comes_before(count, seed):
    affinities = np.random.default_rng(seed).integers(0, 4, (count, count))
    affinities = affinities + affinities.T
    expected = [[slow_rank(affinities, i, j) for j in range(count)] for i in range(count)]
    assert affinity_ranks(affinities).tolist() == expected


def test_ranks_are_the_inverse_of_the_sorted_order():
    """Published code used the sorted order itself: cluster 3 is the farthest of cluster 0, but stands at place 1."""
    affinities = np.array([[0, 2, 9, 1], [2, 0, 0, 0], [9, 0, 0, 0], [1, 0, 0, 0]])
    ranks = affinity_ranks(affinities)
    assert ranks[0].tolist() == [0, 2, 1, 3]
    affinities = np.array([[0, 1, 2, 9], [1, 0, 0, 0], [2, 0, 0, 0], [9, 0, 0, 0]])
    order = [0, 3, 2, 1]
    assert affinity_ranks(affinities)[0].tolist() == [0, 3, 2, 1] == np.argsort(order).tolist()
    affinities = np.array([[0, 5, 1, 9], [5, 0, 0, 0], [1, 0, 0, 0], [9, 0, 0, 0]])
    order = [0, 3, 1, 2]  # nearest first
    assert affinity_ranks(affinities)[0].tolist() == [0, 2, 3, 1] != order
