"""Turns a drawing into the message that the graph view's script reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull, QhullError

from ui.components.frontend.legend import compact, encode_scale, encode_style
from ui.components.frontend.payload import Payload
from ui.components.graph_view.drawing import (
    NO_STYLE,
    ClusterLayer,
    Clusters,
    Drawing,
    NodeAttributes,
    NodeColours,
    NodeStyles,
    NodeValues,
)

SIDE = 1000.0
"""Longer side of the drawing in its own units, margin excluded."""
MARGIN = 40.0

Floats = npt.NDArray[np.float64]


def encode_drawing(
    drawing: Drawing,
    *,
    key: str,
    height: int,
    selected: int | None = None,
    file_name: str = "",
    plain: bool = False,
) -> bytes:
    """The message of a drawing: header and arrays, see `ui.components.frontend.payload`."""
    payload = Payload()
    positions, size = fit_positions(drawing.positions)
    header = {
        "key": key,
        "width": size[0],
        "height": size[1],
        "page_height": height,
        "file_name": file_name,
        "plain": plain,
        "positions": payload.add_array(positions.astype(np.float32)),
        "edges": payload.add_array(distinct_edges(drawing.edges).astype(np.int32)),
        "colourings": [_colouring(payload, colouring) for colouring in drawing.colourings],
        "shapes": drawing.shapes and _colouring(payload, drawing.shapes),
        "clusters": drawing.clusters and _clusters(payload, drawing.clusters, positions),
        "values": [_values(payload, values) for values in drawing.values],
        "names": drawing.names,
        "attributes": drawing.attributes and _attributes(payload, drawing.attributes),
        "selected": selected,
    }
    return payload.pack(header)


def fit_positions(positions: npt.NDArray[np.floating]) -> tuple[Floats, tuple[float, float]]:
    """Positions moved and scaled into a box with a margin, and the box's width and height.

    The aspect ratio stays; the longer side of the nodes' extent becomes 1000 units. Coinciding nodes are fine.
    """
    points = np.asarray(positions, dtype=np.float64)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = SIDE / extent.max() if extent.max() > 0 else 1.0
    width, height = extent * scale + 2 * MARGIN
    return (points - low) * scale + MARGIN, (float(width), float(height))


def distinct_edges(edges: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Each undirected edge once, (2, E') with first < second; self-loops dropped."""
    ordered = np.sort(np.asarray(edges, dtype=np.int64), axis=0)
    return np.unique(ordered[:, ordered[0] != ordered[1]], axis=1)


def hull(points: Floats) -> Floats:
    """Corners of the convex hull of (n, 2) points in order; the two ends if they lie on a line; one if n is one."""
    unique = np.unique(points, axis=0)
    if len(unique) > 2:
        try:
            return unique[ConvexHull(unique).vertices]
        except QhullError:  # all on one line
            pass
    return unique[[0, -1]] if len(unique) > 1 else unique


def _colouring(payload: Payload, colouring: NodeStyles | NodeColours) -> dict[str, Any]:
    if isinstance(colouring, NodeColours):
        return {
            "name": colouring.name,
            "kind": "colours",
            "blob": payload.add_array(colouring.colours[:, :3]),
            "scale": encode_scale(colouring.scale),
        }
    present = np.unique(colouring.numbers)
    return {
        "name": colouring.name,
        "kind": "styles",
        "blob": payload.add_array(colouring.numbers.astype(np.uint8)),
        "styles": [encode_style(style) for style in colouring.styles],
        "present": present[present != NO_STYLE].tolist(),
        "rest": colouring.rest if NO_STYLE in present else "",
    }


def _clusters(payload: Payload, clusters: Clusters, positions: Floats) -> dict[str, Any]:
    members = [positions[clusters.numbers == number] for number in range(clusters.count)]
    return {
        "blob": payload.add_array(compact(clusters.numbers, argument="cluster numbers")),
        "hulls": [hull(points).round(1).tolist() if len(points) else [] for points in members],
        "centres": [np.median(points, axis=0).round(1).tolist() if len(points) else [] for points in members],
        "layers": [_cluster_layer(layer) for layer in clusters.layers],
    }


def _cluster_layer(layer: ClusterLayer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "colours": layer.colours.tolist(),
        "labels": layer.labels,
        "scale": encode_scale(layer.scale),
        "links": [[link.one, link.other, round(link.weight, 4), link.text] for link in layer.links],
    }


def _attributes(payload: Payload, attributes: NodeAttributes) -> dict[str, Any]:
    ones = np.asarray(attributes.ones).astype(np.int32)
    return {
        "names": attributes.names,
        "nodes": payload.add_array(ones[0]),
        "numbers": payload.add_array(ones[1]),
    }


def _values(payload: Payload, values: NodeValues) -> dict[str, Any]:
    return {
        "name": values.name,
        "blob": payload.add_array(compact(values.values, argument=f"values {values.name!r}")),
        "names": values.names,
        "unit": values.unit,
        "digits": values.digits if values.values.dtype.kind == "f" else 0,
    }
