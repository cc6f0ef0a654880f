"""Everything that follows the two budget sliders: the number, the graph, the plane, the methods, a node's story.

Drawn as a fragment: a move of a slider looks numbers up and paints, and nothing else of the page runs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.known_labels import beyond_model
from ui.certification.claim import warn_of_disagreement
from ui.charts.chart import Chart
from ui.charts.figure import chart_figure
from ui.charts.selection import selected_values
from ui.charts.terms import draw_figure
from ui.components.graph_view import Drawing, GraphEvent, NodeStyles, NodeValues, graph_view
from ui.graphs.adversary import draw_graph_game
from ui.graphs.attack.panel import attack_colours, draw_attack_button, draw_attack_result, known_attack
from ui.graphs.budgets import choose_budgets, draw_budgets
from ui.graphs.comparison import GraphSide, outcome_styles, pinned_line, pinned_values
from ui.graphs.counting import COUNT_WORDS, Count, possible_counts
from ui.graphs.export import ExportedGraph, screen_name
from ui.graphs.export_panel import draw_graph_export
from ui.graphs.kinds import NAMES, draw_other_budgets
from ui.graphs.layout import force_layout
from ui.graphs.legend import node_legend_html, node_strip_html
from ui.graphs.memory import BOXES, COUNT, EFFORT, QUICK, chosen_count, plane_of, relaxations_of
from ui.graphs.on_screen import ShownGraph
from ui.graphs.picture import build_drawing
from ui.graphs.pin_panel import Pinned, draw_comparison
from ui.graphs.plane import (
    ADDITIONS,
    DELETIONS,
    Cut,
    Plane,
    Point,
)
from ui.graphs.plots import cut_chart, plane_figure
from ui.graphs.repeats import draw_graph_repeats
from ui.graphs.source_picker import GraphPick
from ui.graphs.states import node_states
from ui.graphs.story_panel import draw_node_story
from ui.graphs.words import axis_name, claim_html, facts_html
from ui.style.theme import current_theme
from ui.widgets.linked import linked

VIEWER = "graph_viewer"
PLANE = "plane_plot"
NODE = "graph_node"
"""Name of the picked node's number in the link and in the session."""


@st.fragment
def draw_graph_view(shown: ShownGraph, pick: GraphPick, pinned: Pinned | None = None) -> None:
    """Sliders, claim, facts, graph, plane, cut and legend of the certificate on screen.

    Args:
        pick: the graph and the model that are chosen.
        pinned: what it is compared with.
    """
    certificate, title = shown.certificate, pick.title
    with st.container(key="budget_bar"):
        with st.container(
            key="claim_row", horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
        ):
            claim_place = st.container()
            with st.container(horizontal=True, width="content", vertical_alignment="center"):
                count = draw_count(shown)
                export_place = st.container(width="content")
        whole = plane_of(shown, count)
        budgets = draw_budgets(whole)
        draw_other_budgets(certificate, whole.view)
        plane = plane_of(shown, count, budgets)
        point = plane.index(*budgets)
        claim_place.html(claim_html(certificate, plane, point, count))
    st.html(facts_html(certificate, plane, point))
    warn_of_disagreement(certificate)
    if words := beyond_model(certificate.reference, certificate.pilot_scores.shape[1]):
        end = "" if words.endswith("?") else "."
        st.warning(f"{words[0].upper()}{words[1:]}{end}", icon=":material/warning:")
    units = plane.units(point)
    states = node_states(certificate, units, plane.allocation[point], count)
    here = GraphSide(certificate, plane)
    other = pinned.side(count, plane.view) if pinned is not None else None
    compared: list[NodeStyles | NodeValues] = []
    if other is not None:
        compared = [outcome_styles(here, other, budgets, count), *pinned_values(other.certificate)]
    draw_attack_button(shown, units, count)
    attack = known_attack(shown, count, units)
    if attack is not None:
        compared.append(attack_colours(attack))
    st.html(node_strip_html(states, plane.outputs, count, dark=current_theme().dark))
    left, right = st.columns([5, 3], gap="medium")
    with left:
        positions = graph_positions(shown)
        drawing = build_drawing(
            certificate,
            states,
            plane.allocation[point],
            positions,
            _picked_group(certificate),
            compared,
            None if attack is None else attack.spent,
        )
        event = _draw_graph(certificate, drawing, screen_name(title, certificate, units, count))
    with right:
        _draw_plane(plane, point, count)
        st.html(node_legend_html(states, plane.outputs, count, dark=current_theme().dark))
    if event is not None:
        draw_node_story(certificate, event.node, states, units, plane.allocation[point])
    if attack is not None:
        draw_attack_result(certificate, attack, plane, point)
    draw_graph_game(
        certificate,
        plane,
        point,
        count,
        positions,
        attack.spent if attack is not None and len(units) == 2 else None,
    )
    draw_graph_repeats(shown, pick, plane, point, count)
    chart = _draw_cut(shown, here, point, count, other)
    with export_place:
        draw_graph_export(
            ExportedGraph(certificate, plane, point, count, states, positions, chart, current_theme(), title)
        )
    if pinned is not None:
        draw_comparison(here, pinned, budgets, count)


