"""Flipped edges against the dense definition: every pair of nodes flipped by itself, with the rate of its clusters."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import chi2

from lrscore.errors import SettingsError
from lrscore.graphs.noisy_edges import NoisyEdges
from lrscore.graphs.pairs import cluster_pairs, pair_numbers
from lrscore.noise.flips import FlipNoise

CPU = torch.device("cpu")
PAIRS = list(itertools.combinations(range(5), 2))
JOINED = [(0, 1), (1, 2), (0, 3), (3, 4)]
CLUSTERS = np.array([0, 1, 0, 1, 1])
LEVELS = np.array([[[0.3, 0.1, 0.2], [0.3, 0.3, 0.05]], [[0.4, 0.5, 0.25], [0.0, 0.7, 0.6]]])


def both_ways(pairs) -> np.ndarray:
    return np.array([*pairs, *((b, a) for a, b in pairs)], dtype=np.int64).reshape(-1, 2).T


def as_sets(edges: torch.Tensor, nodes: int, copies: int) -> list[frozenset[tuple[int, int]]]:
    """The edges of every copy; fails unless both directions are there, sorted, within the copy, without self-loops."""
    rows = list(zip(*edges.tolist(), strict=True))
    assert rows == sorted(set(rows))
    assert all(one // nodes == other // nodes and one != other for one, other in rows)
    assert {(b, a) for a, b in rows} == set(rows)
    found: list[set[tuple[int, int]]] = [set() for _ in range(copies)]
    for one, other in rows:
        if one < other:
            found[one // nodes].add((one % nodes, other % nodes))
    return [frozenset(pairs) for pairs in found]


@pytest.mark.parametrize("group", [0, 1])
def test_every_edge_set_comes_as_often_as_the_dense_definition_says(group):
    noise = FlipNoise.from_levels(LEVELS)
    noisy = NoisyEdges.build(both_ways(JOINED), CLUSTERS, CPU)
    generator, copies, rounds = torch.Generator().manual_seed(group), 4000, 10
    counts: dict[frozenset[tuple[int, int]], int] = {}
    for _ in range(rounds):
        for pairs in as_sets(noisy.sample(noise, group, copies, generator), 5, copies):
            counts[pairs] = counts.get(pairs, 0) + 1
    numbers = pair_numbers(2)
    statistic, rest_seen, rest_expected, cells = 0.0, 0.0, 0.0, 0
    for chosen in itertools.product((0, 1), repeat=len(PAIRS)):
        chance = 1.0
        for one, pair in zip(chosen, PAIRS, strict=True):
            place = numbers[CLUSTERS[pair[0]], CLUSTERS[pair[1]]]
            flip = LEVELS[int(pair in JOINED), group, place]
            chance *= flip if bool(one) != (pair in JOINED) else 1 - flip
        pairs = frozenset(pair for one, pair in zip(chosen, PAIRS, strict=True) if one)
        seen, expected = counts.get(pairs, 0), chance * copies * rounds
        if expected == 0:
            assert seen == 0
        elif expected < 10:
            rest_seen, rest_expected = rest_seen + seen, rest_expected + expected
        else:
            statistic, cells = statistic + (seen - expected) ** 2 / expected, cells + 1
    statistic += (rest_seen - rest_expected) ** 2 / max(rest_expected, 1)
    assert cells > 100
    assert 1e-4 < chi2.sf(statistic, cells) < 1 - 1e-4


@pytest.mark.parametrize("sizes", [(1, 1, 2), (2, 3, 4), (5, 6, 1), (7, 2, 8)])
def test_every_pair_of_nodes_has_one_place_in_the_row(sizes):
    clusters = np.random.default_rng(0).permutation(np.repeat(np.arange(3), sizes))
    noisy = NoisyEdges.build(both_ways([]), clusters, CPU)
    some = np.array([0, 2, 3, 5, 1, 4])
    ends = np.cumsum(noisy.sizes[some])
    codes = noisy._node_pairs(torch.arange(int(ends[-1])), some, ends)
    nodes = clusters.size
    assert sorted(codes.tolist()) == [a * nodes + b for a, b in itertools.combinations(range(nodes), 2)]
    first, second = cluster_pairs(3)[some].T
    places = np.repeat(np.arange(6), noisy.sizes[some])
    lower, higher = clusters[codes.numpy() // nodes], clusters[codes.numpy() % nodes]
    assert (np.minimum(lower, higher) == first[places]).all()
    assert (np.maximum(lower, higher) == second[places]).all()


def test_work_follows_edges_and_flips():
    """Five billion pairs of nodes: nothing that goes through them would come back."""
    nodes = 100_000
    path = [(node, node + 1) for node in range(0, nodes - 1, 2)]
    clusters = np.arange(nodes) % 3
    noise = FlipNoise.from_levels(np.stack([np.full((3, 6), 1e-6), np.full((3, 6), 0.5)]))
    noisy = NoisyEdges.build(both_ways(path), clusters, CPU)
    assert noisy.expected(noise) == pytest.approx(50_000 + 5_000, rel=0.01)
    edges = noisy.sample(noise, 0, 4, torch.Generator().manual_seed(0))
    kept = 4 * 25_000 + 4 * 5_000
    assert abs(edges.shape[1] / 2 - kept) < 6 * kept**0.5
    assert int(edges.max()) < 4 * nodes


def test_the_same_noisy_graph_has_the_same_list_whichever_graph_it_came_from():
    """Edges that are removed for sure and made for sure: what is left tells nothing of the clean graph."""
    sure, never = 1 - 2.0**-32, 0.0
    noise = FlipNoise.from_levels(np.stack([np.full((2, 3), sure), np.full((2, 3), never)]))
    lists = [
        NoisyEdges.build(both_ways(pairs), CLUSTERS, CPU).sample(
            noise, 0, 2, torch.Generator().manual_seed(7)
        )
        for pairs in (JOINED, [], PAIRS)
    ]
    assert all(torch.equal(lists[0], one) for one in lists)
    assert lists[0].shape == (2, 40)


def test_too_many_new_edges_are_refused_before_they_are_drawn():
    noise = FlipNoise.from_levels(np.stack([np.full((1, 1), 0.5), np.full((1, 1), 0.5)]))
    noisy = NoisyEdges.build(both_ways([(0, 1)]), np.zeros(100_000, dtype=int), CPU)
    with pytest.raises(SettingsError, match="lower the probabilities of new edges"):
        noisy.expected(noise)
