"""A graph small enough to enumerate: all 4,096 attribute matrices, and the exact smoothed scores of every one."""

from __future__ import annotations

import itertools
from functools import cache
from types import SimpleNamespace

import numpy as np
import torch

NODES, WIDTH, CLASSES = 6, 2, 3
BITS = NODES * WIDTH
EDGES = np.array([[0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 0, 2], [1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 2, 0]])
CLUSTERS = (0, 0, 0, 1, 1, 1)
CLEAN = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 1], [0, 0]], dtype=np.float32)


class ToyModel:
    """Scores that depend, not linearly, on a node's own attributes and less on its neighbours'."""

    def __init__(self, sharpness: float = 3.0, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.own = torch.tensor(random.normal(size=(WIDTH, CLASSES)) * sharpness, dtype=torch.float32)
        self.shift = torch.tensor(random.normal(size=CLASSES), dtype=torch.float32)

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        spread = torch.zeros_like(x).index_add_(0, edge_index[1], x[edge_index[0]])
        mixed = torch.tanh((x + 0.4 * spread) @ self.own + self.shift)
        return (3 * mixed).softmax(dim=1)


def graph() -> SimpleNamespace:
    return SimpleNamespace(x=torch.tensor(CLEAN), edge_index=torch.tensor(EDGES))


@cache
def all_inputs() -> np.ndarray:
    """(4096, n, d) every binary attribute matrix, in the order of the bits of its number."""
    return np.array(list(itertools.product((0, 1), repeat=BITS)), dtype=np.float32).reshape(-1, NODES, WIDTH)


def all_scores(model: ToyModel) -> np.ndarray:
    """(4096, n, classes) the base model's scores of every input."""
    inputs = all_inputs()
    copies = len(inputs)
    edges = (EDGES[:, None, :] + (np.arange(copies) * NODES)[None, :, None]).reshape(2, -1)
    scores = model(torch.tensor(inputs.reshape(-1, WIDTH)), torch.tensor(edges))
    return scores.numpy().astype(np.float64).reshape(copies, NODES, CLASSES)


def expectations(values: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Exact mean of `values` (4096, n, ...) under the noise around *every* input.

    Args:
        levels: (2, I, J) flip probabilities; node `n` is read under the noise of its cluster's group.

    Returns:
        (4096, n, ...): entry `x` is the mean over the noise around input `x`.
    """
    result = np.empty_like(values)
    for group in range(levels.shape[1]):
        nodes = [node for node in range(NODES) if CLUSTERS[node] == group]
        current = values[:, nodes].reshape((2,) * BITS + (len(nodes), -1))
        for bit in range(BITS):
            cluster = CLUSTERS[bit // WIDTH]
            up, down = levels[0, group, cluster], levels[1, group, cluster]
            channel = np.array([[1 - up, up], [down, 1 - down]])  # row: clean bit, column: noisy bit
            current = np.moveaxis(np.tensordot(channel, current, axes=(1, bit)), 0, bit)
        result[:, nodes] = current.reshape((2**BITS, len(nodes), *values.shape[2:]))
    return result


def surviving(
    smoothed: np.ndarray, labels: np.ndarray, budgets: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """(M,) fewest target nodes that keep their label over all inputs within each (additions, deletions) budget."""
    kept = ((smoothed.argmax(axis=2) == labels) & targets).sum(axis=1)  # (4096,)
    inputs = all_inputs()
    added = ((inputs == 1) & (CLEAN == 0)).sum(axis=(1, 2))
    deleted = ((inputs == 0) & (CLEAN == 1)).sum(axis=(1, 2))
    return np.array([kept[(added <= a) & (deleted <= d)].min() for a, d in budgets])


def clean_number() -> int:
    """Position of the clean input among `all_inputs()`."""
    return int("".join(str(int(bit)) for bit in CLEAN.ravel()), 2)


class DecidedModel:
    """Scores of 0 and 1: a node is of class 1 where it has both attributes, else of class 0."""

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        both = (x[:, 0] * x[:, 1])[:, None]
        return torch.cat([1 - both, both, torch.zeros_like(both)], dim=1)
