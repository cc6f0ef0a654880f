"""The bound with floors: against attacks listed one by one, in floats and fractions, in boxes and in whole proofs."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from lrscore.collective import CollectiveCertificate, Threat, certify_collectively, verify
from lrscore.collective.bounds import step_bounds
from lrscore.collective.engine import _solve_envelope
from lrscore.collective.floors import MOST_WEIGHTS, floored_bound, floored_vector, has_floors
from lrscore.collective.problem import Problem, build_problem
from lrscore.collective.rational import Side
from lrscore.collective.reach import Reach, whole_reach
from lrscore.collective.verify_floors import Floors
from lrscore.collective.verify_tables import LeafTable, Levels
from lrscore.errors import CertificateError
from lrscore.images.windows import View
from tests.lrscore.collective.windowed import window_weights

PARTS = 12  # of the budget, in which allocations are listed


def small_problem(seed: int) -> Problem:
    random = np.random.default_rng(seed)
    n_groups, n_regions = random.integers(1, 5), random.integers(2, 4)
    weights = random.choice([0.0, 0.25, 1.0, 4.0], (n_groups, n_regions))
    thresholds = (
        random.integers(1, 17, 10) / 4 + 0.01
    )  # next to what regions bring about, never a tie with it
    groups, budget = random.integers(0, n_groups, 10), float(random.choice([1, 2]))
    return build_problem(weights, thresholds, groups, [budget], Threat())


def boxes(problem: Problem, random: np.random.Generator) -> list[Reach]:
    """The root, and two boxes along a random way down."""
    found = [whole_reach(problem)]
    for _ in range(2):
        box = found[-1]
        open_groups = np.flatnonzero(box.stop[0] > box.start[0])
        if not open_groups.size:
            break
        group = int(random.choice(open_groups))
        rank = int(random.integers(box.start[0, group], box.stop[0, group]))
        found.append(box.cut(group, rank)[int(random.integers(2))])
    return found


def strongest(problem: Problem, box: Reach) -> int:
    """The most that listed allocations within the box take down, on the problem's rounded numbers, exactly."""
    budget, best = Fraction(float(problem.budgets[0, 0])), 0
    rows = [[Fraction(weight) for weight in row] for row in problem.weights.tolist()]
    steps = problem.steps
    for parts in itertools.product(range(PARTS + 1), repeat=problem.kinds.size):
        if sum(parts) != PARTS:
            continue
        places = [sum(w * p for w, p in zip(row, parts, strict=True)) * budget / PARTS for row in rows]
        ends = zip(places, box.lower[0].tolist(), box.upper[0].tolist(), strict=True)
        if all(Fraction(low) <= place <= Fraction(high) for place, low, high in ends):
            hits = 0
            for group, place in enumerate(places):
                mine = steps.values[steps.offsets[group] : steps.offsets[group + 1]]
                reached = sum(Fraction(value) <= place for value in mine.tolist())
                hits += int(steps.heights[steps.bases[group] + reached])
            best = max(best, hits)
    return best


def exactly(problem: Problem, box: Reach, vector: np.ndarray) -> Fraction:
    """The bound of `verify`."""
    steps = problem.steps
    levels = [
        np.repeat(
            steps.values[steps.offsets[group] : steps.offsets[group + 1]],
            np.diff(steps.heights[steps.bases[group] : steps.offsets[group + 1] + group + 1]),
        )
        for group in range(steps.n_groups)
    ]
    budget = Fraction(float(problem.budgets[0, 0]))
    root = whole_reach(problem)
    sides = []
    for group, row in enumerate(problem.weights.tolist()):
        low, high = float(box.lower[0, group]), float(box.upper[0, group])
        raised, cut = low != root.lower[0, group], high != root.upper[0, group]
        # Ends that no cut has moved are what regions bring about, exactly
        least = Fraction(low) if raised else Fraction(min(row)) * budget
        sides.append(Side(least, Fraction(high) if cut else Fraction(max(row)) * budget, bool(cut)))
    found = Floors(problem.weights[None]).bound(LeafTable(Levels(levels), vector), sides, budget)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(40))
