"""Attacks by reweighted programs: they spend what they may, give up what is far, and stop when told."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from lrscore.collective import certify_collectively, verify
from lrscore.collective.attacker import attacked_counts
from lrscore.collective.problem import Threat, build_problem
from lrscore.collective.reweighting import ROUNDS, reweighted
from lrscore.images.windows import View
from tests.lrscore.collective.windowed import window_weights


@pytest.mark.parametrize("budget", [[1.0, 0.5], [2.0, 0.0]])
def test_they_spend_exactly_what_they_may(budget: list[float]) -> None:
    weights = np.random.default_rng(0).uniform(0, 1, (2, 5, 4))
    problem = build_problem(weights, np.arange(1, 11) / 4, np.repeat(range(5), 2), [budget], Threat())
    found = reweighted(problem, np.array(budget), np.zeros(8))
    assert len(found) == ROUNDS
    for allocation in found:
        assert (allocation >= 0).all()
        np.testing.assert_allclose(allocation.reshape(2, 4).sum(axis=1), budget)


@pytest.mark.parametrize("seed", range(6))
def test_an_even_spread_becomes_as_strong_as_any_choice_of_groups(seed: int) -> None:
    """Brute force: the largest set of groups whose fall a program says to be affordable."""

    random = np.random.default_rng(seed)
    weights = window_weights(3, 3, View(0, 0.5), View(1, 1.0))
    thresholds, budget = random.uniform(2, 4, 9), random.uniform(1.5, 2.5)
    problem = build_problem(weights, thresholds, np.arange(9), [budget], Threat())
    even = np.full(9, budget / 9)
    found = reweighted(problem, np.array([budget]), even)
    strongest = max(int(attacked_counts(problem, allocation[None])[0]) for allocation in found)
    best = 0
    for size in range(9, 0, -1):
        for chosen in map(list, itertools.combinations(range(9), size)):
            need = linprog(np.ones(9), A_ub=-weights[chosen], b_ub=-thresholds[chosen])
            if need.fun <= budget:
                best = size
                break
        if best:
            break
    assert strongest <= best
    assert strongest >= best - 1
    assert strongest > attacked_counts(problem, even[None])[0]


def test_none_where_caps_whole_units_or_infinite_weights_bind_or_time_is_up() -> None:
    inputs = np.eye(3), np.ones(3), range(3), [2.0]
    for threat, weights in (
        (Threat(integer=True), inputs[0]),
        (Threat(caps=[1.0, 5.0, 5.0]), inputs[0]),
        (Threat(), np.diag([1.0, np.inf, 1.0])),
    ):
        assert reweighted(build_problem(weights, *inputs[1:], threat), np.array([2.0]), np.zeros(3)) == []
    problem, asked = build_problem(*inputs, Threat()), iter([False, False, True])
    assert len(reweighted(problem, np.array([2.0]), np.zeros(3), lambda: next(asked))) == 2
    assert reweighted(problem, np.array([0.0]), np.zeros(3)) == []
    nothing = build_problem(np.eye(3), np.zeros(3), range(3), [2.0], Threat())
    assert reweighted(nothing, np.array([2.0]), np.zeros(3)) == []


def test_on_fine_grids_exact_lowers_the_ceiling_before_it_opens_boxes() -> None:
    random = np.random.default_rng(5)
    views = View(1, 0.2), View(2, 0.4), View(4, 0.8), View(None, 1.6)
    weights, groups = window_weights(10, 12, *views), np.repeat(np.arange(120), 6)
    inputs = weights, np.round(random.uniform(9.0, 9.6, groups.size), 2), groups
    budgets = np.array([0.9, 1.5]) ** 2
    curve = certify_collectively(*inputs, budgets)
    exact = certify_collectively(*inputs, budgets, method="exact", node_limit=3)
    verify(exact, *inputs)
    assert (exact.certified >= curve.certified).all()
    assert (exact.ceiling >= exact.certified).all()
    assert (exact.ceiling < curve.ceiling).all()
