"""The one plot that compares the methods over the budget."""

from __future__ import annotations

import numpy as np

from ui.charts.chart import Axis, Chart, Dot, axis
from ui.charts.methods import CEILING, ENVELOPE, EXACT, NAIVE, PAPER, MethodStyle
from ui.images.curves import CurveSet
from ui.style.glossary import budget_axis
from ui.style.theme import Theme


def curve_chart(curves: CurveSet, index: int, theme: Theme, *, what: str, norm: str) -> Chart:
    """Certified share against budget, with the chosen budget marked.

    Args:
        index: position of the chosen budget.
        what: name of the vertical axis, such as "certified accuracy".
        norm: of the perturbations, "l2" or "l1".
    """
    rows: list[tuple[MethodStyle, str, np.ndarray, tuple[int, ...]]] = [
        (CEILING, "ceiling: no method can prove more", curves.ceiling, ()),
        (ENVELOPE, "envelope: proven", curves.envelope, ()),
        (PAPER, "published LP", curves.paper, ()),
        (NAIVE, "naive: pixel by pixel", curves.naive, ()),
    ]
    if curves.exact is not None:
        rows.append((EXACT, "branch and bound: proven", curves.proven, curves.searched))
    epsilon = float(curves.epsilons[index])
    best = ENVELOPE if curves.exact is None else EXACT
    mark = Dot(
        epsilon, percent(curves, curves.proven)[index], "", "", best.colour(theme), "circle", hollow=False
    )
    return Chart(
        f"{what.capitalize()} against the budget.",
        axis(budget_axis(norm), 0.0, float(curves.epsilons[-1])),
        Axis(f"{what} (%)", 0.0, 100.0, 20.0, 0),
        tuple(
            style.line(name, curves.epsilons, percent(curves, counts), theme, marks)
            for style, name, counts, marks in rows
        ),
        (mark,),
        marked=epsilon,
    )


def percent(curves: CurveSet, counts: np.ndarray) -> np.ndarray:
    """Counts (M,) as percentages of the counted pixels."""
    return np.asarray(100 * counts / max(curves.outputs, 1))
