"""A small description of a plot, drawn by Plotly on the page and as SVG in downloads: one content, two renderers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Placement = Literal["right", "left", "above", "below", "none"]
Symbol = Literal["circle", "square", "diamond", "triangle-up", "triangle-down", "x"]
Dash = Literal["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"]
Shape = Literal["vh", "hv", "linear"]

LETTER_WIDTH, LINE_HEIGHT = 7.0, 16.0  # of a label, in pixels, about
PLOT_WIDTH, PLOT_HEIGHT = 560.0, 300.0  # of the plotting area, about; only decides where labels fit
_OFFSET = 11.0
BAND_OPACITY = 0.2


@dataclass(frozen=True)
class Axis:
    """One axis: title, both ends, distance of the ticks, decimals of their numbers."""

    title: str
    low: float
    high: float
    step: float
    digits: int

    @property
    def ticks(self) -> list[float]:
        """Where the ticks are."""
        first = int(np.ceil(self.low / self.step - 1e-9))
        last = int(np.floor(self.high / self.step + 1e-9))
        return [number * self.step for number in range(first, last + 1)]

    def share(self, value: float) -> float:
        """Where a value lies between the ends."""
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Dot:
    """A labelled point: place, label, style, what hovering says, and where the label stands.

    Args:
        method: in the legend; "" for a mark that needs none.
        reach: lower and upper end of an interval around `y`, or None.
    """

    x: float
    y: float
    label: str
    method: str
    colour: str
    symbol: Symbol
    hollow: bool
    hover: tuple[str, ...] = ()
    placement: Placement = "right"
    reach: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Line:
    """A line: name in the legend, style, points.

    Args:
        shape: a staircase that falls at once and so never shows more than its right end ("vh"), one that falls late
            (a ceiling, "hv"), or straight.
        label, labelled: text at one of the points, and the point's position, or None.
        symbol, marks, hollow: drawn at the points at these positions.
        note: a second, smaller line in the legend.
        band: lower and upper edge of a shaded band around the line, in its shape, or None.
    """

    name: str
    colour: str
    dash: Dash
    width: float
    x: np.ndarray
    y: np.ndarray
    shape: Shape = "vh"
    label: str = ""
    labelled: int | None = None
    symbol: Symbol = "circle"
    marks: tuple[int, ...] = ()
    hollow: bool = False
    note: str = ""
    band: tuple[np.ndarray, np.ndarray] | None = None


@dataclass(frozen=True, eq=False)
class Chart:
    """A plot: its sentence for those who hear it, axes, lines and dots.

    Args:
        marked: a place of the horizontal axis.
        shaded: a stretch of the horizontal axis.
        heading: above the drawing that stands alone; "" for none.
    """

    title: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...] = ()
    dots: tuple[Dot, ...] = ()
    marked: float | None = None
    shaded: tuple[float, float] | None = None
    heading: str = ""


def axis(title: str, low: float, high: float) -> Axis:
    """An axis from a round number at or below `low` to one at or above `high`, with four to ten ticks."""
    span = max(high - low, 1e-9)
    power = 10.0 ** np.floor(np.log10(span / 4))
    step = float(max(size * power for size in (1.0, 2.0, 2.5, 5.0) if size * power * 4 <= span * (1 + 1e-9)))
    digits = next(digits for digits in range(12) if abs(round(step, digits) - step) < 1e-9 * step)
    low, high = np.floor(low / step + 1e-9) * step, np.ceil(high / step - 1e-9) * step
    return Axis(title, float(low), float(high), step, digits)


def placed(dots: Sequence[Dot], x: Axis, y: Axis) -> tuple[Dot, ...]:
    """The dots with each label on the first side where it neither leaves the plot nor covers another one.

    A label for which no side is free is not drawn: the table and hovering still name the point.
    """
    centres = [(x.share(dot.x) * PLOT_WIDTH, (1 - y.share(dot.y)) * PLOT_HEIGHT) for dot in dots]
    taken = [(across - 7, down - 7, across + 7, down + 7) for across, down in centres]
    found = list(dots)
    for number, (dot, (across, down)) in enumerate(zip(dots, centres, strict=True)):
        found[number] = replace(dot, placement="none")
        for side, box in _boxes(across, down, len(dot.label) * LETTER_WIDTH):
            others = [other for place, other in enumerate(taken) if place != number]
            if _inside(box) and not any(_overlap(box, other) for other in others):
                taken.append(box)
                found[number] = replace(dot, placement=side)
                break
    return tuple(found)


_Box = tuple[float, float, float, float]


def _boxes(across: float, down: float, width: float) -> list[tuple[Placement, _Box]]:
    half, height = width / 2, LINE_HEIGHT
    return [
        ("right", (across + _OFFSET, down - height / 2, across + _OFFSET + width, down + height / 2)),
        ("left", (across - _OFFSET - width, down - height / 2, across - _OFFSET, down + height / 2)),
        ("above", (across - half, down - _OFFSET - height, across + half, down - _OFFSET)),
        ("below", (across - half, down + _OFFSET, across + half, down + _OFFSET + height)),
    ]


def _inside(box: _Box) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= PLOT_WIDTH and box[3] <= PLOT_HEIGHT


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
