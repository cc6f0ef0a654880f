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
from ui.charts.chart import Chart, Line, axis
from ui.charts.methods import ENVELOPE, NAIVE, PAPER, MethodStyle
from ui.charts.svg import chart_svg
from ui.style.theme import LIGHT

TARGET = Path(__file__).parents[2] / "docs" / "images" / "relaxations.svg"
GROUP, BUDGET = 5, 0.0625


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
    gains = envelopes(steps, reached)
    mine = gains.owners == GROUP
    corners = np.concatenate([[0], np.repeat(values[within], 2), [upper]])
    lines = (
        _line("paper: one relaxed indicator per output", PAPER, places, relaxed),
        _line("envelope on the reachable interval", ENVELOPE, gains.places[mine], gains.heights[mine]),
        _line("G(s): outputs that have fallen", NAIVE, corners, np.repeat(heights[: within.sum() + 1], 2)),
    )
    chart = Chart(
        "Step function, relaxed indicators and envelope of one group.",
        axis("weighted budget s spent against the group (shaded: reachable)", 0.0, float(upper)),
        axis("outputs of the group", 0.0, float(relaxed.max())),
        lines,
        shaded=(float(lower), float(upper)),
    )
    return chart_svg(chart, LIGHT) + "\n"


def _line(name: str, style: MethodStyle, x: np.ndarray, y: np.ndarray) -> Line:
    return Line(name, style.light, style.dash, style.width, x, y, shape="linear")


def main() -> None:
    """Write the picture."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
