"""A graph whose attributes and edges can be enumerated together: 2 attribute bits and 10 pairs of nodes, 4,096 inputs.

Nodes 0 and 3 have an attribute that may change, all five nodes may be joined by any edges.
"""

from __future__ import annotations

import itertools
from functools import cache
from types import SimpleNamespace

import numpy as np
import torch

NODES, CLASSES = 5, 2
CLUSTERS = (0, 0, 0, 1, 1)
CLEAN_X = np.array([1, 0, 1, 0, 1])
PAIRS = list(itertools.combinations(range(NODES), 2))
JOINED = [(0, 1), (1, 2), (0, 2), (3, 4), (2, 3)]
PLACES = [(0, 0), (1, 1), (0, 1)]
"""Pairs of clusters, in their order."""


def edge_index(pairs: list[tuple[int, int]]) -> np.ndarray:
    """(2, 2 E) both directions."""
    return np.array([*pairs, *((b, a) for a, b in pairs)], dtype=np.int64).reshape(-1, 2).T


def graph() -> SimpleNamespace:
    return SimpleNamespace(
        x=torch.tensor(CLEAN_X[:, None], dtype=torch.float32), edge_index=torch.tensor(edge_index(JOINED))
    )


class NeighbourModel:
    """Votes by how many neighbours have the attribute, itself counted twice; not linear, unlike for every node."""

    def __init__(self, sharpness: float = 4.0) -> None:
        self.sharpness = sharpness

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        column = x[:, 0]
        ones = torch.zeros_like(column).index_add_(0, edge_index[1], column[edge_index[0]])
        degree = torch.zeros_like(column).index_add_(0, edge_index[1], torch.ones(edge_index.shape[1]))
        share = (ones + 2 * column) / (degree + 2)
        score = torch.sigmoid(self.sharpness * (share - 0.45))
        return torch.stack([1 - score, score], dim=1)


def place_of(pair: tuple[int, int]) -> int:
    """Number of the pair of clusters in which a pair of nodes lies."""
    ends = sorted(CLUSTERS[node] for node in pair)
    return PLACES.index((ends[0], ends[1]))


@cache
def bits() -> tuple[tuple[int, int, bool], ...]:
    """Of every bit: 0 for an attribute or 1 for an edge, its place, and whether it is set in the clean graph."""
    attributes = [(0, CLUSTERS[node], bool(CLEAN_X[node])) for node in (0, 3)]
    return (*attributes, *((1, place_of(pair), pair in JOINED) for pair in PAIRS))


@cache
def all_inputs() -> np.ndarray:
    """(4096, 12) every input, in the order of the bits of its number."""
    return np.array(list(itertools.product((0, 1), repeat=len(bits()))), dtype=np.int64)


def clean_number() -> int:
    return int("".join(str(int(one)) for _, _, one in bits()), 2)


def all_scores(model) -> np.ndarray:
    """(4096, n, classes) the base model's scores of every input."""
    inputs = all_inputs()
    x = np.tile(CLEAN_X, (len(inputs), 1))
    x[:, [0, 3]] = inputs[:, :2]
    numbers, chosen = np.nonzero(inputs[:, 2:])
    ends = np.array(PAIRS)[chosen] + NODES * numbers[:, None]
    edges = np.concatenate([ends, ends[:, ::-1]]).T
    scores = model(torch.tensor(x.reshape(-1, 1), dtype=torch.float32), torch.tensor(edges))
    return scores.numpy().astype(np.float64).reshape(len(inputs), NODES, CLASSES)


def expectations(values: np.ndarray, levels: list[np.ndarray]) -> np.ndarray:
    """Exact mean of `values` (4096, n, ...) under the noise around every input.

    Args:
        levels: (2, I, J) of attributes and (2, I, R) of edges.
    """
    result = np.empty_like(values)
    count = len(bits())
    for group in range(2):
        nodes = [node for node in range(NODES) if CLUSTERS[node] == group]
        current = values[:, nodes].reshape((2,) * count + (len(nodes), -1))
        for bit, (kind, place, _) in enumerate(bits()):
            up, down = levels[kind][0, group, place], levels[kind][1, group, place]
            channel = np.array([[1 - up, up], [down, 1 - down]])
            current = np.moveaxis(np.tensordot(channel, current, axes=(1, bit)), 0, bit)
        result[:, nodes] = current.reshape((2**count, len(nodes), *values.shape[2:]))
    return result


def spent() -> np.ndarray:
    """(4096, 4) attributes added and deleted, edges added and deleted, of every input."""
    inputs, clean = all_inputs(), np.array([one for _, _, one in bits()])
    edge = np.array([kind == 1 for kind, _, _ in bits()])
    added, deleted = (inputs == 1) & ~clean, (inputs == 0) & clean
    return np.stack(
        [(added & ~edge).sum(1), (deleted & ~edge).sum(1), (added & edge).sum(1), (deleted & edge).sum(1)],
        axis=1,
    )


def surviving(
    smoothed: np.ndarray, labels: np.ndarray, budgets: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """(M,) fewest target nodes that keep their label over all inputs within each budget (4,)."""
    kept = ((smoothed.argmax(axis=2) == labels) & targets).sum(axis=1)
    units = spent()
    return np.array([kept[(units <= budget).all(axis=1)].min() for budget in budgets])
