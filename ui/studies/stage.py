"""A study on a stage or in a frame: the best setting as a headline, and one figure at a time."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lrscore.study.summary import SettingSummary
from ui.charts.terms import draw_figure
from ui.components.presenter import embedded
from ui.studies.panels import chosen_curves
from ui.studies.plots import curves_figure, front_figure
from ui.studies.shelf import Results
from ui.style.templates import render
from ui.style.theme import current_theme
from ui.style.words import radius_words
from ui.widgets.page_keys import turn_pages

FIGURE = "studies_figure"
_FRONT, _CURVES = "Accuracy and radius", "Curves"
_HEIGHT = 430


@st.fragment
def draw_stage(results: Results, method: str) -> None:
    """Headline and figure; page keys show the other one.

    Args:
        method: counted by.
    """
    st.html(headline_html(results.summary, method))
    found = chosen_curves(results, method)
    figures = {
        _FRONT: front_figure(results.summary, method, current_theme()),
        _CURVES: curves_figure(found, current_theme(), results.norm) if found else None,
    }
    offered = [name for name, figure in figures.items() if figure is not None]
    if not offered:
        return
    if st.session_state.get(FIGURE) not in offered:
        st.session_state.pop(FIGURE, None)
    shown = str(st.segmented_control("Figure", offered, default=offered[0], required=True, key=FIGURE))
    if not embedded():
        with st.container(key="stage_turns"):
            for name, way in (("previous", -1), ("next", 1)):
                st.button(f"{name} figure", key=f"stage_{name}", on_click=_turn, args=(way, offered))
            turn_pages("stage_previous", "stage_next")
    figure = figures[shown]
    assert figure is not None
    words = "every setting as a point" if shown == _FRONT else "certified share against the budget"
    draw_figure(
        figure.update_layout(height=_HEIGHT),
        key=f"stage_{shown.split()[0].lower()}",
        alt=f"{shown}: {words}.",
        explained=False,
    )


def _turn(way: int, offered: Sequence[str]) -> None:
    """Callback: the next or the previous figure, up to the last or the first."""
    place = offered.index(str(st.session_state.get(FIGURE, offered[0]))) + way
    st.session_state[FIGURE] = offered[min(max(place, 0), len(offered) - 1)]


def headline_html(summary: Sequence[SettingSummary], method: str) -> str:
    """The setting with the largest average certified radius, and the next one; of graphs, how much is done."""
    own = sorted(
        (one for one in summary if one.method == method and one.radius is not None and one.pictures),
        key=lambda one: -float(one.radius or 0.0),
    )
    if not own:
        done = sum(one.pictures for one in summary if one.method == method)
        return render("study_headline", number=f"{done:,}", best=None, rival=None, interval="")
    best, rival = own[0], own[1] if len(own) > 1 else None
    reach = best.interval
    return render(
        "study_headline",
        number=radius_words(float(best.radius or 0.0)),
        best=best,
        interval="" if reach is None else f"{reach[0]:.4f} to {reach[1]:.4f}",
        rival=rival,
        rival_number="" if rival is None else radius_words(float(rival.radius or 0.0)),
    )
