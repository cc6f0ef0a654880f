"""How curves over the budget look."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from ui.style.theme import Theme


@dataclass(frozen=True)
class LineStyle:
    """How a method's curve is drawn: width and dash tell it apart without its colour.

    Between two budgets a proven count is that of the larger one, and a ceiling that of the smaller one (`upper`).
    """

    name: str
    colour: str
    dash: str
    width: float
    upper: bool = False


def lay_out(figure: go.Figure, theme: Theme, *, what: str, norm: str, largest: float) -> None:
    """Axes, legend and colours of a plot of certified shares against the budget, with fixed ranges."""
    axis = {
        "gridcolor": theme.border,
        "linecolor": theme.border,
        "zeroline": False,
        "title": {"font": {"size": 13}},
        "tickfont": {"size": 12},
        "fixedrange": True,
    }
    figure.update_layout(
        height=330,
        margin={"l": 58, "r": 12, "t": 8, "b": 46},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": theme.text, "family": "Source Sans, sans-serif"},
        hovermode="x unified",
        hoverlabel={"bgcolor": theme.surface, "font": {"color": theme.text}},
        legend={
            "x": 1,
            "xanchor": "right",
            "y": 1,
            "yanchor": "top",
            "bgcolor": theme.veil,
            "font": {"size": 12},
        },
        uirevision="curve",
    )
    figure.update_xaxes(
        **axis | {"title": {"text": f"budget ε ({norm} norm)"}, "range": [0, largest], "hoverformat": ".4~f"}
    )
    figure.update_yaxes(**axis | {"title": {"text": f"{what} (%)"}, "range": [0, 101], "ticksuffix": " "})
