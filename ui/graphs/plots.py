"""The plane of budgets as a heatmap, and the methods compared along a cut through it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from ui.charts.chart import Axis, Chart, Dot
from ui.charts.figure import lay_out
from ui.charts.methods import CEILING, ENVELOPE, EXACT, NAIVE, PAPER
from ui.graphs.kinds import NAMES
from ui.graphs.plane import Cut, Plane, Point, Relaxations
from ui.style.palette import RADIUS
from ui.style.theme import Theme


def percent(counts: np.ndarray, plane: Plane) -> np.ndarray:
    """Counts as percentages of the counted nodes, float32."""
    return (100 * counts / max(plane.outputs, 1)).astype(np.float32)


def plane_figure(plane: Plane, point: Point, theme: Theme, *, what: str) -> go.Figure:
    """Certified share over deletions (to the right) and additions (upward), or the plane's kinds in their place, with
    the chosen point.

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
    upward, rightward = plane.view.kinds
    rows, columns = np.meshgrid(plane.additions, plane.deletions, indexing="ij")
    figure.add_scatter(
        x=columns.ravel(),
        y=rows.ravel(),
        mode="markers",
        marker={"size": 22, "opacity": 0, "symbol": "square"},
        customdata=np.stack([rows.ravel(), columns.ravel()], axis=1),
        text=[
            f"{changes_words(int(a), upward)}, {changes_words(int(d), rightward)}: {part:.1f} %"
            for a, d, part in zip(rows.ravel(), columns.ravel(), shares.ravel(), strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    plane_axes(figure, plane.additions, plane.deletions, plane.budgets(point), theme, plane.view.kinds)
    figure.update_layout(uirevision=f"plane {what}", clickmode="event+select")
    return figure


def plane_axes(
    figure: go.Figure,
    additions: np.ndarray,
    deletions: np.ndarray,
    budgets: tuple[int, int],
    theme: Theme,
    kinds: tuple[int, int] = (0, 1),
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
    lay_out(figure, theme, entries=0)
    for update, name, axis in (
        (figure.update_xaxes, NAMES[kinds[1]], deletions),
        (figure.update_yaxes, NAMES[kinds[0]], additions),
    ):
        half = 0.5 * int(axis[1])
        ends = [-half, int(axis[-1]) + half]
        update(title_text=name, dtick=_tick(axis), showgrid=False, range=ends)
    figure.update_layout(
        height=250, hovermode="closest", dragmode=False, margin={"l": 48, "r": 4, "t": 8, "b": 42}
    )
    return figure


def cut_chart(
    plane: Plane, relaxations: Relaxations, point: Point, kind: Cut, theme: Theme, *, what: str
) -> Chart:
    """Certified share of all methods along one kind of change, the other budget as chosen.

    Args:
        relaxations: counts of the weaker methods at `plane.budgets_along(point, kind)`.
        what: name of the vertical axis.
    """
    along = plane.axis(kind)
    ceiling, proven, naive = (
        plane.along(row, point, kind) for row in (plane.ceiling, plane.proven, plane.naive)
    )
    rows = (
        (CEILING, "ceiling: no method can prove more", ceiling),
        (EXACT, "branch and bound: proven", proven),
        (ENVELOPE, "envelope", relaxations.envelope),
        (PAPER, "published LP", relaxations.paper),
        (NAIVE, "naive: node by node", naive),
    )
    name, others = NAMES[plane.view.kinds[kind]], plane.view.kinds[1 - kind]
    chosen, other = int(along[point[kind]]), int(plane.axis(1 - kind)[point[1 - kind]])
    mark = Dot(
        chosen,
        float(percent(plane.proven[point], plane)),
        "",
        "",
        EXACT.colour(theme),
        "circle",
        hollow=False,
    )
    return Chart(
        f"{what.capitalize()} against {name}.",
        Axis(f"{name} (with {changes_words(other, others)})", 0, int(along[-1]), _tick(along), 0),
        Axis(f"{what} (%)", 0.0, 100.0, 20.0, 0),
        tuple(style.line(name, along, percent(counts, plane), theme) for style, name, counts in rows),
        (mark,),
        marked=chosen,
    )


def changes_words(number: int, kind: int) -> str:
    """So many changes of one kind of budget."""
    word = NAMES[kind]
    return f"1 {word.removesuffix('s')}" if number == 1 else f"{number:,} {word}"


def _tick(axis: np.ndarray) -> int:
    return int(axis[1]) * max(1, -(-axis.size // 7))
