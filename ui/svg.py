"""The curves as a small SVG drawing of its own: for reports and slides, without any script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from ui.charts.curve import LineStyle
from ui.images.curves import CurveSet
from ui.images.plots import line_styles
from ui.style.theme import Theme

_WIDTH, _HEIGHT = 760, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 16, 14, 48
_DASHES = {"solid": "", "dash": "9 6", "dot": "2 5", "dashdot": "9 5 2 5"}


def curve_svg(curves: CurveSet, index: int, theme: Theme, *, what: str, norm: str) -> str:
    """Certified share against budget as a stand-alone SVG document.

    Args:
        index: position of the marked budget.
        what: name of the vertical axis.
        norm: of the perturbations.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'font-family="Source Sans, Helvetica, Arial, sans-serif" font-size="13" fill="{theme.text}">',
        f"<title>{escape(what)} against the budget</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{theme.background}"/>',
        *_axes(curves, theme, what=what, norm=norm),
    ]
    lines = list(
        zip(line_styles(theme), (curves.ceiling, curves.envelope, curves.paper, curves.naive), strict=True)
    )
    if curves.exact is not None:
        lines.append((LineStyle("branch and bound: proven", theme.success, "solid", 2.0), curves.proven))
    parts += [_line(curves, 100 * counts / max(curves.outputs, 1), style) for style, counts in lines]
    x, y = (
        _x(curves, float(curves.epsilons[index])),
        _y(100 * curves.proven[index] / max(curves.outputs, 1)),
    )
    parts.append(
        f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="{theme.text}" stroke-dasharray="2 4"/>'
    )
    parts.append(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{theme.primary}" stroke="{theme.background}"/>'
    )
    parts += _legend([style for style, _ in lines], theme)
    return "".join([*parts, "</svg>"])


def _x(curves: CurveSet, epsilon: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * epsilon / float(curves.epsilons[-1])


def _y(percent: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - float(percent) / 100)


def _axes(curves: CurveSet, theme: Theme, *, what: str, norm: str) -> list[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for percent in range(0, 101, 20):
        y = _y(percent)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="{theme.border}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent}</text>')
    for tick in np.linspace(0, float(curves.epsilons[-1]), 6):
        x = _x(curves, float(tick))
        parts.append(f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="{theme.border}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{tick:.3g}</text>')
    middle = (_LEFT + right) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">budget ε ({escape(norm)} norm)</text>'
    )
    rotated = f'transform="rotate(-90 18 {(_TOP + bottom) / 2})"'
    parts.append(
        f'<text x="18" y="{(_TOP + bottom) / 2}" text-anchor="middle" {rotated}>{escape(what)} (%)</text>'
    )
    return parts


def _line(curves: CurveSet, percents: np.ndarray, style: LineStyle) -> str:
    """A staircase that never shows more than is proven, and never a ceiling that is too low."""
    steps = [f"M{_x(curves, 0.0):.1f} {_y(percents[0]):.1f}"]
    for epsilon, percent in zip(curves.epsilons[1:], percents[1:], strict=True):
        across, down = f"H{_x(curves, float(epsilon)):.1f}", f"V{_y(percent):.1f}"
        steps.append(across + down if style.upper else down + across)
    dash = f' stroke-dasharray="{_DASHES[style.dash]}"' if _DASHES[style.dash] else ""
    return (
        f'<path d="{"".join(steps)}" fill="none" stroke="{style.colour}" stroke-width="{style.width}"{dash}/>'
    )


def _legend(styles: Sequence[LineStyle], theme: Theme) -> list[str]:
    left, top, height = _WIDTH - 262, _TOP + 8, 20
    box = f'x="{left - 10}" y="{top - 6}" width="256" height="{height * len(styles) + 10}"'
    parts = [f'<rect {box} fill="{theme.background}" fill-opacity="0.85" stroke="{theme.border}"/>']
    for place, style in enumerate(styles):
        y = top + height * (place + 0.5)
        dash = f' stroke-dasharray="{_DASHES[style.dash]}"' if _DASHES[style.dash] else ""
        stroke = f'stroke="{style.colour}" stroke-width="{style.width}"{dash}'
        parts.append(f'<path d="M{left} {y}H{left + 34}" {stroke}/>')
        parts.append(f'<text x="{left + 42}" y="{y + 4}">{escape(style.name)}</text>')
    return parts
