"""Draw a plot on a page, and below it what its words mean: its own legend can not show definitions, a line can."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from ui.style.glossary import known_terms
from ui.style.templates import render

BARE: Mapping[str, Any] = {"displayModeBar": False}
"""Without Plotly's own buttons."""


def figure_terms(figure: go.Figure) -> tuple[str, ...]:
    """The terms in a figure's legend, at its axes, at its colour bar and in its title, in that order."""
    names = [trace.name for trace in figure.data if trace.showlegend is not False]
    titles = [figure.layout.xaxis.title.text, figure.layout.yaxis.title.text]
    bars = [trace.colorbar.title.text for trace in figure.data if "colorbar" in trace]
    return known_terms(str(text) for text in [*names, *titles, *bars, figure.layout.title.text] if text)


def draw_figure(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    config: Mapping[str, Any] = BARE,
    on_select: Callable[[], None] | Literal["rerun", "ignore"] = "ignore",
    explained: bool = True,
) -> None:
    """A plot in the page's own colours and, below it, a small line with its terms.

    Each term shows its definition where the pointer or the focus rests on it.

    Args:
        key: of the plot and of what is selected in it.
        alt: what those hear who do not see it.
        on_select: answers a click on a point; "ignore" for plots whose points answer nothing.
        explained: False where there is no room for the line, as on a stage.
    """
    st.plotly_chart(
        figure,
        theme=None,
        key=key,
        config=dict(config),
        on_select=on_select,
        selection_mode="points",
        alt=alt,
    )
    found = figure_terms(figure) if explained else ()
    if found:
        st.html(render("chart_terms", terms=found))
