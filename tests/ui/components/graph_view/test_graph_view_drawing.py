"""Drawings refuse what cannot be drawn, with one clear sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lrscore.errors import InputError
from ui.components.graph_view import ClusterLayer, Clusters, Drawing, NodeColours, NodeStyles, NodeValues
from ui.style.palette import STATES

PLAIN = NodeStyles("state", np.array([0, 1, 255]), STATES)
POSITIONS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
EDGES = np.array([[0, 1], [1, 2]])


def drawing(**changes: Any) -> Drawing:
    return Drawing(**{"positions": POSITIONS, "edges": EDGES, "colourings": [PLAIN], **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positions": POSITIONS[:, :1]}, r"positions must have shape \(n, 2\)"),
        ({"positions": POSITIONS[:0]}, r"positions must have shape \(n, 2\) with n > 0, got \(0, 2\)"),
        ({"positions": np.full((3, 2), np.nan)}, "positions must be finite"),
        ({"edges": EDGES.astype(float)}, r"edges must be integers of shape \(2, E\), got float64"),
        ({"edges": EDGES[0]}, r"edges must be integers of shape \(2, E\)"),
        ({"edges": EDGES + 1}, "edges must name nodes 0 to 2, got 1 to 3"),
        ({"edges": EDGES - 1}, "edges must name nodes 0 to 2, got -1 to 1"),
        ({"colourings": []}, "at least one colouring"),
        ({"names": ("a", "b")}, r"names must hold one entry per node \(3\), got 2"),
        (
            {"values": [NodeValues("votes", np.zeros(4))]},
            r"values 'votes' must hold one entry per node \(3\), got 4",
        ),
        ({"shapes": NodeStyles("s", np.zeros(2, int), STATES)}, "shapes 's' must hold one entry per node"),
        ({"clusters": Clusters(np.zeros(2, int))}, "cluster numbers must hold one entry per node"),
        (
            {"colourings": [NodeColours("votes", np.zeros((2, 3), np.uint8))]},
            "colouring 'votes' must hold one entry per node",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, Any], message: str) -> None:
    drawing()
    with pytest.raises(InputError, match=message):
        drawing(**changes)


def test_styles_and_colours_are_checked() -> None:
    with pytest.raises(InputError, match="'state': numbers must be 255 or below 5, got 5"):
        NodeStyles("state", np.array([5]), STATES)
    with pytest.raises(InputError, match="'state': numbers must be integers"):
        NodeStyles("state", np.array([0.5]), STATES)
    with pytest.raises(InputError, match="'state': styles must be 1 to 255 styles, got 0"):
        NodeStyles("state", np.array([255]), ())
    with pytest.raises(InputError, match=r"'votes': colours must be uint8 of shape \(n, 3\) or \(n, 4\)"):
        NodeColours("votes", np.zeros((3, 3)))


def test_values_are_checked() -> None:
    with pytest.raises(InputError, match=r"values 'votes' must be numbers of shape \(n,\)"):
        NodeValues("votes", np.zeros((3, 1)))
    with pytest.raises(InputError, match="values 'class' must be integers to have names"):
        NodeValues("class", np.zeros(3), ("a",))


def test_clusters_and_their_layers_are_checked() -> None:
    with pytest.raises(InputError, match="cluster numbers must be integers >= 0"):
        Clusters(np.array([0, -1]))
    with pytest.raises(InputError, match="cluster numbers must be integers >= 0"):
        Clusters(np.array([], dtype=int))
    two = np.zeros((2, 4), dtype=np.uint8)
    with pytest.raises(InputError, match=r"'budget' must have one colour per cluster \(3\), got 2"):
        Clusters(np.array([0, 2]), [ClusterLayer("budget", two)])
    with pytest.raises(InputError, match=r"'budget': labels must be one per cluster \(2\), got 1"):
        ClusterLayer("budget", two, ("a",))
    with pytest.raises(InputError, match=r"'budget': colours must be uint8 of shape \(clusters, 4\)"):
        ClusterLayer("budget", two[:, :3])
