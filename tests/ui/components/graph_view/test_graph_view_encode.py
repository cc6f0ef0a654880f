"""Positions keep their proportions, edges lose repeats, hulls hold their nodes, messages hold everything."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.ui.components.messages import unpack
from ui.components.graph_view import (
    ClusterLayer,
    Clusters,
    ColourScale,
    Drawing,
    NodeColours,
    NodeStyles,
    NodeValues,
)
from ui.components.graph_view.encode import MARGIN, SIDE, distinct_edges, encode_drawing, fit_positions, hull
from ui.style.palette import ALLOCATION, SHARE, STATES

coordinates = st.floats(-1e3, 1e3, allow_nan=False, width=32)
point_clouds = arrays.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(2)), elements=coordinates)


@given(point_clouds)
def test_positions_fill_the_box_and_keep_their_proportions(points: np.ndarray) -> None:
    fitted, (width, height) = fit_positions(points)
    extent = np.ptp(points, axis=0)
    assert fitted.min() >= MARGIN - 1e-6
    assert np.all(fitted.max(axis=0) <= np.array([width, height]) - MARGIN + 1e-6)
    if extent.max() > 0:
        assert max(width, height) == pytest.approx(SIDE + 2 * MARGIN)
        scale = SIDE / extent.max()
        assert np.allclose(fitted - fitted[0], (points - points[0]) * scale, atol=1e-6 * SIDE)


@given(arrays.arrays(np.int64, st.tuples(st.just(2), st.integers(0, 40)), elements=st.integers(0, 6)))
def test_edges_are_the_set_of_pairs(edges: np.ndarray) -> None:
    expected = {frozenset(pair) for pair in edges.T.tolist() if pair[0] != pair[1]}
    found = distinct_edges(edges)
    assert found.shape == (2, len(expected))
    assert {frozenset(pair) for pair in found.T.tolist()} == expected


@given(point_clouds)
def test_hull_holds_every_node(points: np.ndarray) -> None:
    corners = hull(points)
    assert {tuple(corner) for corner in corners} <= {tuple(point) for point in points}
    if len(corners) < 3:
        return
    edges = np.roll(corners, -1, axis=0) - corners
    offsets = points[:, None] - corners
    side = edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0]
    assert side.min() >= -1e-6 * max(1.0, np.abs(points).max() ** 2)


@pytest.mark.parametrize(
    ("points", "corners"),
    [
        ([[1, 2]], {(1, 2)}),
        ([[1, 2], [1, 2]], {(1, 2)}),
        ([[0, 0], [1, 1], [2, 2], [3, 3]], {(0, 0), (3, 3)}),
        ([[0, 0], [2, 0], [0, 2], [2, 2], [1, 1]], {(0, 0), (2, 0), (0, 2), (2, 2)}),
    ],
)
def test_hull_of_degenerate_clusters(points: list[list[float]], corners: set[tuple[float, float]]) -> None:
    assert {tuple(corner) for corner in hull(np.array(points, dtype=float))} == corners


def test_message_holds_nodes_edges_colours_clusters_and_values() -> None:
    states = NodeStyles("state", np.array([0, 3, 255]), STATES)
    votes = NodeColours("votes", SHARE.apply([0, 0.5, 1], 0, 1), ColourScale(SHARE, 0, 1))
    colours = ALLOCATION.apply([0.0, 1.0, 0.5], 0, 1)
    drawing = Drawing(
        np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]]),
        np.array([[0, 1, 2, 2], [1, 0, 2, 1]]),
        [states, votes],
        shapes=states,
        clusters=Clusters(np.array([2, 0, 2]), [ClusterLayer("budget", colours, ("", "1", ".5"))]),
        values=[NodeValues("votes", np.array([0.0, 0.5, 1.0]), digits=1)],
        names=("a", "b", "c"),
    )
    header, blobs = unpack(encode_drawing(drawing, key="k", height=300, selected=1))

    def array(number: int, kind: str) -> list[float]:
        return np.frombuffer(zlib.decompress(blobs[number]), kind).tolist()

    assert array(header["positions"], "<f4") == [40, 40, 1040, 40, 40, 540]
    assert array(header["edges"], "<i4") == [0, 1, 1, 2]
    assert (header["page_height"], header["selected"], header["names"]) == (300, 1, ["a", "b", "c"])
    assert [(c["name"], c["kind"]) for c in header["colourings"]] == [
        ("state", "styles"),
        ("votes", "colours"),
    ]
    assert header["colourings"][0]["present"] == [0, 3]
    assert array(header["colourings"][1]["blob"], "u1") == votes.colours[:, :3].ravel().tolist()
    assert header["shapes"]["blob"] == header["colourings"][0]["blob"]
    clusters = header["clusters"]
    assert [len(corners) for corners in clusters["hulls"]] == [1, 0, 2], "cluster 1 has no node"
    assert clusters["centres"] == [[1040, 40], [], [40, 290]]
    assert clusters["layers"][0]["labels"] == ["", "1", ".5"]
    assert header["values"][0]["digits"] == 1


def test_graph_without_edges_and_with_one_node_can_be_sent() -> None:
    drawing = Drawing(np.zeros((1, 2)), np.zeros((2, 0), dtype=int), [NodeStyles("s", np.array([0]), STATES)])
    header, blobs = unpack(encode_drawing(drawing, key="k", height=300))
    assert zlib.decompress(blobs[header["edges"]]) == b""
    assert (header["width"], header["height"], header["clusters"]) == (2 * MARGIN, 2 * MARGIN, None)
