"""The legend of the node states, every style in the shape that the graph view draws."""

from __future__ import annotations

import base64

from markupsafe import Markup

from ui.components.graph_view.drawing import PLAIN
from ui.graphs.counting import Count
from ui.graphs.states import MEANINGS, NodeStates
from ui.style.legend import ORDER, LegendRow, legend_strip, legend_table
from ui.style.palette import WRONG, Pattern
from ui.style.words import share

UNCOUNTED = "not counted"
_RIM = "#6d7178"
_WHY: dict[Count, str] = {
    "unseen": "the model was trained on it, or its class is not known",
    "correct": "its class is not known",
    "all": "",
}
_SHAPES: dict[Pattern, str] = {
    "none": '<circle cx="11" cy="11" r="7" fill="{fill}" stroke="{rim}"/>',
    "diagonal": '<circle cx="11" cy="11" r="4" fill="{fill}" stroke="{rim}" stroke-width="0.8"/>'
    '<circle cx="11" cy="11" r="7.4" fill="none" stroke="{rim}" stroke-width="3.6"/>'
    '<circle cx="11" cy="11" r="7.4" fill="none" stroke="{fill}" stroke-width="2.2"/>',
    "dots": '<circle cx="11" cy="11" r="5.6" fill="none" stroke="{rim}" stroke-width="4.6"/>'
    '<circle cx="11" cy="11" r="5.6" fill="none" stroke="{fill}" stroke-width="3"/>',
    "cross": '<path d="M5 5L17 17M5 17L17 5" stroke="{rim}" stroke-width="5.6"/>'
    '<path d="M5.6 5.6L16.4 16.4M5.6 16.4L16.4 5.6" stroke="{fill}" stroke-width="4"/>',
    "horizontal": '<rect x="5" y="5" width="12" height="12" fill="{fill}" stroke="{rim}"/>',
}


def node_picture(fill: str, pattern: Pattern) -> str:
    """Address of a picture of a node: the shape belongs to the pattern, as in the graph view."""
    drawn = _SHAPES[pattern].format(fill=fill, rim=_RIM)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="22" height="22" viewBox="0 0 22 22">{drawn}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def node_legend_html(states: NodeStates, total: int, count: Count, *, dark: bool) -> Markup:
    """A table: node, name, meaning, share of the counted nodes, and how many are not counted.

    Args:
        total: what the shares are of.
    """
    return legend_table(_rows(states, total, count, dark), "nodes")


def node_strip_html(states: NodeStates, total: int, count: Count, *, dark: bool) -> Markup:
    """The same in a line, to be seen together with the graph."""
    return legend_strip(_rows(states, total, count, dark))


def _rows(states: NodeStates, total: int, count: Count, dark: bool) -> list[LegendRow]:
    rows = [
        LegendRow(
            node_picture(style.dark if dark else style.light, style.pattern),
            style.name,
            MEANINGS[style],
            share(states.count(style), total),
        )
        for style in ORDER
        if style is not WRONG or count != "all"
    ]
    left_out = states.numbers.size - sum(states.nodes)
    if left_out:
        rows.append(LegendRow(node_picture(PLAIN[dark], "none"), UNCOUNTED, _WHY[count], f"{left_out:,}"))
    return rows
