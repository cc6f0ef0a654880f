"""An attributed graph as the certificate sees it: positions of the ones, edges, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lrscore.errors import InputError

MAX_NODES = 100_000
MAX_EDGES = 5_000_000
MAX_ATTRIBUTES = 100_000


@dataclass(frozen=True)
class GraphInput:
    """Checked arrays of one graph.

    Args:
        rows, columns: (ones,) int64 node and attribute of every one, node by node, without repeats.
        edges: (2, E) int64.
        shape: (n, d), nodes and attributes.
    """

    rows: np.ndarray
    columns: np.ndarray
    edges: np.ndarray
    shape: tuple[int, int]

    @classmethod
    def read(cls, graph: Any) -> GraphInput:
        """From an object with binary `x` (n, d), dense or sparse, and `edge_index` (2, E), as torch-geometric's `Data`.

        Raises:
            InputError: something is missing, too large, out of range, or not binary.
        """
        x, edge_index = getattr(graph, "x", None), getattr(graph, "edge_index", None)
        if x is None or edge_index is None:
            raise InputError(
                "graph must have node attributes x and edges edge_index, got none of one of them"
            )
        if x.ndim != 2 or 0 in x.shape:
            raise InputError(f"graph.x must have shape (nodes, attributes), got {tuple(x.shape)}")
        nodes, width = int(x.shape[0]), int(x.shape[1])
        if nodes > MAX_NODES or width > MAX_ATTRIBUTES or edge_index.shape[-1] > MAX_EDGES:
            raise InputError(
                f"a graph may have at most {MAX_NODES:,} nodes, {MAX_ATTRIBUTES:,} attributes and {MAX_EDGES:,} "
                f"edges, got {nodes:,}, {width:,} and {edge_index.shape[-1]:,}"
            )
        rows, columns = _ones(torch.as_tensor(x).detach().cpu())
        return cls(rows, columns, _edges(torch.as_tensor(edge_index).detach().cpu(), nodes), (nodes, width))


def _ones(x: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ones of a binary matrix."""
    if x.layout == torch.strided:
        values, positions = x.reshape(-1), torch.nonzero(x).T
    else:
        coordinates = x.to_sparse_coo().coalesce()
        values, positions = coordinates.values(), coordinates.indices()[:, coordinates.values() != 0]
    if not bool(((values == 0) | (values == 1)).all()):
        raise InputError(
            "graph.x must be binary (zeros and ones): attributes are added and deleted, not scaled"
        )
    rows, columns = positions.numpy().astype(np.int64)
    order = np.lexsort((columns, rows))
    return rows[order], columns[order]


def _edges(edge_index: torch.Tensor, nodes: int) -> np.ndarray:
    if edge_index.ndim != 2 or edge_index.shape[0] != 2 or edge_index.is_floating_point():
        raise InputError(f"graph.edge_index must be (2, edges) node numbers, got {tuple(edge_index.shape)}")
    edges = edge_index.numpy().astype(np.int64)
    if edges.size and (edges.min() < 0 or edges.max() >= nodes):
        raise InputError(
            f"graph.edge_index must name nodes 0 to {nodes - 1}, got {edges.min()} to {edges.max()}"
        )
    return edges
