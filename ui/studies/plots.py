"""A study's figures: accuracy against radius with intervals, and certified curves with their spread over pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lrscore.study.comparing import Comparison, Curves
from lrscore.study.summary import SettingSummary
from ui.charts.figure import lay_out
from ui.style.theme import Theme

_LIGHT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9")
_DARK = ("#56b4e9", "#f2a35e", "#35c79a", "#e3a6c8", "#f0e442", "#9ad0f5")
_MARKS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
SHOWN = len(_LIGHT)
"""Curves that one figure tells apart."""
SPREAD = (0.1, 0.5, 0.9)


def front_figure(summary: Sequence[SettingSummary], method: str, theme: Theme) -> go.Figure | None:
    """Accuracy to the right, average certified radius upwards with its bootstrap interval; None without either."""
    own = [one for one in summary if one.method == method and one.radius is not None and one.pictures]
    if not own:
        return None
    told = [_accuracy(one) for one in own]
    if any(value is None for value in told):
        return None
    colour = (_DARK if theme.dark else _LIGHT)[0]
    radii = np.array([one.radius for one in own], dtype=float)
    ends = [one.interval or (one.radius, one.radius) for one in own]
    figure = go.Figure()
    figure.add_scatter(
        x=told,
        y=radii,
        error_y={
            "array": [high - radius for (_, high), radius in zip(ends, radii, strict=True)],
            "arrayminus": [radius - low for (low, _), radius in zip(ends, radii, strict=True)],
            "color": theme.muted,
        },
        mode="markers+text" if len(own) <= 12 else "markers",
        text=[one.setting for one in own],
        textposition="top right",
        marker={"color": colour, "size": 10},
        hovertemplate="%{text}<br>x %{x:.3f}, radius %{y:.4f}<extra></extra>",
        showlegend=False,
    )
    lay_out(figure, theme, entries=0)
    what = "mean IoU, all pictures together" if own[0].mean_iou is not None else "accuracy"
    figure.update_xaxes(title={"text": what})
    figure.update_yaxes(title={"text": "average certified radius"}, rangemode="tozero")
    figure.update_layout(hovermode="closest")
    return figure


def curves_figure(found: Sequence[tuple[str, Curves]], theme: Theme) -> go.Figure:
    """Median over pictures, and the band from the lowest tenth to the highest, of up to `SHOWN` settings."""
    figure = go.Figure()
    for place, (name, curves) in enumerate(found[:SHOWN]):
        colour = (_DARK if theme.dark else _LIGHT)[place]
        low, middle, high = 100 * np.quantile(curves.shares, SPREAD, axis=0)
        norms = curves.budgets.astype(np.float32)
        line = {"color": colour, "width": 0, "shape": "vh"}
        figure.add_scatter(x=norms, y=low, mode="lines", line=line, showlegend=False, hoverinfo="skip")
        figure.add_scatter(
            x=norms,
            y=high,
            mode="lines",
            line=line,
            fill="tonexty",
            opacity=0.2,
            showlegend=False,
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=norms,
            y=middle,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "shape": "vh"},
            marker={"symbol": _MARKS[place], "size": 7, "maxdisplayed": 8},
            hovertemplate="%{y:.1f} %",
        )
    lay_out(figure, theme, entries=len(found))
    correct = all(curves.correct for _, curves in found)
    figure.update_xaxes(title={"text": "budget eps"})
    figure.update_yaxes(
        title={"text": "certified accuracy, %" if correct else "certified, %"}, range=[0, 100]
    )
    return figure


def pairs_figure(found: Comparison, names: tuple[str, str], theme: Theme) -> go.Figure:
    """Every picture as a point: its radius under the one setting, and under the other."""
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
        marker={"color": (_DARK if theme.dark else _LIGHT)[0], "size": 7},
        hovertemplate="%{text}<br>%{x:.4f} and %{y:.4f}<extra></extra>",
    )
    lay_out(figure, theme, entries=0)
    figure.update_xaxes(title={"text": f"radius, {names[0]}"})
    figure.update_yaxes(title={"text": f"radius, {names[1]}"})
    figure.update_layout(showlegend=False, hovermode="closest")
    return figure


def _accuracy(one: SettingSummary) -> float | None:
    return one.mean_iou if one.mean_iou is not None else one.accuracy