def draw_count(shown: ShownGraph) -> Count:
    """What is counted; without true classes there is no choice."""
    possible = possible_counts(shown.certificate)
    if len(possible) > 1:
        linked(
            st.segmented_control,
            "Count",
            possible,
            key=COUNT,
            format_func=COUNT_WORDS.__getitem__,
            default=possible[0],
            required=True,
            label_visibility="collapsed",
        )
    return chosen_count(shown.certificate)


@st.cache_resource(max_entries=16, show_spinner="Laying the graph out …")
def _layout(key: str, _edges: np.ndarray, nodes: int) -> np.ndarray:
    return force_layout(_edges, nodes)


def graph_positions(shown: ShownGraph) -> np.ndarray:
    """(n, 2) the layout: the certificate's own, or one that is computed once."""
    positions = shown.certificate.display.positions
    if positions is None:
        return _layout(shown.key, shown.certificate.edges, shown.certificate.nodes)
    return positions


def _picked_group(certificate: GraphCertificate) -> int | None:
    """The cluster of the picked node."""
    selected = picked_node(certificate)
    return None if selected is None else int(certificate.clusters[selected])


def _draw_graph(certificate: GraphCertificate, drawing: Drawing, file_name: str) -> GraphEvent | None:
    return graph_view(
        drawing,
        key=VIEWER,
        height=520,
        file_name=file_name,
        selected=picked_node(certificate),
        on_click=_remember_node,
    )


def picked_node(certificate: GraphCertificate) -> int | None:
    """The node that the link or the session names, if this graph has it."""
    number = str(st.query_params.get(NODE) or st.session_state.get(NODE) or "")
    return int(number) if number.isdecimal() and int(number) < certificate.nodes else None


def _remember_node(event: GraphEvent | None) -> None:
    if event is None:
        st.session_state.pop(NODE, None)
        st.query_params.pop(NODE, None)
    else:
        st.session_state[NODE] = str(event.node)
        st.query_params[NODE] = str(event.node)


def _draw_plane(plane: Plane, point: Point, count: Count) -> None:
    what = axis_name(count)
    draw_figure(
        plane_figure(plane, point, current_theme(), what=what),
        key=PLANE,
        on_select=_choose_point,
        alt=f"{what} over {' and '.join(NAMES[kind] for kind in plane.view.kinds[::-1])}; it falls with both. "
        "Click a cell to choose it.",
    )
    if plane.goes_on:
        st.caption("Larger budgets than these may be certified as well.")


def _choose_point() -> None:
    """Callback of a click on the plane: move both sliders there."""
    values = selected_values(PLANE)
    if values is not None:
        additions, deletions = values[:2]
        choose_budgets(int(additions), int(deletions))


def _draw_cut(
    shown: ShownGraph, here: GraphSide, point: Point, count: Count, other: GraphSide | None
) -> Chart:
    plane, theme = here.plane, current_theme()
    words = {NAMES[plane.view.kinds[kind]]: kind for kind in (DELETIONS, ADDITIONS)}
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        chosen = linked(
            st.segmented_control,
            "Methods compared along",
            list(words),
            key="graph_cut"
            if plane.view.kinds == (0, 1)
            else f"graph_cut_{'_'.join(map(str, plane.view.kinds))}",
            default=next(iter(words)),
            required=True,
        )
        linked(
            st.segmented_control,
            "Branch and bound",
            list(BOXES),
            key=EFFORT,
            default=QUICK,
            required=True,
            help="Thorough proofs close more of the gap to the ceiling and can take half a minute.",
        )
    kind: Cut = words.get(chosen or "", DELETIONS)
    relaxations = relaxations_of(shown, plane, point, kind, count)
    what = axis_name(count)
    chart = cut_chart(plane, relaxations, point, kind, theme, what=what)
    if other is not None:
        chart = replace(chart, lines=(*chart.lines, pinned_line(plane, other, point, kind, theme)))
    draw_figure(
        chart_figure(chart, theme),
        key="cut_plot",
        alt=f"{what} against {NAMES[plane.view.kinds[kind]]}, for four methods and the ceiling; all fall with the "
        "budget.",
    )
    return chart
