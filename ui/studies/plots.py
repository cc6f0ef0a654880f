"""A study's figures on the page."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from lrscore.study.comparing import Comparison, Curves
from lrscore.study.summary import SettingSummary
from ui.charts.figure import chart_figure, lay_out
from ui.studies.charts import colours, curves_chart, front_chart
from ui.style.theme import Theme


def front_figure(summary: Sequence[SettingSummary], method: str, theme: Theme) -> go.Figure | None:
    """Accuracy to the right, average certified radius upwards with its bootstrap interval; None without either."""
    chart = front_chart(summary, method, theme)
    if chart is None:
        return None
    figure = chart_figure(chart, theme).update_layout(hovermode="closest", showlegend=False)
    for trace, dot in zip(figure.data, chart.dots, strict=True):
        trace.customdata = [[dot.label]]  # what a click on it chooses
    return figure


def curves_figure(found: Sequence[tuple[str, Curves]], theme: Theme, norm: str = "") -> go.Figure:
    """Median over pictures, and the band from the lowest tenth to the highest."""
    return chart_figure(curves_chart(found, theme, norm), theme)


def pairs_figure(found: Comparison, names: tuple[str, str], theme: Theme) -> go.Figure:
    """Every picture as a point: its radius under the one setting, and under the other. One trace, for thousands."""
    figure = go.Figure()
    most = float(max(found.first.max(initial=0.0), found.second.max(initial=0.0))) or 1.0
    figure.add_scatter(
        x=[0, most], y=[0, most], mode="lines", line={"color": theme.muted, "dash": "dot"}, hoverinfo="skip"
    )
    figure.add_scattergl(
        x=found.first,
        y=found.second,
        mode="markers",
        text=found.pictures,
        customdata=[list(place) for place in found.places],
        marker={"color": colours(theme)[0], "size": 7},
        hovertemplate="%{text}<br>%{x:.4f} and %{y:.4f}<extra></extra>",
    )
    lay_out(figure, theme, entries=0)
    figure.update_xaxes(title={"text": f"radius, {names[0]}"})
    figure.update_yaxes(title={"text": f"radius, {names[1]}"})
    figure.update_layout(showlegend=False, hovermode="closest")
    return figure
