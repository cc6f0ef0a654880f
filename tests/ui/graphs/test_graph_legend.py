"""The node legend: every state in its own shape and colour, shares of what is counted, and who is left out."""

from __future__ import annotations

import base64
import re
from itertools import combinations
from pathlib import Path

import pytest

from tests.ui.graphs.toy_certificate import toy_certificate
from ui.components.graph_view.drawing import PLAIN
from ui.graphs.comparison import OUTCOMES
from ui.graphs.counting import candidates
from ui.graphs.legend import _SHAPES, UNCOUNTED, node_legend_html, node_picture
from ui.graphs.plane import compute_plane
from ui.graphs.states import node_states
from ui.style.palette import PATTERNS, STATES
from ui.style.words import share


def drawn(count):
    certificate = toy_certificate()
    plane = compute_plane(certificate, count, boxes=3)
    states = node_states(certificate, plane.budgets((0, 2)), plane.allocation[0, 2], count)
    return certificate, plane, states, node_legend_html(states, plane.outputs, count, dark=False)


@pytest.mark.parametrize("count", ["all", "correct", "unseen"])
def test_the_legend_counts_every_node(count):
    certificate, plane, states, html = drawn(count)
    for style, number in zip(STATES, states.nodes, strict=True):
        assert (style.name in html) == (style.name != "wrong" or count != "all")
        assert number == 0 or share(number, plane.outputs) in html
    left_out = int((~candidates(certificate, count)).sum())
    assert (UNCOUNTED in html) == (left_out > 0)
    assert f'<td class="lrs-n">{left_out}</td>' in html or not left_out


@pytest.mark.parametrize("styles", [STATES, OUTCOMES], ids=["states", "outcomes"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_styles_differ_in_shape_and_in_colour(styles, dark):
    for one, other in combinations(styles, 2):
        assert one.pattern != other.pattern
        assert (one.dark, one.light)[not dark] != (other.dark, other.light)[not dark]
    assert PLAIN[dark] not in [style.dark if dark else style.light for style in styles]


def test_every_pattern_has_a_picture_and_the_fill_is_in_it():
    assert set(_SHAPES) == set(PATTERNS)
    pictures = {node_picture("#123456", pattern) for pattern in PATTERNS}
    assert len(pictures) == len(PATTERNS)
    for picture in pictures:
        assert "#123456" in base64.b64decode(picture.split(",")[1]).decode()


def test_the_view_draws_plain_nodes_in_the_same_colours():
    script = Path(__file__).resolve().parents[3] / "ui" / "components" / "graph_view" / "js" / "model.js"
    found = re.search(r'PLAIN_NODE = \["(#\w+)", "(#\w+)"\]', script.read_text())
    assert found
    assert found.groups() == PLAIN
