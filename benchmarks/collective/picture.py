"""The three relaxations of one group in one picture.

    python -m benchmarks.collective.picture   # writes docs/images/relaxations.svg

Thresholds: those of cell (1, 0) of the benchmark's mixed 3x5 problem; budget: eps = 0.25.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.collective.fields import agreement_field
from lrscore.collective.concave import envelopes
from lrscore.collective.problem import Threat, build_problem
from lrscore.collective.reach import whole_reach

TARGET = Path(__file__).parents[2] / "docs" / "images" / "relaxations.svg"
GROUP, BUDGET = 5, 0.0625
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 430, 70, 20, 24, 56


class Axes:
    """Data to pixels; collects SVG elements."""

    def __init__(self, right: float, top: float) -> None:
        self.right, self.top = right, top
        self.elements: list[str] = []

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self.right

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top

    def line(
        self, places: np.ndarray, heights: np.ndarray, colour: str, width: float, dash: str = ""
    ) -> None:
        points = " ".join(f"{self.x(a):.1f},{self.y(b):.1f}" for a, b in zip(places, heights, strict=True))
        style = f'stroke="{colour}" stroke-width="{width}"' + (f' stroke-dasharray="{dash}"' if dash else "")
        self.elements.append(f'<polyline points="{points}" fill="none" {style} stroke-linejoin="round"/>')

    def text(self, x: float, y: float, words: str, anchor: str = "middle", colour: str = "#222") -> None:
        self.elements.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'
        )

    def svg(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            f'font-size="14"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        )
        return "\n".join([head, *self.elements, "</svg>\n"])


def draw() -> str:
    """The picture as SVG text."""
    field = agreement_field((3, 5))
    problem = build_problem(*field.inputs, [BUDGET], Threat())
    reached, steps = whole_reach(problem), problem.steps
    lower, upper = reached.lower[0, GROUP], reached.upper[0, GROUP]
    values = steps.values[steps.offsets[GROUP] : steps.offsets[GROUP + 1]]
    heights = steps.heights[steps.bases[GROUP] :][: values.size + 1]
    levels = np.repeat(values, np.diff(heights))
    places = np.linspace(0, upper, 200)
    relaxed = np.array([np.minimum(1.0, place / levels).sum() for place in places])
    within = values <= upper
    axes = Axes(upper * 1.04, relaxed.max() * 1.08)
    frame(axes, lower, upper)
    axes.line(places, relaxed, "#b3541e", 2.5, "8 4")
    gains = envelopes(steps, reached)
    mine = gains.owners == GROUP
    axes.line(gains.places[mine], gains.heights[mine], "#0b6e4f", 3)
    corners = np.concatenate([[0], np.repeat(values[within], 2), [upper]])
    axes.line(corners, np.repeat(heights[: within.sum() + 1], 2), "#1f4e9c", 1.6)
    legend(axes)
    return axes.svg()


def frame(axes: Axes, lower: float, upper: float) -> None:
    """Axes, ticks, and the reachable interval."""
    left, right, low, high = axes.x(lower), axes.x(upper), axes.y(0), axes.y(axes.top)
    axes.elements.append(
        f'<rect x="{left:.1f}" y="{high:.1f}" width="{right - left:.1f}" height="{low - high:.1f}" fill="#eef4ef"/>'
    )
    axes.line(np.array([0, axes.right]), np.zeros(2), "#222", 1)
    axes.line(np.zeros(2), np.array([0, axes.top]), "#222", 1)
    step = 10.0 ** np.floor(np.log10(axes.right / 2))
    for tick in np.arange(0, axes.right, step * np.ceil(axes.right / step / 8)):
        axes.text(axes.x(tick), low + 18, f"{tick:g}")
    step = 10.0 ** np.floor(np.log10(axes.top / 2))
    for tick in np.arange(0, axes.top, step):
        axes.text(LEFT - 8, axes.y(tick) + 5, f"{tick:,.0f}", "end")
    axes.text(
        (LEFT + WIDTH - RIGHT) / 2,
        HEIGHT - 12,
        "weighted budget s spent against the group (shaded: reachable)",
    )
    axes.elements.append(
        f'<text transform="translate(16 {(high + low) / 2:.0f}) rotate(-90)" text-anchor="middle" fill="#222">'
        "outputs of the group</text>"
    )


def legend(axes: Axes) -> None:
    """What the lines are."""
    entries = [
        ("#b3541e", "8 4", "paper: one relaxed indicator per output"),
        ("#0b6e4f", "", "envelope on the reachable interval"),
        ("#1f4e9c", "", "G(s): outputs that have fallen"),
    ]
    for number, (colour, dash, words) in enumerate(entries):
        x, y = WIDTH - 350, HEIGHT - BOTTOM - 84 + 24 * number
        style = f' stroke-dasharray="{dash}"' if dash else ""
        axes.elements.append(f'<path d="M{x} {y}h36" stroke="{colour}" stroke-width="3"{style}/>')
        axes.text(x + 46, y + 5, words, "start")


def main() -> None:
    """Write the picture."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
