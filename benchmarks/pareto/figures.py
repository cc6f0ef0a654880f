"""Pareto fronts as figures: SVG drawn here, Plotly as JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.pareto.summary import LOCALIZED, PROPOSED, STRICT_VIEWS, VIEWS, Point, front

_LEFT, _TOP, _WIDTH, _HEIGHT, _LEGEND = 64, 46, 520, 360, 330
_ISOTROPIC = "isotropic, adaptive radii"


@dataclass(frozen=True)
class Series:
    """One line of the figure: Okabe and Ito's colours, told apart by mark and dash as well.

    Args:
        label: in the legend.
        chosen: which points belong to it; the line is their Pareto front.
        colour, dash: of the line.
        mark: "circle", "square", "diamond" or "triangle".
    """

    label: str
    chosen: Callable[[Point], bool]
    colour: str
    dash: str
    mark: str


def _of(family: str) -> Callable[[Point], bool]:
    return lambda point: point.equal_cost and point.family == family


SERIES = (
    Series("localized, two views, best count", _of(VIEWS), "#56b4e9", "", "diamond"),
    Series("localized, hand-chosen levels, best count", _of(LOCALIZED), "#0072b2", "", "circle"),
    Series(
        "localized as published: paper LP",
        lambda point: point.method == "localized, paper, equal cost",
        "#0072b2",
        "5 4",
        "circle",
    ),
    Series("localized, proposed levels, best count", _of(PROPOSED), "#d55e00", "", "diamond"),
    Series("strictly local, two views", _of(STRICT_VIEWS), "#009e73", "5 4", "triangle"),
    Series("strictly local", _of("strictly local"), "#009e73", "", "triangle"),
    Series("isotropic, adaptive radii", _of(_ISOTROPIC), "#000000", "", "square"),
    Series(
        "isotropic, equal samples only",
        lambda point: not point.equal_cost and point.family == _ISOTROPIC,
        "#000000",
        "5 4",
        "square",
    ),
    Series("SegCertify, best tau", _of("SegCertify"), "#e69f00", "", "square"),
    Series("center smoothing", _of("center smoothing"), "#cc79a7", "", "triangle"),
)


@dataclass(frozen=True)
class _Scale:
    """Where the axes begin and end, in steps of round numbers."""

    low: float
    high: float
    step: float
    top: float
    rise: float

    @classmethod
    def of(cls, chosen: Sequence[Point]) -> _Scale:
        mious = [point.miou for point in chosen] or [0.0, 1.0]
        step = 0.05 if max(mious) - min(mious) < 0.4 else 0.1
        low, high = math.floor(min(mious) / step) * step, math.ceil(max(mious) / step + 1e-9) * step
        radius = max((point.radius for point in chosen), default=0.0) or 1.0
        rise = next(size for size in (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, math.inf) if radius <= 7 * size)
        rise = radius if math.isinf(rise) else rise
        return cls(low, high, step, math.ceil(radius / rise) * rise, rise)

    def place(self, miou: float, radius: float) -> tuple[float, float]:
        """Pixel position of a point."""
        return (
            _LEFT + (miou - self.low) / (self.high - self.low) * _WIDTH,
            _TOP + _HEIGHT * (1 - radius / self.top),
        )


def to_svg(chosen: Sequence[Point], title: str) -> str:
    """Fronts of the families: mean IoU to the right, average certified radius upwards."""
    shown = [(series, [point for point in chosen if series.chosen(point)]) for series in SERIES]
    shown = [(series, own) for series, own in shown if own]
    scale = _Scale.of([point for _, own in shown for point in own])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _LEGEND} {_TOP + _HEIGHT + 60}" '
        'font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="16">{escape(title)}</text>',
        *_axes(scale),
    ]
    for number, (series, own) in enumerate(shown):
        places = [scale.place(point.miou, point.radius) for point in front(own)]
        dash = f' stroke-dasharray="{series.dash}"' if series.dash else ""
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        stroke = f'stroke="{series.colour}" stroke-width="2"{dash}'
        parts.append(f'<polyline points="{line}" fill="none" {stroke}/>')
        hollow = "white" if series.dash else series.colour
        parts += [_mark(series.mark, x, y, series.colour, hollow) for x, y in places]
        x, y = _LEFT + _WIDTH + 18, _TOP + 30 * number + 14
        parts.append(f'<line x1="{x}" x2="{x + 30}" y1="{y}" y2="{y}" {stroke}/>')
        parts.append(_mark(series.mark, x + 15, y, series.colour, hollow))
        passes = f"{own[0].passes:,} {own[0].unit} per image"
        parts.append(f'<text x="{x + 38}" y="{y}">{escape(series.label)}</text>')
        parts.append(f'<text x="{x + 38}" y="{y + 13}" font-size="11" fill="#555">{passes}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _mark(kind: str, x: float, y: float, colour: str, fill: str) -> str:
    style = f'fill="{fill}" stroke="{colour}" stroke-width="1.5"'
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {style}/>'
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "diamond": ((0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)),
        "triangle": ((0, -5), (5, 4), (-5, 4)),
    }[kind]
    return f'<polygon points="{" ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)}" {style}/>'


def _axes(scale: _Scale) -> list[str]:
    parts, bottom = [], _TOP + _HEIGHT
    for number in range(round(scale.top / scale.rise) + 1):
        _, y = scale.place(scale.low, number * scale.rise)
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number * scale.rise:.2f}</text>'
        )
    for number in range(round((scale.high - scale.low) / scale.step) + 1):
        miou = scale.low + number * scale.step
        x, _ = scale.place(miou, 0)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}" stroke="#eee"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{miou:.2f}</text>')
    middle = _TOP + _HEIGHT / 2
    parts.append(
        f'<text x="{_LEFT + _WIDTH / 2}" y="{bottom + 42}" text-anchor="middle">'
        "mean IoU of the smoothed prediction</text>"
    )
    parts.append(
        f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">'
        "average certified radius (l2)</text>"
    )
    return parts


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
            line={"color": series.colour, "dash": "dash" if series.dash else "solid"},
            marker={"symbol": "triangle-up" if series.mark == "triangle" else series.mark, "size": 8},
        )
    figure.update_layout(
        title=title,
        xaxis_title="mean IoU of the smoothed prediction",
        yaxis_title="average certified radius (l2)",
        template="plotly_white",
    )
    return figure.to_json()
