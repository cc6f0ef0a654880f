"""What the words of a chart mean: a plot's own legend can not show definitions, a line below it can."""

from __future__ import annotations

import streamlit as st

from ui.charts.chart import Chart
from ui.style.glossary import known_terms
from ui.style.templates import render


def chart_terms(chart: Chart) -> tuple[str, ...]:
    """The terms in a chart's legend and at its axes, in that order."""
    names = [line.name for line in chart.lines] + [dot.method for dot in chart.dots]
    return known_terms([*names, chart.x.title, chart.y.title])


def draw_chart_terms(chart: Chart) -> None:
    """A small line with those terms; each shows its definition where the pointer or the focus rests on it."""
    found = chart_terms(chart)
    if found:
        st.html(render("chart_terms", terms=found))
