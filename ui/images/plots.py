"""The one plot that compares the methods over the budget."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts.curve import LineStyle, lay_out
from ui.images.curves import CurveSet
from ui.style.theme import Theme


def line_styles(theme: Theme) -> tuple[LineStyle, ...]:
    """Ceiling, envelope, paper and naive, from top to bottom."""
    return (
        LineStyle("ceiling: no method can prove more", theme.muted, "dot", 1.6, upper=True),
        LineStyle("envelope: proven", theme.primary, "solid", 3.2),
        LineStyle("published LP", theme.accent, "dash", 2.0),
        LineStyle("naive: pixel by pixel", theme.text, "dashdot", 1.6),
    )


def curve_figure(curves: CurveSet, index: int, theme: Theme, *, what: str, norm: str) -> go.Figure:
    """Certified share against budget, with the chosen budget marked.

    Args:
        index: position of the chosen budget.
        what: name of the vertical axis, such as "certified accuracy".
        norm: of the perturbations, "l2" or "l1".
    """
    figure = go.Figure()
    rows = (curves.ceiling, curves.envelope, curves.paper, curves.naive)
    for style, counts in zip(line_styles(theme), rows, strict=True):
        figure.add_scatter(
            x=curves.epsilons.astype(np.float32),
            y=(100 * counts / max(curves.outputs, 1)).astype(np.float32),
            name=style.name,
            mode="lines",
            line={
                "color": style.colour,
                "dash": style.dash,
                "width": style.width,
                "shape": "hv" if style.upper else "vh",
            },
            hovertemplate="%{y:.1f} %",
        )
    if curves.exact is not None:
        _add_searched(figure, curves, theme)
    epsilon = float(curves.epsilons[index])
    proven = 100 * float(curves.proven[index]) / max(curves.outputs, 1)
    figure.add_vline(x=epsilon, line={"color": theme.text, "width": 1, "dash": "dot"})
    figure.add_scatter(
        x=[epsilon],
        y=[proven],
        mode="markers",
        marker={
            "color": theme.primary,
            "size": 11,
            "line": {"color": theme.background, "width": 2},
        },
        showlegend=False,
        hoverinfo="skip",
    )
    lay_out(figure, theme, what=what, norm=norm, largest=float(curves.epsilons[-1]))
    return figure


def _add_searched(figure: go.Figure, curves: CurveSet, theme: Theme) -> None:
    """Branch and bound: what it proves as a staircase, the budgets where it was run as diamonds."""
    percent = 100 * curves.proven / max(curves.outputs, 1)
    figure.add_scatter(
        x=curves.epsilons.astype(np.float32),
        y=percent.astype(np.float32),
        name="branch and bound: proven",
        mode="lines",
        line={"color": theme.success, "dash": "solid", "width": 2.0, "shape": "vh"},
        hovertemplate="%{y:.1f} %",
    )
    searched = list(curves.searched)
    figure.add_scatter(
        x=curves.epsilons[searched],
        y=percent[searched],
        mode="markers",
        marker={"color": theme.success, "symbol": "diamond", "size": 8},
        showlegend=False,
        hoverinfo="skip",
    )
