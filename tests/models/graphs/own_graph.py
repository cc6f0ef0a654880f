"""A user's graph file and network, made up of the bundled village: other key names, other types, two parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.graphs.registry import read_graph

NETWORK = """
import torch
from torch import nn
from torch_geometric.nn import GCNConv


class Own(nn.Module):
    output = "log_probabilities"

    def __init__(self, inputs, classes, hidden=16):
        super().__init__()
        self.first, self.second = GCNConv(inputs, hidden), GCNConv(hidden, classes)

    def forward(self, x, edge_index):
        hidden = torch.nn.functional.dropout(self.first(x, edge_index).relu(), 0.5, training=self.training)
        return self.second(hidden, edge_index).log_softmax(dim=1)


def own(inputs, classes):
    torch.manual_seed(0)
    return Own(inputs, classes)
"""


def write_graph(path: Path) -> Path:
    """The village as torch-geometric's raw files spell it: `adj_data`, `attr_data`, labels of another type."""
    graph = read_graph("village")
    arrays: dict[str, np.ndarray] = {
        "labels": graph.labels.astype(np.uint8),
        "class_names": np.array(graph.class_names),
    }
    for name, matrix in (("adj", graph.adjacency), ("attr", graph.attributes)):
        arrays |= {
            f"{name}_data": matrix.data.astype(np.float32),
            f"{name}_indices": matrix.indices.astype(np.int32),
            f"{name}_indptr": matrix.indptr.astype(np.int32),
            f"{name}_shape": np.array(matrix.shape),
        }
    with path.open("wb") as file:
        np.savez(file, **arrays)
    return path
