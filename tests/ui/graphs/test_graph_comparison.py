"""Two certificates of one graph: shares, outcomes node by node, rows, and nothing claimed beyond a plane."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.ui.graphs.toy_certificate import NODES, SETTINGS, toy_certificate
from ui.components.graph_view.drawing import NO_STYLE
from ui.graphs.comparison import (
    BOTH,
    HERE,
    NEITHER,
    OUTCOMES,
    THERE,
    GraphSide,
    difference_figure,
    number_rows,
    outcome_styles,
    pinned_line,
    same_graph,
    setting_rows,
)
from ui.graphs.counting import Count, candidates
from ui.graphs.memory import compute_relaxations
from ui.graphs.plane import DELETIONS, compute_plane
from ui.graphs.plots import cut_chart
from ui.style.theme import LIGHT


def side(settings=SETTINGS, count: Count = "unseen") -> GraphSide:
    certificate = toy_certificate(settings)
    return GraphSide(certificate, compute_plane(certificate, count, boxes=3))


@pytest.fixture(scope="module")
def strong() -> GraphSide:
    return side()


@pytest.fixture(scope="module")
def weak() -> GraphSide:
    return side(replace(SETTINGS, flip_to_zero=(0.1, 0.4)))


def test_beyond_a_plane_nothing_is_proven(strong: GraphSide):
    last = int(strong.plane.additions[-1]), int(strong.plane.deletions[-1])
    assert strong.proven((0, 0)) == strong.plane.proven[0, 0] > 0
    for beyond in ((last[0] + 1, 0), (0, last[1] + 1)):
        assert strong.proven(beyond) == 0
        assert not strong.standing(beyond, "unseen").any()


def test_between_two_budgets_the_larger_one_counts(strong: GraphSide):
    coarse = replace(
        strong,
        plane=replace(
            strong.plane,
            deletions=np.array([0, 2]),
            proven=strong.plane.proven[:, [0, 2]],
            allocation=strong.plane.allocation[:, [0, 2]],
        ),
    )
    assert coarse.proven((0, 1)) == strong.proven((0, 2)) < strong.proven((0, 1))


def test_outcomes_say_where_every_counted_node_stands(strong: GraphSide, weak: GraphSide):
    budgets = (0, 2)
    assert strong.proven(budgets) != weak.proven(budgets)
    styles = outcome_styles(strong, weak, budgets, "unseen")
    stands = strong.standing(budgets, "unseen"), weak.standing(budgets, "unseen")
    counted = candidates(strong.certificate, "unseen")
    assert np.array_equal(styles.numbers == NO_STYLE, ~counted)
    for style, expected in (
        (BOTH, stands[0] & stands[1]),
        (HERE, stands[0] & ~stands[1]),
        (THERE, ~stands[0] & stands[1]),
        (NEITHER, ~stands[0] & ~stands[1]),
    ):
        assert np.array_equal(styles.numbers == OUTCOMES.index(style), expected & counted)
    assert (styles.numbers == OUTCOMES.index(HERE)).any()
    turned = outcome_styles(weak, strong, budgets, "unseen")
    assert (turned.numbers == OUTCOMES.index(THERE)).sum() == (styles.numbers == OUTCOMES.index(HERE)).sum()


def test_outcomes_have_different_shapes():
    assert len({style.pattern for style in OUTCOMES}) == len(OUTCOMES)


def test_rows_hold_numbers_and_only_settings_that_differ(strong: GraphSide, weak: GraphSide):
    numbers = {name: (here, pinned) for name, here, pinned in number_rows(strong, weak, (0, 2), "unseen")}
    assert numbers["proven"][0].endswith(f"({strong.proven((0, 2))})")
    assert numbers["proven"][1].endswith(f"({weak.proven((0, 2))})")
    assert "smoothed label is right" not in {
        name: here for name, here, _ in number_rows(side(count="all"), side(count="all"), (0, 0), "all")
    }
    assert [name for name, *_ in setting_rows(strong.certificate, weak.certificate)] == ["noise levels"]
    assert setting_rows(strong.certificate, strong.certificate) == []


def test_graphs_are_told_apart_by_edges_and_attributes():
    one = toy_certificate()
    assert same_graph(one, toy_certificate(replace(SETTINGS, alpha=0.1)))
    assert same_graph(one, toy_certificate(named=False)), "untold attributes contradict nothing"
    edges = one.edges.copy()
    edges[:, 0] = 0, 12
    assert not same_graph(one, replace(one, edges=edges))
    ones = one.display.ones.copy()
    ones[1, 0] = 90
    assert not same_graph(one, replace(one, display=replace(one.display, ones=ones)))


def test_the_difference_over_the_plane_is_in_points(strong: GraphSide, weak: GraphSide):
    heat = difference_figure(strong, weak, (0, 2), LIGHT).data[0]
    place = list(heat.y).index(0), list(heat.x).index(2)
    expected = 100 * (strong.proven((0, 2)) - weak.proven((0, 2))) / strong.plane.outputs
    assert heat.z[place[0]][place[1]] == pytest.approx(expected, abs=1e-4)
    assert heat.zmin == -heat.zmax


def test_the_pinned_line_follows_the_cut(strong: GraphSide, weak: GraphSide):
    point = (0, 2)
    pairs = strong.plane.budgets_along(point, DELETIONS)
    relaxations = compute_relaxations(strong.certificate, "unseen", pairs)
    chart = cut_chart(strong.plane, relaxations, point, DELETIONS, LIGHT, what="share")
    assert [line.shape for line in chart.lines] == ["hv", "vh", "vh", "vh", "vh"], "only a ceiling falls late"
    line = pinned_line(strong.plane, weak, point, DELETIONS, LIGHT)
    assert line.name == "pinned: proven"
    assert line.y[1] == pytest.approx(100 * weak.proven((0, 1)) / weak.plane.outputs, abs=1e-4)
    assert weak.plane.outputs <= NODES
