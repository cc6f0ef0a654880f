"""A chart as SVG and as a figure: well-formed, honest steps, and a legend that neither covers nor is cut."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.charts.chart import LETTER_WIDTH, Axis, Chart, Dot, Line
from ui.charts.figure import chart_figure
from ui.charts.methods import CEILING, ENVELOPE, EXACT, NAIVE, PAPER
from ui.charts.svg import chart_svg
from ui.images.curves import compute_curves
from ui.images.plots import curve_chart
from ui.style.theme import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
TOP, BOTTOM = 20, 350
LONG = "A · localized, two views, strictly local, branch and bound with a very long name"


def chart(*names: str, note: str = "") -> Chart:
    x = np.array([0.0, 1.0, 2.0])
    lines = [
        Line(name, "#112233", "dash", 2.0, x, np.array([90.0, 50.0, 10.0]), marks=(0, 2), note=note)
        for name in names
    ]
    return Chart("A < B", Axis("x", 0, 2, 1, 0), Axis("y", 0, 100, 20, 0), tuple(lines), heading="H & M")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_start_at_the_first_share_and_take_every_step(theme):
    curves = compute_curves(toy_certificate(), "all")
    drawn = chart_svg(curve_chart(curves, 40, theme, what="certified ratio", norm="l2"), theme)
    paths = [
        path.get("d")
        for path in ElementTree.fromstring(drawn).iter(f"{SVG}path")
        if path.get("fill") == "none"
    ]
    lines = [path for path in paths if path.count("H") > 1]
    rows = (curves.ceiling, curves.envelope, curves.paper, curves.naive)
    for line, counts in zip(lines, rows, strict=True):
        first = float(re.match(r"M[\d.]+ ([\d.]+)", line)[1])
        assert first == pytest.approx(BOTTOM - (BOTTOM - TOP) * counts[0] / curves.outputs, abs=0.06)
        assert line.count("H") == len(curves.epsilons) - 1
    ceiling, envelope, *_ = lines
    assert re.match(r"M[\d.]+ [\d.]+H", ceiling), "a ceiling holds until the next budget"
    assert re.match(r"M[\d.]+ [\d.]+V", envelope), "a proven count falls at once"


@pytest.mark.parametrize(
    "names", [("short", "also short", "third"), (LONG, "short", LONG), ("a", LONG, "b", "c")]
)
@pytest.mark.parametrize("note", ["", "73,000 forward passes per image"])
def test_the_legend_lies_below_the_plot_and_inside_the_picture(names: tuple[str, ...], note: str):
    root = ElementTree.fromstring(chart_svg(chart(*names, note=note), LIGHT))
    _, top, width, height = (float(number) for number in root.get("viewBox").split())
    boxes = []
    for group in root.iter(f"{SVG}g"):
        found = re.fullmatch(r"translate\(([\d.]+) ([\d.]+)\)", group.get("transform", ""))
        texts = [text.text for text in group.findall(f"{SVG}text")]
        if found and texts:
            left, base = float(found[1]), float(found[2])
            right = left + 42 + max(len(text) for text in texts) * LETTER_WIDTH
            boxes.append((left, base - 12, right, base + (14 if note else 4)))
    assert len(boxes) == len(names)
    for left, above, right, below in boxes:
        assert above > BOTTOM + 18, "the curves and the axis stay free"
        assert left >= 0
        assert right <= width
        assert below <= top + height
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], (
            "entries overlap"
        )


def test_text_is_escaped():
    text = chart_svg(chart("a <b> & c"), LIGHT)
    assert "A &lt; B" in text
    assert "a &lt;b&gt; &amp; c" in text
    assert "H &amp; M" in text


def test_the_figures_legend_lies_below_the_plot_with_a_row_for_every_entry():
    few, many = (chart_figure(chart(*"abcdefgh"[:count]), LIGHT) for count in (1, 8))
    assert few.layout.legend.yref == "container"
    assert few.layout.legend.yanchor == "bottom"
    assert many.layout.height - few.layout.height >= 7 * 20


def test_a_mark_without_a_method_is_in_no_legend():
    marked = Chart(
        "t", Axis("x", 0, 1, 1, 0), Axis("y", 0, 1, 1, 0), dots=(Dot(0, 0, "", "", "#112233", "x", False),)
    )
    assert not chart_figure(marked, LIGHT).data[0].showlegend
    assert "translate(17 -4)" not in chart_svg(marked, LIGHT)


@pytest.mark.parametrize("dark", [False, True])
def test_methods_differ_by_more_than_a_shade(dark: bool):
    styles = (CEILING, ENVELOPE, EXACT, PAPER, NAIVE)
    for one, other in combinations(styles, 2):
        assert one.dash != other.dash
        assert one.symbol != other.symbol
        assert (one.dark, one.light) != (other.dark, other.light)
