"""A chart as a stand-alone SVG document: for slides, reports and documents, without any script.

The legend lies below the drawing, never over it, and takes as many rows as its words need.
"""

from __future__ import annotations

from html import escape

import numpy as np

from ui.charts.chart import BAND_OPACITY, LETTER_WIDTH, Axis, Chart, Dot, Line, Shape
from ui.style.theme import Theme

_WIDTH, _LEFT, _RIGHT, _TOP, _PLOT_HEIGHT, _ROW = 760, 66, 20, 20, 330, 20
_BELOW = 56  # axis numbers and title
_KEY = 42  # of a legend's entry, before its words
_DASHES = {
    "solid": "",
    "dash": "9 6",
    "dot": "2 5",
    "dashdot": "9 5 2 5",
    "longdash": "16 6",
    "longdashdot": "16 5 2 5",
}
_SYMBOLS = {
    "circle": "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0Z",
    "square": "M-5.3-5.3H5.3V5.3H-5.3Z",
    "diamond": "M0-7.5L7.5,0L0,7.5L-7.5,0Z",
    "triangle-up": "M0-7L6.5,5H-6.5Z",
    "triangle-down": "M0,7L6.5-5H-6.5Z",
    "x": "M-6-3.5L-3.5-6L0-2.5L3.5-6L6-3.5L2.5,0L6,3.5L3.5,6L0,2.5L-3.5,6L-6,3.5L-2.5,0Z",
}
_PLACES = {
    "right": (12, 4, "start"),
    "left": (-12, 4, "end"),
    "above": (0, -12, "middle"),
    "below": (0, 21, "middle"),
}
_SMALL = 0.75  # size of a line's marks


def chart_svg(chart: Chart, theme: Theme) -> str:
    """The chart with a legend below."""
    heading = 26 if chart.heading else 0
    legend = _legend(chart, theme)
    end, entries = _placed_entries(legend)
    height = _TOP + _PLOT_HEIGHT + _BELOW + end
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-heading} {_WIDTH} {height + heading}" role="img" '
            f'font-family="Source Sans, Helvetica, Arial, sans-serif" font-size="13" fill="{theme.text}">',
            f"<title>{escape(chart.title)}</title>",
            f'<rect y="{-heading}" width="{_WIDTH}" height="{height + heading}" fill="{theme.background}"/>',
            f'<text x="{_LEFT}" y="0" font-size="16">{escape(chart.heading)}</text>' if heading else "",
            *_shaded(chart, theme),
            *_axes(chart, theme),
            *(_line(chart, line, theme) for line in chart.lines),
            *_marked(chart, theme),
            *(_dot(chart, dot, theme) for dot in chart.dots),
            *entries,
            "</svg>",
        ]
    )


def _across(axis: Axis, value: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * axis.share(value)


def _down(axis: Axis, value: float) -> float:
    return _TOP + _PLOT_HEIGHT * (1 - axis.share(value))


def _shaded(chart: Chart, theme: Theme) -> list[str]:
    if chart.shaded is None:
        return []
    left, right = (_across(chart.x, value) for value in chart.shaded)
    place = f'x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{_PLOT_HEIGHT}"'
    return [f'<rect {place} fill="{theme.surface}"/>']


def _marked(chart: Chart, theme: Theme) -> list[str]:
    if chart.marked is None:
        return []
    x = _across(chart.x, chart.marked)
    return [f'<path d="M{x:.1f} {_TOP}v{_PLOT_HEIGHT}" stroke="{theme.text}" stroke-dasharray="2 4"/>']


def _axes(chart: Chart, theme: Theme) -> list[str]:
    right, bottom = _WIDTH - _RIGHT, _TOP + _PLOT_HEIGHT
    parts = []
    for tick in chart.y.ticks:
        y = _down(chart.y, tick)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="{theme.border}"/>')
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.{chart.y.digits}f}</text>'
        )
    for tick in chart.x.ticks:
        x = _across(chart.x, tick)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="{theme.border}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{tick:.{chart.x.digits}f}</text>'
        )
    middle = _TOP + _PLOT_HEIGHT / 2
    parts.append(
        f'<text x="{(_LEFT + right) / 2}" y="{bottom + 38}" text-anchor="middle">{escape(chart.x.title)}</text>'
    )
    parts.append(
        f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">'
        f"{escape(chart.y.title)}</text>"
    )
    return parts


def _stroke(line: Line) -> str:
    dash = f' stroke-dasharray="{_DASHES[line.dash]}"' if _DASHES[line.dash] else ""
    return f'fill="none" stroke="{line.colour}" stroke-width="{line.width}"{dash}'


