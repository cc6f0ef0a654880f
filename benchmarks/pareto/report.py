"""Points as a table, CSV and figures (SVG drawn here, Plotly as JSON)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, fields
from html import escape

from benchmarks.pareto.summary import FLOORS, Point, best_radii, front, verdicts

# Okabe and Ito's colours, which colour-blind readers can tell apart, and dashes for the second round.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999933")
_LEFT, _TOP, _WIDTH, _HEIGHT, _LEGEND = 60, 30, 520, 340, 330


def to_csv(chosen: Sequence[Point]) -> str:
    """All points."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([field.name for field in fields(Point)])
    writer.writerows(
        [f"{value:.5g}" if isinstance(value, float) else value for value in astuple(point)]
        for point in chosen
    )
    return out.getvalue()


def to_markdown(chosen: Sequence[Point], command: str) -> str:
    """Tables by data set: highest average certified radius of every method above each floor, and who wins."""
    lines = [
        "# Accuracy against average certified radius",
        "",
        f"Made by `{command}`.",
        "",
        "Highest average certified radius (area under certified accuracy, l2) among a method's settings whose smoothed",
        "predictions have at least the mean IoU in the column's head (abstentions count as wrong). Settings are picked",
        "on the images they are scored on, for all methods alike. *Passes* are forward passes per image. *Equal",
        "samples*: as many samples per smoothing distribution as the localized runs, which sample one distribution per",
        "cell; *equal cost*: as many forward passes.",
    ]
    for dataset in dict.fromkeys(point.dataset for point in chosen):
        own = [point for point in chosen if point.dataset == dataset]
        images = ", ".join(sorted({str(point.images) for point in own}))
        lines += ["", f"## {dataset} ({images} images)", ""]
        lines.append(
            "| method | passes | s / image | " + " | ".join(f"≥ {floor:g}" for floor in FLOORS) + " |"
        )
        lines.append("|---|---|---|" + "---|" * len(FLOORS))
        for method, radii in best_radii(own).items():
            mine = [point for point in own if point.method == method]
            cells = ["-" if radius is None else f"{radius:.3f}" for radius in radii]
            seconds = sum(point.seconds for point in mine) / len(mine)
            lines.append(f"| {method} | {mine[0].passes:,} | {seconds:.1f} | " + " | ".join(cells) + " |")
        lines += ["", "At equal cost:", "", *(f"- {sentence}" for sentence in verdicts(own))]
    return "\n".join(lines) + "\n"


def to_svg(chosen: Sequence[Point], title: str) -> str:
    """Pareto fronts of all methods: mean IoU to the right, average certified radius upwards."""
    methods = list(dict.fromkeys(point.method for point in chosen))
    height = _TOP + max(_HEIGHT, 18 * len(methods)) + 60
    top_radius = max((point.radius for point in chosen), default=0.0) * 1.05 or 1.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _LEGEND} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="100%" height="100%" fill="white"/><text x="{_LEFT}" y="18">{escape(title)}</text>',
        *_axes(top_radius),
    ]
    for number, method in enumerate(methods):
        own = [point for point in chosen if point.method == method]
        places = [_place(point.miou, point.radius, top_radius) for point in front(own)]
        colour = _COLOURS[number % len(_COLOURS)]
        dash = ' stroke-dasharray="5 3"' if number >= len(_COLOURS) else ""
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        y = _TOP + 18 * number + 8
        x = _LEFT + _WIDTH + 15
        parts.append(
            f'<line x1="{x}" x2="{x + 22}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"{dash}/>'
        )
        parts.append(f'<text x="{x + 28}" y="{y + 4}">{escape(method)} ({own[0].passes:,} passes)</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def to_plotly(chosen: Sequence[Point], title: str) -> str:
    """The same figure as Plotly JSON, with every point's setting on hover."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for method in dict.fromkeys(point.method for point in chosen):
        own = front([point for point in chosen if point.method == method])
        figure.add_scatter(
            x=[point.miou for point in own],
            y=[point.radius for point in own],
            text=[f"{point.setting} ({point.passes:,} passes)" for point in own],
            mode="lines+markers",
            name=f"{method} ({own[0].passes:,} passes)",
        )
    figure.update_layout(
        title=title, xaxis_title="mean IoU of the smoothed prediction", yaxis_title="average certified radius"
    )
    return figure.to_json()


def _place(miou: float, radius: float, top_radius: float) -> tuple[float, float]:
    return _LEFT + miou * _WIDTH, _TOP + _HEIGHT * (1 - radius / top_radius)


def _axes(top_radius: float) -> list[str]:
    parts = []
    for step in range(6):
        share = step / 5
        x, y = _place(share, share * top_radius, top_radius)
        bottom = _TOP + _HEIGHT
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share * top_radius:.2f}</text>'
        )
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{share:.1f}</text>')
    middle = _LEFT + _WIDTH / 2
    parts.append(f'<text x="{middle}" y="{_TOP + _HEIGHT + 38}" text-anchor="middle">mean IoU</text>')
    parts.append(
        f'<text transform="translate(14 {_TOP + _HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        "average certified radius</text>"
    )
    return parts
