"""What the comparison makes of measured rows: points, fronts, verdicts, tables, figures."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.pareto.figures import fronts_chart, to_plotly, to_svg
from benchmarks.pareto.report import from_csv, to_csv, to_markdown
from benchmarks.pareto.rows import Row
from benchmarks.pareto.summary import LOCALIZED, Point, best_of_families, best_radii, front, points, verdicts


def row(image: str, hit: tuple[int, ...], certified: tuple[int, ...]) -> Row:
    return Row("m, equal cost", "s", "d", image, 7, 2.0, 10, hit, (6, 4), (5, 5), certified)


def test_points_are_averages_and_one_confusion() -> None:
    """Two images: hits 4 + 6 of class 0 and 2 + 4 of class 1, unions 12 + 10 - 10 and 8 + 10 - 6."""
    (point,) = points([row("a", (4, 2), (5, 4, 0)), row("b", (6, 4), (10, 8, 2))], np.array([0, 0.1, 0.2]))
    assert point.miou == pytest.approx((10 / (12 + 10 - 10) + 6 / (8 + 10 - 6)) / 2)
    assert point.radius == pytest.approx((0.1 * 0.4 + 0.1 * (0.8 + 0.2)) / 2)
    assert (point.passes, point.seconds, point.images) == (7, 2.0, 2)
    assert point.radii == pytest.approx((0.1 * 0.4, 0.1 * (0.8 + 0.2)))


def test_grids_of_one_family_are_settings_of_one_method() -> None:
    found = []
    for grid in ("3x5", "2x3"):
        for kind in ("", ", proposed levels"):
            one = row("a", (4, 2), (5, 4, 0))
            found.append(replace(one, method=f"localized {grid}{kind}, paper, equal cost", setting="s"))
    merged = points(found, np.array([0, 0.1, 0.2]))
    assert {(point.method, point.setting, point.cells) for point in merged} == {
        ("localized, paper, equal cost", "3x5, s", 15),
        ("localized, paper, equal cost", "2x3, s", 6),
        ("localized, proposed levels, paper, equal cost", "3x5, s", 15),
        ("localized, proposed levels, paper, equal cost", "2x3, s", 6),
    }


def some_points() -> list[Point]:
    values = [
        ("localized, envelope, equal cost", 0.55, 0.30),
        ("localized, paper, equal cost", 0.45, 0.35),
        ("localized, envelope, equal cost", 0.42, 0.20),
        ("isotropic, adaptive radii, equal cost", 0.52, 0.25),
        ("isotropic, adaptive radii, equal cost", 0.41, 0.40),
        ("isotropic, adaptive radii, equal samples", 0.65, 0.90),
    ]
    return [
        Point("d", method, f"s{number}", miou, radius, 100, 1.0, 2, (radius - 0.1, radius + 0.1))
        for number, (method, miou, radius) in enumerate(values)
    ]


def test_fronts_floors_and_verdicts() -> None:
    chosen = some_points()
    assert [point.setting for point in front(chosen[:3])] == ["s0", "s1"]
    assert best_radii(chosen)["isotropic, adaptive radii, equal cost"] == [0.40, 0.40, 0.25, None]
    at_least_40, at_least_50, at_least_60 = verdicts(chosen)[1:]
    assert "localized smoothing does not win" in at_least_40
    assert "localized smoothing wins: localized, envelope (s0) 0.300" in at_least_50
    assert "larger on 2 of 2 images" in at_least_50
    assert "localized smoothing does not win" in verdicts(chosen, equal_cost=False)[3 - 1]
    families = best_of_families(chosen, (0.4, 0.5, 0.6))
    assert [point.setting if point else None for point in families[LOCALIZED]] == ["s1", "s0", None]
    assert families["isotropic, adaptive radii"][2] is None
    assert "nothing reaches it" in at_least_60  # the cheap run does not count at equal cost
    assert "isotropic, adaptive radii (s4) 0.400 alone reaches it" in verdicts(chosen[3:])[0]


def test_tables_and_figures_hold_every_method() -> None:
    chosen = some_points()
    text = to_markdown(chosen, "python -m this", facts="Small pictures.")
    assert "| localized, envelope, equal cost | 100 | 1.0 | 0.300 | 0.300 | 0.300 | - |" in text
    assert "| 0.50 | - | **0.300 (0.20, 0.40)** | - | - | - | 0.250 (0.15, 0.35) | - | - |" in text
    assert "| localized, paper LP | 0.407 |" in text
    assert "Made by `python -m this`. Small pictures.\n" in text
    assert to_csv(chosen).splitlines()[1] == 'd,"localized, envelope, equal cost",s0,0.55,0.3,100,1,2,0.2 0.4'
    again = from_csv(to_csv(chosen))
    assert to_csv(again) == to_csv(chosen)
    assert [point.family for point in again] == [point.family for point in chosen]
    drawing = ElementTree.fromstring(to_svg(chosen, "a < b"))
    texts = [node.text for node in drawing.iter() if node.tag.endswith("text")]
    assert {"a < b", "isotropic, adaptive radii", "100 passes per image"} < set(texts)
    assert "strictly local" not in texts  # nothing was measured
    # fronts: localized s0 and s1, its paper LP s1, isotropic s3 and s4, equal samples s5
    chart = fronts_chart(chosen, "a < b")
    assert [len(line.marks) for line in chart.lines] == [2, 1, 2, 1]
    assert len({(line.colour, line.symbol, line.dash) for line in chart.lines}) == 4
    figure = json.loads(to_plotly(chosen, "t"))
    assert [series["x"] for series in figure["data"]] == [[0.55, 0.45], [0.45], [0.52, 0.41], [0.65]]
