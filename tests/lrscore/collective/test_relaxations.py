"""The parts: envelopes, reachable intervals, the linear program and its duals, bounds, lists."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lrscore.collective.attacker import attacked_counts, polished
from lrscore.collective.bounds import relaxed_bounds, step_bounds
from lrscore.collective.concave import Gains, envelopes
from lrscore.collective.curve import halves
from lrscore.collective.enumeration import Part, listed_allocations
from lrscore.collective.integers import spread, ways
from lrscore.collective.paper import first_pieces, tangent_roof
from lrscore.collective.problem import Problem, Threat, build_problem
from lrscore.collective.program import AllocationProgram
from lrscore.collective.reach import Reach, whole_reach
from lrscore.collective.verify_listing import compositions
from tests.lrscore.collective.definition import random_case

seeds = st.integers(0, 10**9)


def random_problem(seed: int) -> tuple[Problem, Reach]:
    """Two budget kinds, caps in half of the cases, thresholds of a few magnitudes."""
    rng = np.random.default_rng(seed)
    n_groups, n_regions = rng.integers(1, 5), rng.integers(2, 5)
    weights = rng.random((2, n_groups, n_regions))
    thresholds = 10 ** rng.uniform(-1, 1, 30)
    caps = rng.uniform(0.1, 1.0, (2, n_regions)) if seed % 2 else None
    groups = rng.integers(0, n_groups, 30)
    problem = build_problem(
        list(weights), thresholds, groups, rng.uniform(0.2, 2.0, (1, 2)), Threat(caps=caps)
    )
    return problem, whole_reach(problem)


def random_allocations(problem: Problem, count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, C) admissible allocations, some at corners."""
    shares = rng.dirichlet(np.full(problem.kinds.size, 0.3), count)
    for kind, budget in enumerate(problem.budgets[0]):
        mine = problem.kinds == kind
        shares[:, mine] *= (budget / np.maximum(shares[:, mine].sum(axis=1), 1e-300))[:, None]
    return np.minimum(shares, problem.caps)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seeds)
def test_envelopes_are_the_smallest_concave_majorants(seed: int) -> None:
    problem, reached = random_problem(seed)
    gains = envelopes(problem.steps, reached)
    for group in range(problem.steps.n_groups):
        low, high = reached.lower[0, group], reached.upper[0, group]
        places = np.linspace(low, high, 41)
        everywhere = np.repeat(places[:, None], problem.steps.n_groups, axis=1)
        heights = np.array([gains(row)[group] for row in everywhere])
        values = problem.steps.values[problem.steps.owners == group]
        corners = np.concatenate([[low], values[(values > low) & (values <= high)], [high]])
        steps = np.array([problem.steps(np.full(problem.steps.n_groups, place))[group] for place in corners])
        # By definition: the best chord over every place.
        chords = [
            max(chord(place, *pair) for pair in itertools.combinations(zip(corners, steps, strict=True), 2))
            for place in places
        ]
        assert heights == pytest.approx(chords, rel=1e-9, abs=1e-9)


def chord(place: float, left: tuple[float, int], right: tuple[float, int]) -> float:
    if not left[0] <= place <= right[0]:
        return 0.0
    if left[0] == right[0]:
        return max(left[1], right[1])
    return left[1] + (right[1] - left[1]) * (place - left[0]) / (right[0] - left[0])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seeds)
def test_reachable_intervals_are_those_of_full_spending(seed: int) -> None:
    problem, reached = random_problem(seed)
    kinds = np.equal.outer(np.arange(2), problem.kinds).astype(float)
    for group, row in enumerate(problem.weights):
        for sign, end in ((1, reached.lower[0, group]), (-1, reached.upper[0, group])):
            bounds = [(0, cap) for cap in problem.caps]
            answer = linprog(sign * row, A_eq=kinds, b_eq=reached.spent[0], bounds=bounds)
            assert end == pytest.approx(sign * answer.fun, rel=1e-8, abs=1e-9)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seeds)
def test_no_dual_vector_promises_too_much(seed: int) -> None:
    """Weak duality: whatever the vector, even a negative one, no admissible attack exceeds its bound."""
    problem, reached = random_problem(seed)
    rng = np.random.default_rng(seed)
    worst = attacked_counts(problem, random_allocations(problem, 200, rng)).max()
    for scale in (0.0, 1.0, 30.0):
        vector = scale * rng.normal(size=problem.steps.n_groups)
        assert worst <= step_bounds(problem, reached, vector)[0] + 1e-9
        assert worst <= relaxed_bounds(problem, reached, np.abs(vector))[0] + 1e-9


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seeds)
def test_program_solutions_are_optimal_by_complementary_slackness(seed: int) -> None:
    problem, reached = random_problem(seed)
    gains = envelopes(problem.steps, reached)
    solution = AllocationProgram(problem, reached, 0).solve(gains)
    assert solution is not None
    spent = np.clip(problem.weights @ solution.allocation, reached.lower[0], reached.upper[0])
    primal = gains(spent).sum()
    # Strong duality, and what it consists of: every group at a maximum of gain - y s, every channel with something in
    # it among the best of its kind unless it is full.
    assert step_bounds(problem, reached, solution.multipliers)[0] == pytest.approx(primal, rel=1e-6, abs=1e-6)
    best = group_maxima(gains, solution.multipliers)
    assert gains(spent) - solution.multipliers * spent == pytest.approx(best, rel=1e-6, abs=1e-6)
    worth = solution.multipliers @ problem.weights
    for kind in range(2):
        mine = problem.kinds == kind
        used = mine & (solution.allocation > 1e-7)
        free = mine & (solution.allocation < problem.caps - 1e-7)
        if used.any() and free.any():
            assert worth[used].min() >= worth[free].max() - 1e-6 * max(1.0, worth.max())


