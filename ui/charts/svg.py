"""A chart as a stand-alone SVG document: for slides and reports, without any script."""

from __future__ import annotations

from html import escape

from ui.charts.chart import Axis, Chart, Dot, Line
from ui.style.theme import Theme

_WIDTH, _LEFT, _RIGHT, _TOP, _PLOT_HEIGHT, _ROW = 760, 66, 20, 20, 330, 20
_BELOW = 56  # axis numbers and title
_DASHES = {"solid": "", "dash": "9 6", "dot": "2 5", "dashdot": "9 5 2 5", "longdash": "16 6"}
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


def chart_svg(chart: Chart, theme: Theme) -> str:
    """The chart with a legend below."""
    legend = _legend(chart, theme)
    height = _TOP + _PLOT_HEIGHT + _BELOW + _ROW * ((len(legend) + 1) // 2) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'font-family="Source Sans, Helvetica, Arial, sans-serif" font-size="13" fill="{theme.text}">',
        f"<title>{escape(chart.title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="{theme.background}"/>',
        *_axes(chart, theme),
        *(_line(chart, line) for line in chart.lines),
    ]
    if chart.marked is not None:
        x = _across(chart.x, chart.marked)
        parts.append(
            f'<path d="M{x:.1f} {_TOP}v{_PLOT_HEIGHT}" stroke="{theme.text}" stroke-dasharray="2 4"/>'
        )
    parts += [_dot(chart, dot, theme) for dot in chart.dots]
    for place, entry in enumerate(legend):
        x, y = _LEFT + (place % 2) * 340, _TOP + _PLOT_HEIGHT + _BELOW + _ROW * (place // 2)
        parts.append(f'<g transform="translate({x} {y})">{entry}</g>')
    return "".join([*parts, "</svg>"])


def _across(axis: Axis, value: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * axis.share(value)


def _down(axis: Axis, value: float) -> float:
    return _TOP + _PLOT_HEIGHT * (1 - axis.share(value))


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


def _line(chart: Chart, line: Line) -> str:
    """A staircase never shows more than the value at its right end."""
    places = [
        (_across(chart.x, float(x)), _down(chart.y, float(y))) for x, y in zip(line.x, line.y, strict=True)
    ]
    steps = [f"M{places[0][0]:.1f} {places[0][1]:.1f}"]
    for x, y in places[1:]:
        steps.append(f"V{y:.1f}H{x:.1f}" if line.stairs else f"L{x:.1f} {y:.1f}")
    label = ""
    if line.labelled is not None:
        x, y = places[min(line.labelled, len(places) - 1)]
        place = f'x="{x + 5:.1f}" y="{y - 5:.1f}" font-weight="700" fill="{line.colour}"'
        label = f"<text {place}>{escape(line.label)}</text>"
    return f'<path d="{"".join(steps)}" {_stroke(line)}/>{label}'


def _symbol(dot: Dot, theme: Theme) -> str:
    fill, edge, width = (
        (theme.background, dot.colour, 2.4) if dot.hollow else (dot.colour, theme.background, 1)
    )
    return f'<path d="{_SYMBOLS[dot.symbol]}" fill="{fill}" stroke="{edge}" stroke-width="{width}"/>'


def _dot(chart: Chart, dot: Dot, theme: Theme) -> str:
    x, y = _across(chart.x, dot.x), _down(chart.y, dot.y)
    label = ""
    if dot.placement != "none":
        right, down, anchor = _PLACES[dot.placement]
        label = f'<text x="{right}" y="{down}" text-anchor="{anchor}">{escape(dot.label)}</text>'
    return f'<g transform="translate({x:.1f} {y:.1f})">{_symbol(dot, theme)}{label}</g>'


def _legend(chart: Chart, theme: Theme) -> list[str]:
    entries = [
        f'<path d="M0 -4h34" {_stroke(line)}/><text x="42">{escape(line.name)}</text>' for line in chart.lines
    ]
    seen = set()
    for dot in chart.dots:
        if (dot.method, dot.hollow) not in seen:
            seen.add((dot.method, dot.hollow))
            name = f"{dot.method}, strictly local" if dot.hollow else dot.method
            entries.append(
                f'<g transform="translate(17 -4)">{_symbol(dot, theme)}</g><text x="42">{escape(name)}</text>'
            )
    return entries
