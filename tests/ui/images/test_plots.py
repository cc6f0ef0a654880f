"""The plot of the curves: order, honest steps, fixed ranges."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.charts.figure import chart_figure
from ui.images.curves import compute_curves
from ui.images.plots import curve_chart
from ui.style.theme import DARK, LIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_four_curves_a_mark_and_fixed_ranges(theme):
    curves = compute_curves(toy_certificate(), "correct")
    figure = chart_figure(curve_chart(curves, 30, theme, what="certified accuracy", norm="l2"), theme)
    lines = figure.data[:4]
    rows = (curves.ceiling, curves.envelope, curves.paper, curves.naive)
    for line, counts in zip(lines, rows, strict=True):
        assert np.allclose(line.y, 100 * counts / curves.outputs, atol=1e-4)
        assert np.allclose(line.x, curves.epsilons)
    assert figure.data[4].x[0] == curves.epsilons[30]
    assert tuple(figure.layout.yaxis.range) == (0, 100)
    assert tuple(figure.layout.xaxis.range) == pytest.approx((0, curves.epsilons[-1]))
    assert len({(line.line.dash, line.line.width) for line in lines}) == 4, "told apart without colour"


def test_between_two_budgets_nothing_unproven_is_drawn():
    curves = compute_curves(toy_certificate(), "all")
    ceiling, *proven = chart_figure(curve_chart(curves, 0, LIGHT, what="x", norm="l2"), LIGHT).data[:4]
    assert ceiling.line.shape == "hv", "a ceiling holds until the next budget"
    assert {line.line.shape for line in proven} == {"vh"}, "a proven count falls at once"
