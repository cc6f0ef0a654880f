"""Annealed attacks: they spend what they may, and they choose where a relaxation spreads."""

from __future__ import annotations

import numpy as np
import pytest

from lrscore.collective import certify_collectively, verify
from lrscore.collective.annealing import PARTS, annealed, can_anneal, coarse_steps
from lrscore.collective.attacker import attacked_counts, chosen_attacks
from lrscore.collective.problem import Problem, Threat, build_problem
from lrscore.collective.steps import FEW, Steps


def overlapping(n_groups: int, budgets: list[float]) -> Problem:
    """Groups in a row, each of four outputs that fall together; every group sees its two neighbours as well."""
    places = np.arange(n_groups)
    weights = (np.abs(np.subtract.outer(places, places)) <= 1).astype(float)
    return build_problem(weights, np.ones(4 * n_groups), np.repeat(places, 4), budgets, Threat())


def test_annealed_attacks_spend_exactly_what_they_may() -> None:
    weights = np.random.default_rng(0).uniform(0, 1, (2, 5, 4))
    budgets = np.array([[1.0, 0.5], [2.0, 0.0]])
    problem = build_problem(weights, np.arange(1, 11) / 4, np.repeat(range(5), 2), budgets, Threat())
    assert can_anneal(problem)
    for found in annealed(problem, budgets, np.zeros((2, 8)), rounds=25):
        assert (found >= 0).all()
        np.testing.assert_allclose(found.reshape(2, 2, 4).sum(axis=2), budgets)


@pytest.mark.parametrize(("budget", "most"), [(1.1, 3), (2.1, 6), (3.2, 9)])
def test_an_even_spread_that_takes_nothing_down_becomes_a_strong_attack(budget: float, most: int) -> None:
    # One unit takes down the group it is spent in and both neighbours: three groups of four outputs a unit
    problem = overlapping(12, [budget])
    even = np.full((1, 12), budget / 12)
    assert not attacked_counts(problem, even)[0]
    found = chosen_attacks(problem, np.array([[budget]]), even)
    assert 4 * most / 2 < attacked_counts(problem, found)[0] <= 4 * most


def test_the_ceiling_of_a_fine_grid_is_never_below_what_separate_groups_allow() -> None:
    inputs = np.eye(120), np.ones(240), np.repeat(np.arange(120), 2)
    found = certify_collectively(*inputs, [10.4, 37.7, 99.9])
    best = np.array([2 * 10, 2 * 37, 2 * 99])
    assert (240 - found.ceiling <= best).all()
    assert (240 - found.ceiling >= best / 2).all()
    assert (found.certified <= found.ceiling).all()
    verify(found, *inputs)


def test_no_caps_whole_units_or_infinite_weights() -> None:
    inputs = np.eye(3), np.ones(3), range(3), [2.0]
    assert can_anneal(build_problem(*inputs, Threat()))
    assert not can_anneal(build_problem(*inputs, Threat(integer=True)))
    assert not can_anneal(build_problem(*inputs, Threat(caps=[1.0, 5.0, 5.0])))
    assert not can_anneal(build_problem(np.diag([1.0, np.inf, 1.0]), *inputs[1:], Threat()))


def test_coarse_steps_fall_no_earlier_than_the_outputs_that_they_stand_for() -> None:
    random = np.random.default_rng(1)
    thresholds, groups = random.choice([0.5, 1.0, 2.0, 3.0, np.inf], 60), random.integers(0, 5, 60)
    steps = Steps.of(thresholds, groups, 6)  # group 5 is empty
    places, heights = coarse_steps(steps)
    assert places.shape == heights.shape == (6, PARTS)
    for spent in np.linspace(0, 4, 41):
        coarse = ((places <= spent) * heights).sum(axis=1)
        assert (coarse <= steps(np.full(6, spent))).all()
    assert heights.sum(axis=1).tolist() == steps(np.full(6, 9.0)).tolist()


@pytest.mark.parametrize("side", ["left", "right"])
def test_ranks_of_few_rows_are_those_of_many(side: str) -> None:
    random = np.random.default_rng(2)
    steps = Steps.of(random.integers(1, 9, 200) / 4, random.integers(0, 40, 200), 42)
    spent = random.choice([0.0, 0.25, 0.3, 1.0, 2.0, 2.25, 3.0, np.inf, np.nan, -1.0], (FEW + 1, 42))
    expected = np.zeros(spent.shape, dtype=np.int64)
    for group in range(42):
        mine = steps.values[steps.offsets[group] : steps.offsets[group + 1]]
        expected[:, group] = np.searchsorted(mine, spent[:, group], side=side)  # type: ignore[call-overload]
    assert (steps.ranks(spent, side) == expected).all()  # type: ignore[arg-type]
    assert (steps.ranks(spent[:FEW], side) == expected[:FEW]).all()  # type: ignore[arg-type]
    assert (steps.ranks(spent[0], side) == expected[0]).all()  # type: ignore[arg-type]
