"""The plane of budgets as a heatmap, and the methods compared along a cut through it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts.curve import LineStyle, lay_out
from ui.graphs.plane import Cut, Plane, Point, Relaxations
from ui.style.palette import RADIUS
from ui.style.theme import Theme

KIND_WORDS = ("additions", "deletions")


def cut_styles(theme: Theme) -> tuple[LineStyle, ...]:
    """Ceiling, exact, envelope, paper and naive, from top to bottom."""
    return (
        LineStyle("ceiling: no method can prove more", theme.muted, "dot", 1.6, upper=True),
        LineStyle("branch and bound: proven", theme.primary, "solid", 3.2),
        LineStyle("envelope", theme.primary, "longdash", 1.8),
        LineStyle("published LP", theme.accent, "dash", 2.0),
        LineStyle("naive: node by node", theme.text, "dashdot", 1.6),
    )


def percent(counts: np.ndarray, plane: Plane) -> np.ndarray:
    """Counts as percentages of the counted nodes, float32."""
    return (100 * counts / max(plane.outputs, 1)).astype(np.float32)


def plane_figure(plane: Plane, point: Point, theme: Theme, *, what: str) -> go.Figure:
    """Certified share over deletions (to the right) and additions (upward), with the chosen point.

    Invisible markers over the cells answer clicks: a heatmap itself does not.
    """
    shares = percent(plane.proven, plane)
    few = shares.size <= 60
    figure = go.Figure(
        go.Heatmap(
            x=plane.deletions,
            y=plane.additions,
            z=shares,
            zmin=0,
            zmax=100,
            colorscale=[
                [k / 16, "rgb({},{},{})".format(*RADIUS.table[round(k * 255 / 16)])] for k in range(17)
            ],
            texttemplate="%{z:.0f}" if few else None,
            textfont={"size": 11},
            xgap=1,
            ygap=1,
            hoverinfo="skip",
            colorbar={"ticksuffix": " %", "thickness": 10, "outlinewidth": 0, "tickfont": {"size": 11}},
        )
    )
    rows, columns = np.meshgrid(plane.additions, plane.deletions, indexing="ij")
    figure.add_scatter(
        x=columns.ravel(),
        y=rows.ravel(),
        mode="markers",
        marker={"size": 22, "opacity": 0, "symbol": "square"},
        customdata=np.stack([rows.ravel(), columns.ravel(), shares.ravel()], axis=1),
        hovertemplate="%{customdata[0]} additions, %{customdata[1]} deletions: %{customdata[2]:.1f} %<extra></extra>",
        showlegend=False,
    )
    plane_axes(figure, plane.additions, plane.deletions, plane.budgets(point), theme)
    figure.update_layout(uirevision=f"plane {what}", clickmode="event+select")
    return figure


def plane_axes(
    figure: go.Figure, additions: np.ndarray, deletions: np.ndarray, budgets: tuple[int, int], theme: Theme
) -> go.Figure:
    """Axes for a plane of budgets, deletions to the right and additions upward, with the chosen ones marked."""
    figure.add_scatter(
        x=[budgets[1]],
        y=[budgets[0]],
        mode="markers",
        marker={"symbol": "square-open", "size": 22, "color": theme.accent, "line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
    )
    lay_out(figure, theme, what="additions", norm="l0", largest=int(deletions[-1]))
    for update, name, axis in (
        (figure.update_xaxes, "deletions", deletions),
        (figure.update_yaxes, "additions", additions),
    ):
        half = 0.5 * int(axis[1])
        ends = [-half, int(axis[-1]) + half]
        update(title_text=name, dtick=_tick(axis), showgrid=False, range=ends, ticksuffix="")
    figure.update_layout(
        height=250, hovermode="closest", dragmode=False, margin={"l": 48, "r": 4, "t": 8, "b": 42}
    )
    return figure


def cut_figure(
    plane: Plane, relaxations: Relaxations, point: Point, kind: Cut, theme: Theme, *, what: str
) -> go.Figure:
    """Certified share of all methods along one kind of change, the other budget as chosen.

    Args:
        relaxations: counts of the weaker methods at `plane.budgets_along(point, kind)`.
        what: name of the vertical axis.
    """
    axis = plane.axis(kind)
    figure = go.Figure()
    ceiling, proven, naive = (
        plane.along(row, point, kind) for row in (plane.ceiling, plane.proven, plane.naive)
    )
    rows = (ceiling, proven, relaxations.envelope, relaxations.paper, naive)
    for style, counts in zip(cut_styles(theme), rows, strict=True):
        figure.add_scatter(
            x=axis,
            y=percent(counts, plane),
            name=style.name,
            mode="lines+markers",
            marker={"size": 5},
            line={
                "color": style.colour,
                "dash": style.dash,
                "width": style.width,
                "shape": "hv" if style.upper else "vh",
            },
            hovertemplate="%{y:.1f} %",
        )
    figure.add_vline(x=int(axis[point[kind]]), line={"color": theme.text, "width": 1, "dash": "dot"})
    lay_out(figure, theme, what=what, norm="l0", largest=int(axis[-1]))
    value = int(plane.axis(1 - kind)[point[1 - kind]])
    figure.update_xaxes(
        title_text=f"{KIND_WORDS[kind]} (with {value:,} {KIND_WORDS[1 - kind]})", dtick=_tick(axis)
    )
    figure.update_layout(uirevision=f"cut {kind}")
    return figure


def _tick(axis: np.ndarray) -> int:
    return int(axis[1]) * max(1, -(-axis.size // 10))
