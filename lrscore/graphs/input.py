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
        x, edge_index = _tensor("x", x), _tensor("edge_index", edge_index)
        if x.ndim != 2 or 0 in x.shape:
            raise InputError(f"graph.x must have shape (nodes, attributes), got {tuple(x.shape)}")
        nodes, width = int(x.shape[0]), int(x.shape[1])
        edges = int(edge_index.shape[-1]) if edge_index.ndim else 0
        if nodes > MAX_NODES or width > MAX_ATTRIBUTES or edges > MAX_EDGES:
            raise InputError(
                f"a graph may have at most {MAX_NODES:,} nodes, {MAX_ATTRIBUTES:,} attributes and {MAX_EDGES:,} "
                f"edges, got {nodes:,}, {width:,} and {edges:,}"
            )
        rows, columns = _ones(x)
        return cls(rows, columns, _edges(edge_index, nodes), (nodes, width))


def _tensor(field: str, given: Any) -> torch.Tensor:
    """A tensor of real numbers on the CPU from a tensor or array.

    Raises:
        InputError: neither, or complex numbers, texts, objects.
    """
    try:
        tensor = torch.as_tensor(given).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"graph.{field} must be an array of numbers, got {type(given).__name__}") from error
    if tensor.is_complex() or tensor.is_quantized:
        raise InputError(f"graph.{field} must hold real numbers, got {tensor.dtype}")
    return tensor


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
    if (
        edge_index.ndim != 2
        or edge_index.shape[0] != 2
        or edge_index.is_floating_point()
        or edge_index.dtype == torch.bool
    ):
        raise InputError(f"graph.edge_index must be (2, edges) node numbers, got {tuple(edge_index.shape)}")
    edges = edge_index.numpy().astype(np.int64)
    if edges.size and (edges.min() < 0 or edges.max() >= nodes):
        raise InputError(
            f"graph.edge_index must name nodes 0 to {nodes - 1}, got {edges.min()} to {edges.max()}"
        )
    return edges
