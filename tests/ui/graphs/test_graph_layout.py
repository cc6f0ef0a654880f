"""The layout of graphs that come without one: every component by itself, in a place of its own."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ui.graphs.layout import _shelves, force_layout


def rings(sizes: list[int]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Edges of disjoint rings, the numbers of their nodes mixed, and the members of each."""
    order = np.random.default_rng(0).permutation(sum(sizes))
    members = np.split(order, np.cumsum(sizes)[:-1])
    edges = [np.stack([ring, np.roll(ring, 1)]) for ring in members if len(ring) > 1]
    return np.concatenate(edges, axis=1), members


@pytest.mark.parametrize(
    "sizes", [[40, 12, 12, 5, 3, 2, 2, 1, 1, 1], [60] + [2] * 80 + [1] * 60, [5], [1, 1, 3]]
)
def test_components_do_not_overlap(sizes: list[int]):
    edges, members = rings(sizes)
    positions = force_layout(edges, sum(sizes))
    assert positions.shape == (sum(sizes), 2)
    assert np.isfinite(positions).all()
    assert np.abs(positions).max() <= 1
    boxes = [(positions[ring].min(axis=0), positions[ring].max(axis=0)) for ring in members]
    for (low, high), (other_low, other_high) in combinations(boxes, 2):
        assert (high < other_low).any() or (other_high < low).any()


def test_a_component_takes_its_share_and_the_picture_is_no_strip():
    edges, members = rings([60] + [2] * 80 + [1] * 60)
    positions = force_layout(edges, 280)
    extent = np.ptp(positions, axis=0)
    assert 0.5 < extent[0] / extent[1] < 2
    assert np.ptp(positions[members[0]], axis=0).max() > 0.3 * extent.max()


def test_squares_fill_rows_beside_and_below_the_first():
    sides = np.sqrt([100.0, 9, 9, 4, 4, 4, *[1] * 120])
    corners = _shelves(sides)
    for (one, a), (other, b) in combinations(zip(corners, sides, strict=True), 2):
        apart = (one + a <= other + 1e-9) | (other + b <= one + 1e-9)
        assert apart.any()
    area = np.prod((corners + sides[:, None]).max(axis=0))
    assert (sides**2).sum() > 0.6 * area, "little is wasted"
