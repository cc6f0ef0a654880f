"""Scores of a graph network: clean and smoothed accuracy, and how far its predictions depend on far clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch_geometric.data import Data

from lrscore.graphs.certify import certify_graph
from lrscore.graphs.partition import partition_nodes
from lrscore.graphs.settings import GraphSettings

NOISES = ((0.01, 0.1), (0.01, 0.6), (0.01, 0.8), (0.03, 0.3), (0.05, 0.6))
"""(q+, q-) of attributes on the whole graph at which a model is scored."""
EDGE_NOISES = ((2e-5, 0.6), (2e-5, 0.8), (2e-5, 0.95))
"""The same of edges: chance of a new one, and that one is lost."""
_SAMPLES = 100
_CLUSTERS = 5


@dataclass(frozen=True)
class Accuracy:
    """Share of correct nodes on the validation and the test nodes."""

    validation: float
    test: float

    @classmethod
    def of(cls, labels: torch.Tensor, data: Data) -> Accuracy:
        """Accuracy of labels (n,)."""
        hits = (labels == data.y).float()
        return cls(hits[data.val_mask].mean().item(), hits[data.test_mask].mean().item())


@torch.inference_mode()
def clean_accuracy(network: nn.Module, data: Data) -> Accuracy:
    """Accuracy without noise."""
    return Accuracy.of(network(data.x, data.edge_index).argmax(dim=1), data)


def smoothed_accuracy(
    network: nn.Module, data: Data, to_one: float, to_zero: float, edges: tuple[float, float] | None = None
) -> Accuracy:
    """Accuracy of the smoothed model: highest mean score of 100 noisy copies, one noise for the whole graph.

    Args:
        to_one, to_zero: chances that an attribute is added and lost.
        edges: the same for edges; None: they stay as they are.
    """
    settings = GraphSettings(
        clusters=1,
        flip_to_one=(to_one,) * 2,
        flip_to_zero=(to_zero,) * 2,
        flip_edges=None if edges is None else ((edges[0],) * 2, (edges[1],) * 2),
        pilot_samples=_SAMPLES,
        samples=1,
    )
    certificate = certify_graph(network, data, settings, generator=torch.Generator().manual_seed(0))
    return Accuracy.of(torch.as_tensor(certificate.labels), data)


@torch.inference_mode()
def locality(network: nn.Module, data: Data) -> tuple[float, float]:
    """How many predictions change when all attributes of one of five METIS clusters are deleted.

    Returns:
        Mean shares of changed labels within the cluster and in all other clusters.
    """
    clusters = torch.as_tensor(partition_nodes(data.edge_index.numpy(), data.num_nodes, "metis", _CLUSTERS))
    clean = network(data.x, data.edge_index).argmax(dim=1)
    inside, outside = [], []
    for cluster in range(_CLUSTERS):
        members = clusters == cluster
        emptied = data.x.clone()
        emptied[members] = 0
        changed = (network(emptied, data.edge_index).argmax(dim=1) != clean).float()
        inside.append(changed[members].mean().item())
        outside.append(changed[~members].mean().item())
    return float(np.mean(inside)), float(np.mean(outside))
