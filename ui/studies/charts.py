"""What a study's figures show, for the page and for papers: accuracy against radius, and curves over pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lrscore.study.comparing import Comparison, Curves
from lrscore.study.summary import SettingSummary
from ui.charts.chart import Axis, Chart, Dot, Line, Symbol, axis, placed
from ui.style.glossary import budget_axis
from ui.style.theme import Theme

_LIGHT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9")
_DARK = ("#56b4e9", "#f2a35e", "#35c79a", "#e3a6c8", "#f0e442", "#9ad0f5")
_MARKS: tuple[Symbol, ...] = ("circle", "square", "diamond", "triangle-up", "triangle-down", "x")
SHOWN = len(_LIGHT)
"""Curves that one figure tells apart."""
SPREAD = (0.1, 0.5, 0.9)
"""Quantiles over pictures: lower edge of the band, line, upper edge."""
_MOST_MARKS = 8


def colours(theme: Theme) -> tuple[str, ...]:
    """One for every curve that a figure tells apart."""
    return _DARK if theme.dark else _LIGHT


def front_chart(summary: Sequence[SettingSummary], method: str, theme: Theme) -> Chart | None:
    """Accuracy to the right, average certified radius upwards with its bootstrap interval; None without either."""
    own = [one for one in summary if one.method == method and one.radius is not None and one.pictures]
    told = [one.mean_iou if one.mean_iou is not None else one.accuracy for one in own]
    if not own or any(value is None for value in told):
        return None
    across = [float(value or 0.0) for value in told]
    dots = [
        Dot(
            x,
            float(one.radius or 0.0),
            one.setting,
            "",
            colours(theme)[0],
            "circle",
            hollow=False,
            hover=(one.setting, f"x {x:.3f}, radius {one.radius:.4f}"),
            reach=one.interval,
        )
        for one, x in zip(own, across, strict=True)
    ]
    what = "mean IoU, all pictures together" if own[0].mean_iou is not None else "accuracy"
    room = 0.05 * (max(across) - min(across)) or 0.02
    x_axis = axis(what, min(across) - room, max(across) + room)
    top = max(dot.reach[1] if dot.reach is not None else dot.y for dot in dots)
    y_axis = axis("average certified radius", 0.0, 1.05 * top or 1.0)
    return Chart(f"{what} and average certified radius", x_axis, y_axis, dots=placed(dots, x_axis, y_axis))


def curves_chart(found: Sequence[tuple[str, Curves]], theme: Theme, norm: str = "") -> Chart:
    """Median over pictures, and the band from the lowest tenth to the highest, of up to `SHOWN` settings.

    Args:
        norm: "l2" or "l1" if all settings have it, else "".
    """
    lines = []
    for place, (name, curves) in enumerate(found[:SHOWN]):
        low, middle, high = 100 * np.quantile(curves.shares, SPREAD, axis=0)
        marks = range(0, curves.budgets.size, max(1, curves.budgets.size // _MOST_MARKS))
        lines.append(
            Line(
                name,
                colours(theme)[place],
                "solid",
                2.0,
                curves.budgets,
                middle,
                symbol=_MARKS[place],
                marks=tuple(marks),
                band=(low, high),
            )
        )
    correct = all(curves.correct for _, curves in found)
    most = max(float(curves.budgets[-1]) for _, curves in found) or 1.0
    what = "certified accuracy, %" if correct else "certified, %"
    return Chart(
        f"{what}: median over pictures, band from the {SPREAD[0]:.0%} to the {SPREAD[2]:.0%} quantile",
        axis(budget_axis(norm), 0.0, most),
        Axis(what, 0.0, 100.0, 20.0, 0),
        tuple(lines),
    )


def pairs_chart(found: Comparison, names: tuple[str, str], theme: Theme) -> Chart:
    """Every picture as a point: its radius under the one setting, and under the other; equal ones on the line."""
    most = float(max(found.first.max(initial=0.0), found.second.max(initial=0.0))) or 1.0
    ends = np.array([0.0, most])
    equal = Line("equal", theme.muted, "dot", 1.0, ends, ends, shape="linear")
    points = zip(found.first, found.second, strict=True)
    dots = [Dot(float(x), float(y), "", "", colours(theme)[0], "circle", hollow=False) for x, y in points]
    across, upwards = (axis(f"radius, {name}", 0.0, most) for name in names)
    return Chart(f"radius of every picture: {names[0]}, {names[1]}", across, upwards, (equal,), tuple(dots))
