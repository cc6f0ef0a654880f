"""naive <= paper <= envelope <= exact <= truth <= ceiling, each against its own slow definition."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrscore.collective import certify_collectively, verify
from lrscore.collective.certificate import METHODS, Status
from tests.lrscore.collective.definition import Case, mixed_integer, naive, paper, random_case, truth


def counts(case: Case) -> dict[str, np.ndarray]:
    """Certified counts of every method and the ceiling of the exact one; all of them verified."""
    results = {}
    for method in METHODS:
        certificate = certify_collectively(*case.inputs, method=method)
        verify(certificate, *case.inputs[:3])
        results[method] = certificate.certified
        results["ceiling"] = certificate.ceiling
    return results


@pytest.mark.parametrize("first", range(0, 600, 60))
def test_methods_are_ordered_and_the_exact_one_meets_the_truth(first: int) -> None:
    for seed in range(first, first + 60):
        case = random_case(seed)
        found = counts(case)
        true = np.array([truth(case, budget) for budget in case.budgets])
        chain = [*(found[method] for method in METHODS), true, found["ceiling"]]
        assert all((low <= high).all() for low, high in itertools.pairwise(chain)), (seed, chain)
        assert (found["exact"] == true).all(), (seed, chain)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(600, 10**9))
def test_naive_and_paper_are_what_their_definitions_say(seed: int) -> None:
    case = random_case(seed)
    for method, definition in (("naive", naive), ("paper", published)):
        certified = certify_collectively(*case.inputs, method=method).certified
        assert certified.tolist() == [definition(case, budget) for budget in case.budgets], (method, seed)


def published(case: Case, budget: float) -> int:
    """The published program, or the naive count where that is larger (outputs out of reach are not attacked at all)."""
    attacked = paper(case, budget)
    return max(case.n_targets - math.floor(attacked + 1e-7), naive(case, budget))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(10**6, 10**9))
def test_branch_and_bound_agrees_with_a_mixed_integer_program(seed: int) -> None:
    case = random_case(2 * seed)  # even seeds: no exact ties, which a solver with tolerances cannot decide
    certified = certify_collectively(*case.inputs, method="exact").certified
    assert certified.tolist() == [mixed_integer(case, budget) for budget in case.budgets]


def test_a_mixed_integer_program_agrees_on_a_problem_with_hundreds_of_outputs() -> None:
    rng = np.random.default_rng(3)
    weights = 1 / rng.uniform(0.2, 1.0, (6, 6)) ** 2
    case = Case(weights, rng.gamma(2.0, 1.0, 240), rng.integers(0, 6, 240), np.array([0.12, 0.3]))
    certificate = certify_collectively(*case.inputs, method="exact")
    assert certificate.status == (Status.OPTIMAL, Status.OPTIMAL)
    assert certificate.certified.tolist() == [mixed_integer(case, budget) for budget in case.budgets]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from(METHODS))
def test_counts_fall_with_the_budget_and_rise_with_the_thresholds(seed: int, method: str) -> None:
    case = random_case(seed)
    base = certify_collectively(*case.inputs, method=method)
    assert (np.diff(base.certified) <= 0).all()
    assert (np.diff(base.ceiling) <= 0).all()
    higher = case.thresholds * np.random.default_rng(seed).uniform(1.0, 2.0, case.thresholds.size)
    stronger = certify_collectively(case.weights, higher, *case.inputs[2:], method=method)
    assert (stronger.certified >= base.certified).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from(["naive", "paper", "exact"]))
def test_counts_fall_with_the_weights(seed: int, method: str) -> None:
    case = random_case(seed)
    more = np.random.default_rng(seed).random(case.weights.shape) * case.weights.max(initial=1.0)
    base = certify_collectively(*case.inputs, method=method).certified
    assert (
        certify_collectively(case.weights + more, *case.inputs[1:], method=method).certified <= base
    ).all()


def test_heavier_weights_can_tighten_the_envelope() -> None:
    """They shrink the reachable interval of a group. Not a fault: what holds for heavier weights holds for lighter."""
    thresholds, groups = np.array([0.75] * 10 + [0.9] * 10), np.repeat([0, 1], 10)
    light, heavy = np.array([[0.5, 0.0, 1.0], [1.0, 0.0, 0.0]]), np.array([[0.5, 0.5, 1.0], [1.0, 0.0, 0.0]])
    # Light, everything in region 0: group 1 falls; group 0 is at 0.45 on the chord from (0, 0) to (0.75, 10), at 6.
    # Heavy: the chord of group 0 starts at (0.45, 0). Best is 0.6 in region 2: 10 there, and 0.3 / 0.9 * 10 of group 1.
    counts = [certify_collectively(rows, thresholds, groups, [0.9]).certified[0] for rows in (light, heavy)]
    assert counts == [20 - (10 + 6), 20 - int(10 + 10 / 3)]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**9), st.sampled_from(METHODS))
def test_caps_help_and_loose_caps_change_nothing(seed: int, method: str) -> None:
    case = random_case(seed)
    free = certify_collectively(*case.inputs, method=method)
    largest = case.budgets.max()
    loose = certify_collectively(*case.inputs, method=method, caps=np.full(case.weights.shape[1], largest))
    assert (loose.certified == free.certified).all()
    rng = np.random.default_rng(seed)
    caps = rng.random(case.weights.shape[1]) * largest
    tight = certify_collectively(*case.inputs, method=method, caps=caps)
    verify(tight, *case.inputs[:3])
    assert (tight.certified >= free.certified).all()
    assert (tight.allocation <= caps).all()
