"""Pairs of clusters: numbered once each, ranked by both clusters, with room for as many edges as there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lrscore.errors import InputError
from lrscore.graphs.pairs import (
    cluster_pairs,
    pair_edges,
    pair_numbers,
    pair_ranks,
    undirected_edges,
)


def test_own_pairs_come_first_and_every_pair_once():
    assert cluster_pairs(3).tolist() == [[0, 0], [1, 1], [2, 2], [0, 1], [0, 2], [1, 2]]
    for size in range(1, 7):
        pairs, numbers = cluster_pairs(size), pair_numbers(size)
        assert len({tuple(pair) for pair in pairs.tolist()}) == len(pairs) == size * (size + 1) // 2
        assert (numbers == numbers.T).all()
        assert [numbers[a, b] for a, b in pairs] == list(range(len(pairs)))


def test_the_rank_of_a_pair_is_the_mean_of_its_clusters():
    ranks = np.array([[0, 2, 1], [1, 0, 2], [1, 2, 0]])
    expected = [[(row[a] + row[b]) / 2 for a, b in cluster_pairs(3)] for row in ranks.tolist()]
    assert pair_ranks(ranks).tolist() == expected
    assert pair_ranks(ranks)[np.arange(3), np.arange(3)].tolist() == [0, 0, 0]


def test_room_for_edges_is_counted_node_pair_by_node_pair():
    random = np.random.default_rng(0)
    clusters = np.array([0, 2, 1, 1, 0, 2, 2, 0, 1, 0, 3])
    pairs = [pair for pair in itertools.combinations(range(11), 2) if random.random() < 0.3]
    edges = np.array([*pairs, *((b, a) for a, b in pairs)]).T
    room = np.zeros((2, 10), dtype=int)
    numbers = {tuple(pair): number for number, pair in enumerate(cluster_pairs(4).tolist())}
    for one, other in itertools.combinations(range(11), 2):
        place = numbers[tuple(sorted((int(clusters[one]), int(clusters[other]))))]
        room[1 if (one, other) in pairs else 0, place] += 1
    assert pair_edges(edges, clusters).tolist() == room.tolist()
    assert undirected_edges(edges, 11).tolist() == sorted(a * 11 + b for a, b in pairs)
    assert undirected_edges(np.empty((2, 0), dtype=int), 3).size == 0


@pytest.mark.parametrize(
    ("edges", "what"),
    [
        ([[0, 1], [1, 1]], "self-loops"),
        ([[0], [1]], "one direction only"),
        ([[0, 1, 0, 1], [1, 0, 1, 0]], "repeated"),
        ([[0, 1, 0], [1, 0, 2]], "one direction only"),
    ],
)
def test_other_graphs_are_refused(edges, what):
    with pytest.raises(InputError, match=what):
        undirected_edges(np.array(edges), 3)
