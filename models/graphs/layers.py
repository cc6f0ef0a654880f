"""Building blocks of the graph networks: a linear layer on sparse rows, and the normalised adjacency."""

from __future__ import annotations

import warnings

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.nn.conv.gcn_conv import gcn_norm


class SparseLinear(nn.Module):
    """`x W + b` for attributes given as a CSR matrix (or densely): the cost follows the stored entries.

    Args:
        inputs, outputs: attributes of a node and width of the result.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[1] != self.weight.shape[0]:
            raise ValueError(
                f"the model was trained on {self.weight.shape[0]} attributes, the graph has {x.shape[1]}"
            )
        if x.layout != torch.sparse_csr:
            return torch.addmm(self.bias, x, self.weight)
        summed = F.embedding_bag(
            x.col_indices(),
            self.weight,
            x.crow_indices(),
            mode="sum",
            include_last_offset=True,
            per_sample_weights=x.values(),
        )
        return summed + self.bias


class Adjacency(nn.Module):
    """Symmetrically normalised adjacency with self-loops, kept for as long as the same edges come in.

    The sampler passes one and the same edge tensor for thousands of batches; normalising it each time would
    cost more than the network.
    """

    def __init__(self) -> None:
        super().__init__()
        self._edges: Tensor | None = None
        self._matrix: Tensor | None = None

    def forward(self, edge_index: Tensor, nodes: int) -> Tensor:
        """(nodes, nodes) CSR matrix `D^-1/2 (A + I) D^-1/2`, transposed for propagation along the edges."""
        same = edge_index is self._edges and self._matrix is not None and self._matrix.shape[0] == nodes
        if not same:
            self._matrix = _normalised(edge_index, nodes)
            self._edges = edge_index
        assert self._matrix is not None
        return self._matrix


def _normalised(edge_index: Tensor, nodes: int) -> Tensor:
    edges, weights = gcn_norm(edge_index, num_nodes=nodes, add_self_loops=True)
    order = torch.argsort(edges[1] * nodes + edges[0])
    sources, targets = edges[:, order]
    starts = torch.zeros(nodes + 1, dtype=torch.int64, device=edges.device)
    torch.cumsum(torch.bincount(targets, minlength=nodes), 0, out=starts[1:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(
            starts.to(torch.int32),
            sources.to(torch.int32),
            weights[order],
            (nodes, nodes),
            check_invariants=False,
        )
