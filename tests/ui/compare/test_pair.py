"""Two certificates pixel by pixel: numbers, differing settings, panels, and a common radius instead of own ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrscore.images.baselines import segcertify
from lrscore.metrics import VOID
from tests.ui.toy import toy_certificate
from ui.compare.pair import Side, comparable, comparison_panels, number_rows, setting_rows
from ui.components.viewer.layers import NOTHING
from ui.images.curves import compute_curves
from ui.style.palette import ABSTAINED, CERTIFIED, STATES, UNCERTIFIED, WRONG
from ui.style.words import share


@pytest.fixture(scope="module")
def sides() -> tuple[Side, Side]:
    first = toy_certificate()
    second = replace(first, settings=replace(first.settings, alpha=0.1))
    pair = (("A", first), ("B", second))
    return tuple(Side(name, "Toy", found, compute_curves(found, "correct")) for name, found in pair)


@pytest.fixture(scope="module")
def tested() -> Side:
    certificate = toy_certificate(grid=(1, 1), samples=256)
    fixed = segcertify(certificate, 0.75)
    return Side("C", "Toy", certificate, compute_curves(certificate, "correct"), fixed)


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


def test_a_joint_test_gives_one_radius_and_states_pixel_by_pixel(tested: Side):
    """Against the definition, a pixel at a time, on both sides of the common radius."""
    fixed, certificate = tested.fixed, tested.certificate
    assert 0 < fixed.abstained.mean() < 1
    assert np.array_equal(tested.radii, np.where(fixed.abstained, 0, fixed.radius))
    for epsilon, answered in ((0.9 * fixed.radius, CERTIFIED), (1.1 * fixed.radius, UNCERTIFIED)):
        expected = np.empty(certificate.shape, dtype=np.uint8)
        for place in np.ndindex(certificate.shape):
            true, label = certificate.reference[place], certificate.labels[place]
            if true == VOID:
                expected[place] = NOTHING
            elif fixed.abstained[place]:
                expected[place] = STATES.index(ABSTAINED)
            else:
                expected[place] = STATES.index(answered if label == true else WRONG)
        assert np.array_equal(tested.states(epsilon, "correct"), expected)
    assert WRONG not in [STATES[number] for number in np.unique(tested.states(0.0, "all"))]


def test_numbers_of_a_joint_test_leave_out_what_it_does_not_have(sides: tuple[Side, Side], tested: Side):
    rows = {name: (a, b) for name, a, b in number_rows(sides[0], tested, 0.08)}
    assert rows["ceiling"][1] == "–"
    assert rows["abstained"][1] == share(int(tested.fixed.abstained.sum()), tested.certificate.labels.size)
    shown = float(rows["largest own radius"][1])
    assert shown <= tested.fixed.radius < shown + 1e-4
