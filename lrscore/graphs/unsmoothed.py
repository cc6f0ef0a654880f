"""What the model says about the graph as it is, without noise: what smoothing is compared with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.evaluation import Asked
from lrscore.graphs.input import GraphInput
from lrscore.graphs.noisy_attributes import csr_of_ones
from lrscore.graphs.sampler import GraphModel, dense_rows


@torch.inference_mode()
def unsmoothed_labels(model: GraphModel, graph: Any, device: str | torch.device = "cpu") -> np.ndarray:
    """(n,) int64 labels of the clean graph, one pass of the model.

    Args:
        model, graph, device: as in `lrscore.certify_graph`.

    Raises:
        InputError: the graph is none, or the model cannot take it.
    """
    given = GraphInput.read(graph)
    nodes, width = given.shape
    starts = np.concatenate([[0], np.cumsum(np.bincount(given.rows, minlength=nodes))]).astype(np.int64)
    x = csr_of_ones(torch.as_tensor(starts), torch.as_tensor(given.columns), given.shape).to(device)
    edges = torch.as_tensor(given.edges, device=device)
    x = x if getattr(model, "sparse_input", False) else dense_rows(x)
    scores = Asked(model)(model, x, edges, what=f"{width} attributes per node")
    if scores.ndim != 2 or scores.shape[0] != nodes or scores.shape[1] < 2:
        raise InputError(
            f"the model must return (nodes, classes) = ({nodes}, ...), got {tuple(scores.shape)}"
        )
    return scores.max(dim=1).indices.cpu().numpy()
