"""Pareto fronts as figures: SVG as the dashboard draws it, Plotly as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.pareto.summary import LOCALIZED, PROPOSED, STRICT_VIEWS, VIEWS, Point, front
from ui.charts.chart import Chart, Dash, Line, Symbol, axis
from ui.charts.svg import chart_svg
from ui.style.theme import LIGHT

_ISOTROPIC = "isotropic, adaptive radii"


@dataclass(frozen=True)
class Series:
    """One line of the figure: Okabe and Ito's colours, told apart by mark and dash as well.

    Args:
        label: in the legend.
        chosen: which points belong to it; the line is their Pareto front.
        colour, dash: of the line.
        mark: of its points.
    """

    label: str
    chosen: Callable[[Point], bool]
    colour: str
    dash: Dash
    mark: Symbol


def _of(family: str) -> Callable[[Point], bool]:
    return lambda point: point.equal_cost and point.family == family


SERIES = (
    Series("localized, two views, best count", _of(VIEWS), "#56b4e9", "solid", "diamond"),
    Series("localized, hand-chosen levels, best count", _of(LOCALIZED), "#0072b2", "solid", "circle"),
    Series(
        "localized as published: paper LP",
        lambda point: point.method == "localized, paper, equal cost",
        "#0072b2",
        "dash",
        "circle",
    ),
    Series("localized, proposed levels, best count", _of(PROPOSED), "#d55e00", "solid", "diamond"),
    Series("strictly local, two views", _of(STRICT_VIEWS), "#009e73", "dash", "triangle-up"),
    Series("strictly local", _of("strictly local"), "#009e73", "solid", "triangle-up"),
    Series("isotropic, adaptive radii", _of(_ISOTROPIC), "#000000", "solid", "square"),
    Series(
        "isotropic, equal samples only",
        lambda point: not point.equal_cost and point.family == _ISOTROPIC,
        "#000000",
        "dash",
        "square",
    ),
    Series("SegCertify, best tau", _of("SegCertify"), "#e69f00", "solid", "square"),
    Series("center smoothing", _of("center smoothing"), "#cc79a7", "solid", "triangle-up"),
)


def fronts_chart(chosen: Sequence[Point], title: str) -> Chart:
    """Fronts of the families: mean IoU to the right, average certified radius upwards."""
    lines = []
    for series in SERIES:
        own = front([point for point in chosen if series.chosen(point)])
        if own:
            lines.append(
                Line(
                    series.label,
                    series.colour,
                    series.dash,
                    2.0,
                    np.array([point.miou for point in own]),
                    np.array([point.radius for point in own]),
                    shape="linear",
                    symbol=series.mark,
                    marks=tuple(range(len(own))),
                    hollow=series.dash != "solid",
                    note=f"{own[0].passes:,} {own[0].unit} per image",
                )
            )
    mious = [float(miou) for line in lines for miou in line.x] or [0.0, 1.0]
    radii = [float(radius) for line in lines for radius in line.y]
    return Chart(
        "Average certified radius against mean IoU.",
        axis("mean IoU of the smoothed prediction", min(mious), max(max(mious), min(mious) + 0.05)),
        axis("average certified radius (l2)", 0.0, max(radii, default=0.0) or 1.0),
        tuple(lines),
        heading=title,
    )


def to_svg(chosen: Sequence[Point], title: str) -> str:
    """The fronts as an SVG document."""
    return chart_svg(fronts_chart(chosen, title), LIGHT) + "\n"


def to_plotly(chosen: Sequence[Point], title: str) -> str:
    """The same figure as Plotly JSON, with every point's method and setting on hover."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for series in SERIES:
        own = front([point for point in chosen if series.chosen(point)])
        if not own:
            continue
        figure.add_scatter(
            x=[point.miou for point in own],
            y=[point.radius for point in own],
            text=[f"{point.method}: {point.setting} ({point.passes:,} {point.unit})" for point in own],
            mode="lines+markers",
            name=f"{series.label} ({own[0].passes:,} {own[0].unit})",
            line={"color": series.colour, "dash": series.dash},
            marker={"symbol": series.mark, "size": 8},
        )
    figure.update_layout(
        title=title,
        xaxis_title="mean IoU of the smoothed prediction",
        yaxis_title="average certified radius (l2)",
        template="plotly_white",
    )
    return figure.to_json()
