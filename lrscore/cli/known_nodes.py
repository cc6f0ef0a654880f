"""Which nodes of a graph to count."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrscore.cli.matrices import read_matrix
from lrscore.errors import SettingsError
from lrscore.targeted import target_mask

SPLITS = ("train", "val", "test")


def target_nodes(source: str, graph: Any, nodes: int) -> np.ndarray:
    """(n,) bool: the nodes of a split, or those that a file marks with 1.

    Raises:
        SettingsError: no such split, an empty one, or no file of zeros and ones.
        InputError: another number of nodes.
    """
    if source in SPLITS:
        mask = getattr(graph, f"{source}_mask", None)
        if mask is None:
            raise SettingsError(f"targets: the graph has no split {source}")
        values = np.asarray(mask.numpy() if hasattr(mask, "numpy") else mask)
        mask = target_mask(values if values.ndim == 1 else values[:, 0], nodes, "nodes")
        if not mask.any():
            raise SettingsError(f"targets: the split {source} of the graph holds no node")
        return mask
    mask = target_mask(read_matrix(source, "targets", key="targets", flat=True), nodes, "nodes")
    if not mask.any():
        raise SettingsError(f"targets: {source} marks no node")
    return mask
