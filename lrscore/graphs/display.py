"""What a page draws of a graph beside its certificate. No claim depends on any of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class GraphDisplay:
    """Optional facts about a graph; empty where unknown.

    Args:
        title: one line.
        positions: (n, 2) float32 layout, or None.
        ones: (2, ones) int64 node and attribute of every attribute present, or None.
        node_names, attribute_names: names in order, or empty.
        training: (n,) bool, nodes whose label the model was trained on, or None.
    """

    title: str = ""
    positions: np.ndarray | None = None
    ones: np.ndarray | None = None
    node_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    training: np.ndarray | None = None
