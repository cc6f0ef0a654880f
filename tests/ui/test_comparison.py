"""Comparing two certificates: numbers, differing settings, panels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.ui.toy import toy_certificate
from ui.comparison import Side, comparable, comparison_figure, comparison_panels, number_rows, setting_rows
from ui.curves import compute_curves
from ui.theme import LIGHT
from ui.words import share


@pytest.fixture(scope="module")
def sides() -> tuple[Side, Side]:
    first = toy_certificate()
    second = replace(first, settings=replace(first.settings, alpha=0.1))
    pair = (("A", first), ("B", second))
    return tuple(Side(name, "Toy", found, compute_curves(found, "correct")) for name, found in pair)


def test_only_differing_settings_are_listed(sides: tuple[Side, Side]):
    first, second = (side.certificate for side in sides)
    assert setting_rows(first, first) == []
    assert setting_rows(first, second) == [("alpha", "0.01", "0.1")]


def test_numbers_are_those_of_each_side(sides: tuple[Side, Side]):
    rows = {name: (a, b) for name, a, b in number_rows(*sides, 0.08)}
    for column, side in enumerate(sides):
        index = side.curves.index(0.08)
        assert rows["proven"][column] == share(int(side.curves.envelope[index]), side.curves.outputs)
    assert rows["confidence"] == ("99 %", "90 %")
    assert rows["pixel accuracy"][0].endswith("%")


def test_panels_show_both_and_the_difference_where_it_makes_sense(sides: tuple[Side, Side]):
    panels = comparison_panels(*sides, 0.08, "correct")
    assert [panel.title for panel in panels] == ["A: Toy", "B: Toy", "Radius: B − A"]
    laplace = replace(sides[1].certificate, settings=replace(sides[1].certificate.settings, noise="laplace"))
    assert not comparable(sides[0].certificate, laplace)
    other = replace(sides[1], certificate=laplace, curves=compute_curves(laplace, "correct"))
    assert len(comparison_panels(sides[0], other, 0.08, "correct")) == 2


def test_the_figure_has_proven_and_ceiling_of_both(sides: tuple[Side, Side]):
    figure = comparison_figure(*sides, 0.08, LIGHT, what="certified accuracy")
    assert [line.name for line in figure.data] == ["A: proven", "A: ceiling", "B: proven", "B: ceiling"]
    assert np.allclose(figure.data[2].y, 100 * sides[1].curves.envelope / sides[1].curves.outputs, atol=1e-4)
