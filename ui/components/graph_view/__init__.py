"""The graph view: nodes, edges and clusters on a canvas, coloured and read out in the browser."""

from ui.components.frontend.legend import ColourScale
from ui.components.graph_view.component import GraphEvent, graph_view
from ui.components.graph_view.drawing import (
    ClusterLayer,
    ClusterLink,
    Clusters,
    Drawing,
    NodeAttributes,
    NodeColours,
    NodeStyles,
    NodeValues,
)

__all__ = [
    "ClusterLayer",
    "ClusterLink",
    "Clusters",
    "ColourScale",
    "Drawing",
    "GraphEvent",
    "NodeAttributes",
    "NodeColours",
    "NodeStyles",
    "NodeValues",
    "graph_view",
]
