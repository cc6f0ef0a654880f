"""Curves: ordering of the methods, look-up by budget, the slider's range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrscore import ImageSettings
from lrscore.images.radius import epsilon_grid, largest_budget, slider_digits
from tests.ui.toy import toy_beginning, toy_certificate
from ui.images.curve_memory import sharp_store
from ui.images.curves import (
    CurveSet,
    compute_curves,
    parting_budget,
    step_for,
    telling_budget,
    with_budget,
)


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


def test_the_range_is_that_of_noise_and_settings_not_of_what_has_been_counted_so_far():
    beginning = toy_beginning()
    finished = replace(
        beginning,
        trials=np.full_like(beginning.trials, 512),
        agreements=np.full_like(beginning.agreements, 512),
    )
    assert beginning.largest_epsilon() < finished.largest_epsilon()
    assert largest_budget(beginning) == largest_budget(finished)
    for certificate in (beginning, finished, toy_certificate()):
        assert largest_budget(certificate) >= certificate.largest_epsilon()


@pytest.mark.parametrize("epsilon", [0.0, 0.0131, 0.153, 0.2999, 0.7])
@pytest.mark.parametrize("count", ["correct", "all"])
def test_a_budget_between_the_grid_is_counted_as_exactly_as_any(epsilon: float, count: str):
    certificate = toy_certificate()
    grid = compute_curves(certificate, count)
    curves = with_budget(grid, epsilon, certificate, count)
    index = curves.index(epsilon)
    assert curves.epsilons[index] == epsilon
    assert (np.diff(curves.epsilons) > 0).all()
    targets = certificate.correct() if count == "correct" else None
    alone = certificate.collective(np.array([epsilon**2]), "envelope", targets)
    assert curves.envelope[index] == alone.certified[0]
    assert curves.envelope[index] <= curves.ceiling[index] <= alone.ceiling[0]
    counted = certificate.certified_mask(epsilon) & (True if targets is None else targets)
    assert curves.naive[index] == counted.sum()
    for counts in (curves.naive, curves.paper, curves.envelope, curves.ceiling):
        assert (np.diff(counts) <= 0).all()
    assert float(curves.said(index)) == epsilon
    others = np.isin(curves.epsilons, grid.epsilons)
    assert np.array_equal(curves.envelope[others], grid.envelope[np.isin(grid.epsilons, curves.epsilons)])


def test_what_was_searched_stays_where_it_was_when_a_budget_comes_between():
    certificate = toy_certificate()
    grid = compute_curves(certificate, "all")
    exact = np.where(np.arange(grid.epsilons.size) <= 60, grid.ceiling[60], 0)
    searched = replace(grid, exact=exact, searched=(60,))
    step = float(grid.epsilons[1])
    before = with_budget(searched, 59.5 * step, certificate, "all")
    assert before.epsilons[before.searched[0]] == grid.epsilons[60]
    assert before.proven[60] == max(grid.ceiling[60], before.envelope[60])
    after = with_budget(searched, 60.5 * step, certificate, "all")
    assert after.searched == (60,)
    assert after.exact is not None
    assert after.exact[61] == 0, "proven at a smaller budget, proven for no larger one"


@pytest.mark.parametrize(
    ("largest", "chosen", "step"),
    [(0.3, 0.1, 0.002), (0.3, 0.153, 0.001), (0.3, 0.1535, 0.0001), (15.0, 0.1, 0.1), (15.0, 0.15, 0.01)],
)
def test_the_slider_gets_steps_that_a_chosen_budget_is_on(largest: float, chosen: float, step: float):
    assert step_for(largest, chosen) == pytest.approx(step)


def test_before_anybody_chooses_something_is_certified():
    curves = compute_curves(toy_certificate(), "all")

    def standing(until: int) -> CurveSet:
        falling = np.where(np.arange(curves.epsilons.size) <= until, 100, 0)
        return replace(curves, envelope=falling, ceiling=falling)

    wanted = float(curves.epsilons[45])
    assert telling_budget(standing(60), wanted) == wanted
    assert telling_budget(standing(7), wanted) == curves.epsilons[7]
    assert telling_budget(standing(-1), wanted) == 0


def test_what_another_browser_has_proven_changes_nothing_here(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ui.images.curve_memory.owner_token", lambda: "somebody")
    theirs = sharp_store()
    assert sharp_store() is theirs
    monkeypatch.setattr("ui.images.curve_memory.owner_token", lambda: "somebody else")
    assert sharp_store() is not theirs


def test_the_parting_budget_is_the_last_one_with_half_of_the_clean_count():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "all")
    budget = parting_budget(curves)
    place = curves.index(budget)
    assert 2 * curves.proven[place] >= curves.proven[0] > 2 * curves.proven[place + 1]
