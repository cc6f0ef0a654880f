"""Graph, legend, budgets and headline: the graph page on a stage or in a frame."""

from __future__ import annotations

import streamlit as st

from ui.components.graph_view import graph_view
from ui.components.presenter import embedded
from ui.graphs.budgets import choose_budgets, draw_budgets
from ui.graphs.kinds import SLIDERS, draw_other_budgets
from ui.graphs.legend import node_strip_html
from ui.graphs.memory import chosen_count, plane_of
from ui.graphs.on_screen import ShownGraph
from ui.graphs.picture import build_drawing
from ui.graphs.states import node_states
from ui.graphs.view import graph_positions
from ui.graphs.words import claim_html
from ui.style.theme import current_theme
from ui.widgets.page_keys import turn_pages

_HEIGHT, _FRAMED_HEIGHT = 385, 480


@st.fragment
def draw_compact_graph(shown: ShownGraph) -> None:
    """The graph with the states at the budgets; page keys move the deletions."""
    certificate, count = shown.certificate, chosen_count(shown.certificate)
    claim_place = st.container()
    plane = plane_of(shown, count)
    _draw_turns(plane.view.kinds, int(plane.deletions[1]), int(plane.deletions[-1]))
    budgets = draw_budgets(plane)
    draw_other_budgets(certificate, plane.view)
    plane = plane_of(shown, count, budgets)
    point = plane.index(*budgets)
    claim_place.html(claim_html(certificate, plane, point, count))
    states = node_states(certificate, plane.units(point), plane.allocation[point], count)
    st.html(node_strip_html(states, plane.outputs, count, dark=current_theme().dark))
    graph_view(
        build_drawing(certificate, states, plane.allocation[point], graph_positions(shown), None),
        key="compact_graph",
        height=_FRAMED_HEIGHT if embedded() else _HEIGHT,
        plain=True,
    )


def _draw_turns(kinds: tuple[int, int], step: int, most: int) -> None:
    """Buttons out of sight that the page keys press."""
    if embedded():
        return
    with st.container(key="stage_turns"):
        for name, way in (("less", -step), ("more", step)):
            st.button(f"{name} deletions", key=f"stage_{name}", on_click=_turn, args=(kinds, way, most))
        turn_pages("stage_less", "stage_more")


def _turn(kinds: tuple[int, int], change: int, most: int) -> None:
    """Callback: a step more or fewer deletions, or of the plane's other kind."""
    additions, deletions = (int(st.session_state.get(SLIDERS[kind], 0)) for kind in kinds)
    choose_budgets(additions, min(max(deletions + change, 0), most))