def test_no_listed_attack_takes_down_more_in_any_box(seed: int) -> None:
    random, problem = np.random.default_rng(1000 + seed), small_problem(seed)
    for number, box in enumerate(boxes(problem, random)):
        most = strongest(problem, box)
        vectors = [random.normal(0, scale, problem.steps.n_groups) for scale in (0.3, 3.0)]
        vectors += [np.abs(vectors[0]), np.zeros(problem.steps.n_groups)]
        solved = floored_vector(problem, box) if number == 0 else None
        vectors += [] if solved is None else [solved]
        for vector in vectors:
            rough, exact = floored_bound(problem, box, vector), exactly(problem, box, vector)
            assert most <= exact <= rough
            assert float(exact) == pytest.approx(rough, abs=1e-4 + 1e-9 * np.abs(vector).sum())


@pytest.mark.parametrize("seed", range(20))
def test_it_is_never_looser_than_the_line_alone_and_its_program_finds_the_best_vector(seed: int) -> None:
    random, problem = np.random.default_rng(seed), small_problem(seed)
    root = whole_reach(problem)
    solved = floored_vector(problem, root)
    for _ in range(20):
        vector = np.abs(random.normal(0, 2.0, problem.steps.n_groups))
        bound = floored_bound(problem, root, vector)
        assert bound <= float(step_bounds(problem, root, vector)[0]) + 1e-4
        if solved is not None:
            assert floored_bound(problem, root, solved) <= bound + 0.01


def fine_case() -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    random = np.random.default_rng(5)
    views = View(1, 0.2), View(2, 0.4), View(4, 0.8), View(None, 1.6)
    weights, groups = window_weights(10, 12, *views), np.repeat(np.arange(120), 6)
    return (weights, np.round(random.uniform(9.0, 9.6, groups.size), 2), groups), np.array([0.7, 0.8]) ** 2


@pytest.fixture(scope="module")
def exact() -> CollectiveCertificate:
    inputs, budgets = fine_case()
    return certify_collectively(*inputs, budgets, method="exact", node_limit=5)


def test_on_fine_grids_exact_proves_more_and_verify_follows_it(exact: CollectiveCertificate) -> None:
    inputs, budgets = fine_case()
    verify(exact, *inputs)
    problem = build_problem(*inputs, budgets, Threat())
    reached = whole_reach(problem)
    for budget in range(2):
        solution = _solve_envelope(problem, reached, budget)
        assert solution is not None
        box = reached.at(slice(budget, budget + 1))
        line = problem.n_targets - float(step_bounds(problem, box, solution.multipliers)[0])
        assert exact.certified[budget] > line + 5
    assert (exact.certified <= exact.ceiling).all()


def test_a_count_beyond_the_floors_is_rejected(exact: CollectiveCertificate) -> None:
    inputs, _ = fine_case()
    for budget in range(2):
        more = exact.certified.copy()
        more[budget] += 1
        with pytest.raises(CertificateError, match=rf"certified\[{budget}\] must be at most"):
            verify(replace(exact, certified=more), *inputs)


def test_with_caps_two_kinds_infinite_or_many_weights_there_are_none() -> None:
    (weights, thresholds, groups), budgets = fine_case()
    many = weights + np.arange(120) * 1e-3

    def made(given: object, spent: object, threat: Threat) -> Problem:
        return build_problem(given, thresholds, groups, spent, threat)

    assert has_floors(made(weights, budgets, Threat()))
    assert not has_floors(made(weights, budgets, Threat(caps=np.full(120, 9.0))))
    assert not has_floors(made((weights, weights), np.column_stack([budgets, budgets]), Threat()))
    assert not has_floors(made(np.where(weights == weights.max(), np.inf, weights), budgets, Threat()))
    assert not has_floors(made(many, budgets, Threat()))
    assert np.unique(many).size > MOST_WEIGHTS
    assert not has_floors(build_problem(np.eye(3), np.ones(3), range(3), [1.0], Threat())), (
        "few groups: branching does"
    )
    assert not Floors(many[None]).usable
    assert not Floors(np.stack([weights, weights])).usable
