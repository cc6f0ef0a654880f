"""Plots of (groups, regions) matrices: noise levels and measured influence."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.style.palette import ColourMap
from ui.style.theme import Theme

_STOPS = 17


def matrix_figure(
    values: np.ndarray, theme: Theme, *, colours: ColourMap, high: float, title: str, digits: int = 3
) -> go.Figure:
    """A heatmap with one row per predicted region and one column per region that is looked at.

    Args:
        values: (I, J), at least 0; what is not finite stays blank.
        high: upper end of the colours, above 0; the lower one is 0.
        title: above the plot.
        digits: of a number under the pointer.
    """
    table = colours.table
    scale = [
        [stop / (_STOPS - 1), "rgb({},{},{})".format(*table[round(stop * 255 / (_STOPS - 1))])]
        for stop in range(_STOPS)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=np.where(np.isfinite(values), values, np.nan),
            zmin=0,
            zmax=high,
            colorscale=scale,
            hovertemplate=f"region %{{x}} for region %{{y}}: %{{z:.{digits}g}}<extra></extra>",
            colorbar={"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}},
        )
    )
    axis = {"showgrid": False, "zeroline": False, "color": theme.muted, "tickformat": "d"}
    figure.update_layout(
        title={"text": title, "font": {"size": 14, "color": theme.text}},
        xaxis={**axis, "title": "region with the noise", "constrain": "domain"},
        yaxis={**axis, "title": "region predicted", "autorange": "reversed", "scaleanchor": "x"},
        **_layout(theme),
    )
    return figure


def distance_figure(means: np.ndarray, theme: Theme, *, unit: str) -> go.Figure:
    """Mean influence (distances,) by grid distance."""
    figure = go.Figure(
        go.Bar(
            x=np.arange(means.size),
            y=means,
            marker_color=theme.primary,
            hovertemplate="%{y:.3g}<extra></extra>",
        )
    )
    axis = {"color": theme.muted, "zeroline": False, "gridcolor": theme.border}
    figure.update_layout(
        title={"text": "Mean influence by grid distance", "font": {"size": 14, "color": theme.text}},
        xaxis={**axis, "title": "grid distance", "dtick": 1, "showgrid": False},
        yaxis={**axis, "title": unit, "rangemode": "tozero"},
        **_layout(theme),
    )
    return figure


def _layout(theme: Theme) -> dict[str, object]:
    return {
        "height": 360,
        "margin": {"l": 64, "r": 10, "t": 40, "b": 50},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": theme.text},
    }
