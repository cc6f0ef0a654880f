"""The ways to count, each with one style in every chart of every page.

Colours are Okabe and Ito's, darkened or lightened for the two themes; dash and width tell the methods apart without
them, and in scatter plots a symbol.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ui.charts.chart import Dash, Line, Shape, Symbol
from ui.style.theme import Theme


@dataclass(frozen=True)
class MethodStyle:
    """How a way to count is drawn: colour in the two themes, dash, width, symbol of its points.

    Between two budgets a proven count is that of the larger one ("vh"), and a ceiling that of the smaller one ("hv").
    """

    light: str
    dark: str
    dash: Dash
    width: float
    symbol: Symbol
    shape: Shape = "vh"

    def colour(self, theme: Theme) -> str:
        """The colour in that theme."""
        return self.dark if theme.dark else self.light

    def line(
        self, name: str, x: np.ndarray, y: np.ndarray, theme: Theme, marks: tuple[int, ...] = ()
    ) -> Line:
        """A curve in this style, with the symbol at the points at these positions."""
        return Line(
            name,
            self.colour(theme),
            self.dash,
            self.width,
            x,
            y,
            shape=self.shape,
            symbol=self.symbol,
            marks=marks,
        )


CEILING = MethodStyle("#7d8388", "#98a2a9", "dot", 1.6, "triangle-down", "hv")
ENVELOPE = MethodStyle("#0b5f8a", "#66b8e0", "solid", 3.2, "circle")
EXACT = MethodStyle("#4c8c1c", "#a5dd6b", "longdash", 2.4, "diamond")
PAPER = MethodStyle("#b4500a", "#f2a35e", "dash", 2.0, "square")
NAIVE = MethodStyle("#1c2328", "#e8e6df", "dashdot", 1.6, "triangle-up")
RADII = MethodStyle("#97326f", "#e59ac6", "longdashdot", 2.0, "x")
SEGCERTIFY = MethodStyle("#7a6200", "#e3c02f", "dot", 2.0, "triangle-down")