def group_maxima(gains: Gains, multipliers: np.ndarray) -> np.ndarray:
    values = gains.heights - multipliers[gains.owners] * gains.places
    return np.maximum.reduceat(values, gains.starts[:-1])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seeds)
def test_tangent_roofs_lie_above_the_relaxed_gain_and_touch_it(seed: int) -> None:
    problem, reached = random_problem(seed)
    steps, low, high = problem.steps, reached.lower[0], reached.upper[0]
    chosen = first_pieces(steps, low, high)
    roof = tangent_roof(steps, chosen, high)
    for share in np.linspace(0, 1, 21):
        places = low + share * (high - low)
        relaxed = [
            np.minimum(1.0, place / np.repeat(*group_levels(problem, group))).sum()
            for group, place in enumerate(places)
        ]
        assert (roof(places) >= np.array(relaxed) - 1e-9).all()
    chosen[:] = False
    chosen[steps.bases[0] + np.arange(steps.offsets[1] + 1)] = True
    chosen[steps.bases] = True
    place = np.where(np.arange(steps.n_groups) == 0, 0.7 * high, high)
    exact = np.minimum(1.0, place[0] / np.repeat(*group_levels(problem, 0))).sum()
    assert tangent_roof(steps, chosen, high)(place)[0] == pytest.approx(exact, rel=1e-9, abs=1e-9)


def group_levels(problem: Problem, group: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct thresholds of a group and how often each occurs."""
    mine = slice(problem.steps.offsets[group], problem.steps.offsets[group + 1])
    heights = problem.steps.heights[problem.steps.bases[group] :][: problem.steps.values[mine].size + 1]
    return problem.steps.values[mine], np.diff(heights)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seeds)
def test_local_search_stays_admissible_and_never_loses(seed: int) -> None:
    problem, _ = random_problem(seed)
    start = random_allocations(problem, 1, np.random.default_rng(seed))[0]
    end = polished(problem, start, rounds=5)
    assert attacked_counts(problem, end[None])[0] >= attacked_counts(problem, start[None])[0]
    assert (end >= 0).all()
    assert (end <= problem.caps + 1e-12).all()
    for kind in range(2):
        mine = problem.kinds == kind
        assert end[mine].sum() == pytest.approx(start[mine].sum())


@pytest.mark.parametrize("count", range(12))
def test_every_budget_of_a_curve_is_a_middle_once(count: int) -> None:
    order = halves(count)
    assert sorted(middle for _, middle, _ in order) == list(range(count))
    assert all(first <= middle <= last for first, middle, last in order)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 6), st.integers(1, 4))
def test_lists_of_whole_units_are_complete(units: int, places: int) -> None:
    assert ways(units, places) == math.comb(units + places - 1, places - 1)
    left = np.array([units])
    for _ in range(places):
        source, given_units = spread(left)
        left = left[source] - given_units
    assert left.size == math.comb(units + places, places)
    caps = [2.0] * places
    expected = [split for split in itertools.product(range(3), repeat=places) if sum(split) == units]
    assert sorted(compositions(units, caps)) == expected
    total = min(units, 2 * places)
    threat = Threat(caps=np.array(caps), integer=True)
    problem = build_problem(np.ones((1, places)), [1.0], [0], [float(units)], threat)
    whole = Part(np.arange(1), np.arange(places))
    listed = listed_allocations(problem, whole, np.array([float(total)]), exactly=True)
    assert listed is not None
    expected = [split for split in itertools.product(range(3), repeat=places) if sum(split) == total]
    assert sorted(map(tuple, listed.astype(int).tolist())) == expected


def test_steps_count_as_the_definition_says() -> None:
    for seed in range(40):
        case = random_case(seed)
        problem = build_problem(*case.inputs, Threat())
        for place in (0.0, 0.5, 1.0, 3.0, 1e9):
            counted = problem.raw_steps(np.full(len(case.weights), place))
            falls = (case.thresholds > 0) & (case.thresholds <= place)
            assert counted.tolist() == np.bincount(case.groups[falls], minlength=len(case.weights)).tolist()
