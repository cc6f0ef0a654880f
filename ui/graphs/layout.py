"""Positions for graphs that come without any."""

from __future__ import annotations

import random
import threading

import igraph
import numpy as np

_SEED = 0
_STEPS = 500
_FILLED = 0.86  # of a component's square, so that neighbours stay apart
_WIDER = 1.2  # than high, as the page's picture is
_LOCK = threading.Lock()


def force_layout(edges: np.ndarray, nodes: int) -> np.ndarray:
    """Layout (n, 2) float32, centred, largest coordinate 1; the same for the same graph.

    Every connected component is laid out by Fruchterman and Reingold's forces in a square as large as its share of the
    nodes; the squares stand in rows beside and below the largest. One layout of everything would draw hundreds of small
    components on top of each other.

    Args:
        edges: (2, E) node numbers; direction, repeats and self-loops are ignored.
        nodes: number of nodes, at least 1.
    """
    pairs = np.unique(np.sort(np.asarray(edges, dtype=np.int64), axis=0), axis=1)
    graph = igraph.Graph(n=nodes, edges=pairs[:, pairs[0] != pairs[1]].T.tolist())
    components = sorted(graph.connected_components(), key=lambda members: (-len(members), members[0]))
    sides = np.sqrt([len(members) for members in components])
    positions = np.empty((nodes, 2))
    for members, side, corner in zip(components, sides, _shelves(sides), strict=True):
        positions[members] = corner + _FILLED * side * _unit_layout(graph.induced_subgraph(members))
    positions -= (positions.max(axis=0) + positions.min(axis=0)) / 2
    return (positions / max(float(np.abs(positions).max()), 1e-9)).astype(np.float32)


def _unit_layout(graph: igraph.Graph) -> np.ndarray:
    """(n, 2) layout of a connected graph within the unit square."""
    nodes = graph.vcount()
    if nodes == 1:
        return np.full((1, 2), 0.5)
    start = np.random.default_rng(_SEED).normal(scale=np.sqrt(nodes), size=(nodes, 2))
    with _LOCK:  # igraph has one generator for the whole process
        igraph.set_random_number_generator(random.Random(_SEED))
        try:
            layout = graph.layout_fruchterman_reingold(niter=_STEPS, seed=start.tolist())
        finally:
            igraph.set_random_number_generator(random)
    found = np.asarray(layout.coords, dtype=np.float64)
    found -= found.min(axis=0)
    return np.asarray(found / max(float(found.max()), 1e-9))


def _shelves(sides: np.ndarray) -> np.ndarray:
    """(k, 2) corners of squares whose sides do not increase: rows beside the first one, then rows below it."""
    first = float(sides[0])
    width = max(first, _WIDER * float(np.sqrt((sides**2).sum())))
    corners, left, down = [(0.0, 0.0)], first, 0.0
    across, row = left, 0.0
    for side in map(float, sides[1:]):
        if across + side > width and across > left:
            across, down, row = left, down + row, 0.0
        if left and (down + side > first or left + side > width):
            left, across, down, row = 0.0, 0.0, first, 0.0
        corners.append((across, down))
        across, row = across + side, max(row, side)
    return np.array(corners)
