"""Positions for graphs that come without any."""

from __future__ import annotations

import random
import threading

import igraph
import numpy as np

_SEED = 0
_STEPS = 500
_LOCK = threading.Lock()


def force_layout(edges: np.ndarray, nodes: int) -> np.ndarray:
    """Fruchterman-Reingold layout, (n, 2) float32, centred, largest coordinate 1; the same for the same graph.

    Args:
        edges: (2, E) node numbers; direction, repeats and self-loops are ignored.
        nodes: number of nodes, at least 1.
    """
    pairs = np.unique(np.sort(np.asarray(edges, dtype=np.int64), axis=0), axis=1)
    graph = igraph.Graph(n=nodes, edges=pairs[:, pairs[0] != pairs[1]].T.tolist())
    start = np.random.default_rng(_SEED).normal(scale=np.sqrt(nodes), size=(nodes, 2))
    with _LOCK:  # igraph has one generator for the whole process
        igraph.set_random_number_generator(random.Random(_SEED))
        try:
            layout = graph.layout_fruchterman_reingold(niter=_STEPS, seed=start.tolist())
        finally:
            igraph.set_random_number_generator(random)
    positions = np.asarray(layout.coords, dtype=np.float64)
    positions -= positions.mean(axis=0)
    return (positions / max(float(np.abs(positions).max()), 1e-9)).astype(np.float32)
