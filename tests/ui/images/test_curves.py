"""Curves: ordering of the methods, look-up by budget, the slider's range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrscore import ImageSettings
from tests.ui.toy import toy_certificate
from ui.images.curves import compute_curves, epsilon_grid, largest_budget, slider_digits


@pytest.mark.parametrize("count", ["correct", "all"])
def test_methods_are_ordered_and_fall_with_the_budget(count: str):
    curves = compute_curves(toy_certificate(), count)
    assert (curves.naive <= curves.envelope).all()
    assert (curves.paper <= curves.envelope).all()
    assert (curves.envelope <= curves.ceiling).all()
    assert (curves.ceiling <= curves.targets).all()
    for counts in (curves.naive, curves.paper, curves.envelope, curves.ceiling):
        assert (np.diff(counts) <= 0).all()
    assert curves.envelope[0] == curves.ceiling[0] == curves.naive[0] > 0
    assert curves.envelope[-1] == 0


def test_counts_are_those_of_the_certificate():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "all")
    picked = [0, 29, 60, 91]
    budgets = curves.epsilons[picked] ** 2
    assert np.array_equal(curves.envelope[picked], certificate.collective(budgets, "envelope").certified)
    assert np.array_equal(curves.naive[picked], certificate.collective(budgets, "naive").certified)
    expected = [int(certificate.certified_mask(float(curves.epsilons[p])).sum()) for p in picked]
    assert curves.naive[picked].tolist() == expected
    assert (curves.paper[picked] <= certificate.collective(budgets, "paper").certified).all()


def test_a_budget_is_answered_at_the_next_grid_point_never_below():
    curves = compute_curves(toy_certificate(), "all")
    step = float(curves.epsilons[1])
    assert curves.index(0.0) == 0
    assert curves.index(step) == 1
    assert curves.index(step * 1.01) == 2
    assert curves.index(1e6) == len(curves.epsilons) - 1


@pytest.mark.parametrize(
    ("needed", "largest", "second"),
    [
        (0.21, 0.3, "0.002"),
        (0.3, 0.3, "0.002"),
        (0.31, 0.4, "0.002"),
        (0.44, 0.5, "0.002"),
        (0.999, 1.0, "0.005"),
        (1.0, 1.0, "0.005"),
        (12.0, 15.0, "0.1"),
        (0.0, 0.1, "0.0005"),
    ],
)
def test_the_slider_has_round_ends_and_steps(
    needed: float, largest: float, second: str, monkeypatch: pytest.MonkeyPatch
):
    certificate = toy_certificate()
    monkeypatch.setattr(type(certificate), "largest_epsilon", lambda self: needed)
    assert largest_budget(certificate) == pytest.approx(largest)
    grid = epsilon_grid(largest_budget(certificate))
    assert grid[-1] == pytest.approx(largest)
    assert 150 <= len(np.unique(grid)) - 1 == len(grid) - 1 <= 375
    assert f"{grid[1]:.{slider_digits(largest)}f}" == second
    assert float(second) == grid[1]


def test_the_count_level_discount_reaches_every_proven_curve():
    certificate = toy_certificate()
    settings = replace(certificate.settings, correction="count-level", tolerated=11)
    assert isinstance(settings, ImageSettings)
    curves = compute_curves(replace(certificate, settings=settings), "all")
    assert curves.discount == 11 - 1
    assert curves.naive[0] == curves.ceiling[0] - 10
