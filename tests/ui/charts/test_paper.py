"""Figures for papers: as wide as asked, text as text, legend outside the plot, every line in it."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.charts.chart import Axis, Chart, Dot, Line
from ui.charts.figure import chart_figure
from ui.charts.paper import paper_figure
from ui.charts.svg import chart_svg
from ui.images.curves import compute_curves
from ui.images.plots import curve_chart
from ui.style.theme import LIGHT
from ui.widgets.tables import latex_table


@pytest.fixture(scope="module")
def chart():
    certificate = toy_certificate()
    return curve_chart(compute_curves(certificate, "all"), 20, LIGHT, what="certified ratio", norm="l2")


@pytest.mark.parametrize("width", [85.0, 178.0])
def test_a_pdf_is_as_wide_as_asked_and_embeds_its_font(chart, width: float):
    content = paper_figure(chart, "pdf", width=width)
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    assert box is not None
    assert float(box[1]) == pytest.approx(width / 25.4 * 72, abs=0.5)
    assert b"/FontFile2" in content, "TrueType: a drawing program edits it as text"
    assert b"/Subtype /Type3" not in content
    streams = [
        zlib.decompress(s) for s in re.findall(rb"stream\r?\n(x.*?)endstream", content, re.DOTALL) if s
    ]
    assert any(b"Tj" in stream or b"TJ" in stream for stream in streams), "text operators, not outlines"
    assert content == paper_figure(chart, "pdf", width=width), "the same state, the same file"


def test_an_svg_holds_its_words_and_a_legend_below_the_plot(chart):
    text = paper_figure(chart, "svg", width=85.0).decode()
    assert text.startswith("<?xml")
    for line in chart.lines:
        assert f">{line.name}<" in text
    assert f">{chart.x.title}<" in text
    width = re.search(r'<svg[^>]* width="([\d.]+)pt"', text)
    assert width is not None
    assert float(width[1]) == pytest.approx(85 / 25.4 * 72, abs=0.5)
    legend = text.index(f">{chart.lines[0].name}<")
    height = re.search(r'height="([\d.]+)pt"', text)
    places = [
        float(y)
        for y in re.findall(r'<text[^>]*(?: y="|translate\([\d.]+ )([\d.]+)', text[legend - 300 : legend])
    ]
    assert height is not None
    assert places
    assert places[-1] > 0.6 * float(height[1])


def test_a_latex_table_keeps_every_cell_and_escapes():
    made = latex_table("row_name,a%\nx & y,0.10\nz,1\n", "Share in %")
    assert r"row\_name & a\% \\" in made
    assert r"x \& y & 0.10 \\" in made
    assert r"\caption{Share in \%}" in made
    assert r"\toprule" in made


def test_bands_and_intervals_are_drawn_by_every_renderer():
    x = np.array([0.0, 0.5, 1.0])
    low, middle, high = np.array([40.0, 20, 0]), np.array([60.0, 40, 10]), np.array([80.0, 60, 30])
    line = Line("near", "#112233", "solid", 2.0, x, middle, band=(low, high))
    dot = Dot(0.5, 50.0, "far", "", "#445566", "circle", hollow=False, reach=(30.0, 90.0))
    with_both = Chart("t", Axis("x", 0, 1, 0.5, 1), Axis("y", 0, 100, 20, 0), (line,), (dot,))
    without = replace(with_both, lines=(replace(line, band=None),), dots=(replace(dot, reach=None),))
    drawn, plain = (paper_figure(one, "svg", width=85.0).decode() for one in (with_both, without))
    assert "PolyCollection" in drawn or "FillBetween" in drawn
    assert "LineCollection" in drawn
    assert "LineCollection" not in plain
    svg = chart_svg(with_both, LIGHT)
    surface = re.search(r'<path d="([^"]*)Z" fill="#112233"', svg)
    assert surface is not None
    numbers = [(float(a), float(b)) for a, b in re.findall(r"(?:M|L)([\d.]+) ([\d.]+)", surface[1])]
    assert numbers[1][0] > numbers[0][0], "along the lower edge, and back from the upper one's right end"
    assert re.search(r'<path d="[^"]*Z" fill="#112233"', chart_svg(without, LIGHT)) is None
    figure, bare = chart_figure(with_both, LIGHT), chart_figure(without, LIGHT)
    assert len(figure.data) == len(bare.data) + 2
    assert [list(trace.y) for trace in figure.data[:2]] == [low.tolist(), high.tolist()]
    assert figure.data[1].fillcolor == "rgba(17,34,51,0.2)", "lines of others show through"
    assert (figure.data[-1].error_y.array[0], figure.data[-1].error_y.arrayminus[0]) == (40, 20)