def _places(chart: Chart, x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    return [
        (_across(chart.x, float(here)), _down(chart.y, float(there)))
        for here, there in zip(x, y, strict=True)
    ]


def _path(places: list[tuple[float, float]], shape: Shape) -> str:
    steps = [f"M{places[0][0]:.1f} {places[0][1]:.1f}"]
    for x, y in places[1:]:
        step = {"vh": f"V{y:.1f}H{x:.1f}", "hv": f"H{x:.1f}V{y:.1f}", "linear": f"L{x:.1f} {y:.1f}"}
        steps.append(step[shape])
    return "".join(steps)


def _band(chart: Chart, line: Line) -> str:
    """The surface between both edges: along the lower one, and back along the upper one with its steps turned round."""
    if line.band is None:
        return ""
    turned: dict[Shape, Shape] = {"vh": "hv", "hv": "vh", "linear": "linear"}
    low, high = (_places(chart, line.x, edge) for edge in line.band)
    back = _path(high[::-1], turned[line.shape])
    return f'<path d="{_path(low, line.shape)}L{back[1:]}Z" fill="{line.colour}" opacity="{BAND_OPACITY}"/>'


def _line(chart: Chart, line: Line, theme: Theme) -> str:
    places = _places(chart, line.x, line.y)
    parts = [_band(chart, line), f'<path d="{_path(places, line.shape)}" {_stroke(line)}/>']
    for mark in line.marks:
        x, y = places[mark]
        move = f"translate({x:.1f} {y:.1f}) scale({_SMALL})"
        parts.append(f'<g transform="{move}">{_symbol(line, theme)}</g>')
    if line.labelled is not None:
        x, y = places[min(line.labelled, len(places) - 1)]
        place = f'x="{x + 5:.1f}" y="{y - 5:.1f}" font-weight="700" fill="{line.colour}"'
        parts.append(f"<text {place}>{escape(line.label)}</text>")
    return "".join(parts)


def _symbol(mark: Dot | Line, theme: Theme) -> str:
    fill, edge, width = (
        (theme.background, mark.colour, 2.4) if mark.hollow else (mark.colour, theme.background, 1)
    )
    return f'<path d="{_SYMBOLS[mark.symbol]}" fill="{fill}" stroke="{edge}" stroke-width="{width}"/>'


def _dot(chart: Chart, dot: Dot, theme: Theme) -> str:
    x, y = _across(chart.x, dot.x), _down(chart.y, dot.y)
    label = ""
    if dot.placement != "none" and dot.label:
        right, down, anchor = _PLACES[dot.placement]
        label = f'<text x="{right}" y="{down}" text-anchor="{anchor}">{escape(dot.label)}</text>'
    bar = ""
    if dot.reach is not None:
        low, high = (_down(chart.y, end) - y for end in dot.reach)
        bar = f'<path d="M-5 {low:.1f}h10m-5 0V{high:.1f}m-5 0h10" fill="none" stroke="{theme.muted}"/>'
    return f'<g transform="translate({x:.1f} {y:.1f})">{bar}{_symbol(dot, theme)}{label}</g>'


def _legend(chart: Chart, theme: Theme) -> list[tuple[str, str, str]]:
    """(key, words, note) of every entry."""
    entries = []
    for line in chart.lines:
        mark = (
            f'<g transform="translate(17 -4) scale({_SMALL})">{_symbol(line, theme)}</g>'
            if line.marks
            else ""
        )
        entries.append((f'<path d="M0 -4h34" {_stroke(line)}/>{mark}', line.name, line.note))
    seen = set()
    for dot in chart.dots:
        if dot.method and (dot.method, dot.hollow) not in seen:
            seen.add((dot.method, dot.hollow))
            name = f"{dot.method}, strictly local" if dot.hollow else dot.method
            entries.append((f'<g transform="translate(17 -4)">{_symbol(dot, theme)}</g>', name, ""))
    return entries


def _placed_entries(legend: list[tuple[str, str, str]]) -> tuple[float, list[str]]:
    """How far down the legend reaches, and its entries in two columns; long ones have a row of their own."""
    half = (_WIDTH - _LEFT - _RIGHT) / 2
    top, column, placed = float(_TOP + _PLOT_HEIGHT + _BELOW), 0, []
    first, rows = top, 0.0
    for key, words, note in legend:
        wide = _KEY + max(len(words), 0.85 * len(note)) * LETTER_WIDTH > half
        height = _ROW + (14 if note else 0)
        if column and wide:
            column, top = 0, top + rows
        if not column:
            rows = 0.0
        rows = max(rows, height)
        small = f'<text x="{_KEY}" y="14" font-size="11">{escape(note)}</text>' if note else ""
        move = f"translate({_LEFT + column * half:g} {top:g})"
        placed.append(f'<g transform="{move}">{key}<text x="{_KEY}">{escape(words)}</text>{small}</g>')
        if wide or column:
            column, top = 0, top + rows
        else:
            column = 1
    return top + (rows if column else 0) - first + 8, placed
