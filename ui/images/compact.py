"""Picture, legend, budget and headline: the segmentation page on a stage or in a frame."""

from __future__ import annotations

import streamlit as st

from lrscore.images.radius import slider_step
from ui.certification.on_screen import Shown
from ui.components.presenter import embedded
from ui.components.viewer import image_viewer
from ui.images.budget import BUDGET, budget_of, draw_budget
from ui.images.curve_memory import best_curves, curves_at
from ui.images.curves import BUDGET_DIGITS
from ui.images.facts import claim_html
from ui.images.legend import counted_strip
from ui.images.panels import View, build_panels, readout, viewer_regions
from ui.images.states import Count, pixel_states
from ui.style.theme import current_theme
from ui.widgets.page_keys import turn_pages

FIRST = ("input", "certified")
_TURNS = 20  # page keys from no budget to the largest
_HEIGHT, _FRAMED_HEIGHT = 415, 460


@st.fragment
def draw_compact_view(shown: Shown) -> None:
    """One picture with the states at the budget; page keys move the budget."""
    certificate = shown.certificate
    wanted = st.session_state.get("image_count", "correct")
    count: Count = "all" if certificate.reference is None or wanted == "all" else "correct"
    claim_place = st.container()
    grid = best_curves(shown.key, count, certificate)
    _draw_turns(float(grid.epsilons[-1]))
    epsilon = draw_budget(grid, certificate.noise.norm, budget_of(certificate))
    curves = curves_at(shown.key, count, certificate, epsilon)
    index = curves.index(epsilon)
    claim_place.html(claim_html(certificate, curves, index, count, curves.said(index)))
    states = pixel_states(certificate, float(curves.epsilons[index]), curves.allocation[index], count)
    view = View(certificate, states, curves.allocation[index], certificate.settings)
    with_wrong = count == "correct" and certificate.reference is not None
    st.html(counted_strip(states, curves.outputs, dark=current_theme().dark, with_wrong=with_wrong))
    chosen = tuple(st.session_state.get("image_panels") or ())
    names = chosen[:2] if chosen and not embedded() else ("certified",) if embedded() else FIRST
    image_viewer(
        build_panels(names, view) or build_panels(("certified",), view),
        key="compact_viewer",
        regions=viewer_regions(certificate),
        values=readout(certificate, states),
        height=_FRAMED_HEIGHT if embedded() else _HEIGHT,
        plain=True,
    )


def _draw_turns(largest: float) -> None:
    """Buttons out of sight that the page keys press."""
    if embedded():
        return
    with st.container(key="stage_turns"):
        for name, way in (("less", -1), ("more", 1)):
            st.button(f"{name} budget", key=f"stage_{name}", on_click=_turn, args=(way, largest))
        turn_pages("stage_less", "stage_more")


def turned(now: float, way: int, largest: float) -> float:
    """A budget about a twentieth of the range up (1) or down (-1), on the slider's usual steps.

    Between them the slider would get a finer step: to the browser that is another slider, which begins where the old
    one stood, and the turn would be lost.
    """
    step = slider_step(largest)
    steps = round(now / step) + way * max(1, round(largest / _TURNS / step))
    return min(max(round(steps * step, BUDGET_DIGITS), 0.0), largest)


def _turn(way: int, largest: float) -> None:
    """Callback: a twentieth of the range up or down."""
    st.session_state[BUDGET] = turned(float(st.session_state.get(BUDGET, 0.0)), way, largest)
    st.session_state["image_eps_chosen"] = True
