"""Several budget kinds, caps, targets, infinite and zero weights, whole units."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from lrscore.collective import certify_collectively, verify
from lrscore.collective.certificate import LISTABLE, METHODS
from lrscore.collective.integers import reachable_sums
from tests.lrscore.collective.definition import Case, whole_truth


def random_threat(seed: int) -> tuple[np.ndarray, Case, np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Weights (K, I, J), thresholds and groups, budgets (M, K), caps (K, J) or None, targets (N,) or None."""
    rng = np.random.default_rng(seed)
    n_kinds, n_groups, n_regions = rng.integers(1, 4, 3)
    n_outputs, n_budgets = rng.integers(0, 14), rng.integers(1, 4)
    shape = (n_kinds, n_groups, n_regions)
    stack = rng.integers(0, 5, shape).astype(float) if rng.random() < 0.5 else rng.random(shape)
    stack[rng.random(shape) < 0.1 * rng.integers(0, 2)] = np.inf
    thresholds = (
        rng.integers(-1, 12, n_outputs).astype(float) if rng.random() < 0.5 else rng.random(n_outputs) * 8
    )
    thresholds[rng.random(n_outputs) < 0.1] = np.inf
    case = Case(stack[0], thresholds, rng.integers(0, n_groups, n_outputs), np.zeros(0))
    budgets = rng.integers(0, 4, (n_budgets, n_kinds)).astype(float)
    caps = None if rng.random() < 0.5 else rng.integers(0, 4, (n_kinds, n_regions)).astype(float)
    targets = None if rng.random() < 0.5 else rng.random(n_outputs) < 0.7
    return stack, case, budgets, caps, targets


@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("first", range(0, 150, 50))
def test_every_threat_is_ordered_proven_and_below_what_whole_units_do(first: int, integer: bool) -> None:
    for seed in range(first, first + 50):
        stack, case, budgets, caps, targets = random_threat(seed)
        counted = case.thresholds if targets is None else np.where(targets, case.thresholds, 0.0)
        limits = np.full(stack.shape[::2], np.inf) if caps is None else caps
        truths = [
            whole_truth(stack, Case(stack[0], counted, case.groups, case.budgets), row, limits)
            for row in budgets
        ]
        chain = []
        for method in METHODS:
            inputs = (list(stack), case.thresholds, case.groups)
            options = {"method": method, "caps": caps, "targets": targets, "integer": integer}
            certificate = certify_collectively(*inputs, budgets, **options)
            verify(certificate, *inputs, targets=targets)
            chain.append(certificate.certified)
        chain.append(np.array(truths))
        if integer:
            chain.append(certificate.ceiling)
            assert (chain[-3] == chain[-2]).all(), (seed, chain)
            assert (certificate.allocation == np.floor(certificate.allocation)).all()
        assert all((low <= high).all() for low, high in itertools.pairwise(chain)), (seed, chain)
        assert (certificate.allocation <= limits).all()
        assert (certificate.allocation.sum(axis=2) <= budgets).all()


def test_costs_of_two_kinds_add() -> None:
    # One group, one region: 2 * 1.5 + 1 * 1 = 4. Only the last output needs more.
    thresholds, groups = np.array([3.5, 4.0, 4.5]), np.zeros(3, dtype=int)
    for method in METHODS:
        certificate = certify_collectively(
            [[[2.0]], [[1.0]]], thresholds, groups, [[1.5, 1.0]], method=method
        )
        assert certificate.certified.tolist() == [1]
        assert certificate.allocation.shape == (1, 2, 1)


def test_the_same_kind_twice_is_the_sum_of_the_budgets() -> None:
    rng = np.random.default_rng(5)
    weights, thresholds, groups = rng.random((3, 4)), rng.random(60), rng.integers(0, 3, 60)
    twice = certify_collectively([weights, weights], thresholds, groups, [[0.3, 0.2], [0.1, 0.4]])
    once = certify_collectively(weights, thresholds, groups, [0.5])
    assert twice.certified.tolist() == once.certified.tolist() * 2


def test_zero_weights_make_regions_irrelevant() -> None:
    # Group i only sees region i, so a budget of 1 takes down at most one of the two groups.
    certificate = certify_collectively(
        np.eye(2), [1.0] * 5 + [1.0] * 3, [0] * 5 + [1] * 3, [1.0], method="exact"
    )
    assert certificate.certified.tolist() == certificate.ceiling.tolist() == [3]


def test_an_infinite_weight_takes_the_group_down_for_any_budget_but_zero() -> None:
    weights = np.array([[np.inf, 1.0], [0.0, 1.0]])
    for method in METHODS:
        certificate = certify_collectively(
            weights, [9.0, np.inf, 5.0], [0, 0, 1], [0.0, 1e-9, 4.0], method=method
        )
        verify(certificate, weights, [9.0, np.inf, 5.0], [0, 0, 1])
        assert certificate.certified.tolist() == certificate.ceiling.tolist() == [3, 1, 1]
    capped = certify_collectively(weights, [9.0, np.inf, 5.0], [0, 0, 1], [4.0], caps=[0.0, 9.0])
    assert capped.certified.tolist() == [3]


def test_one_kind_may_be_impossible_to_certify_while_the_other_is_not() -> None:
    additions, deletions = np.array([[np.inf]]), np.array([[1.0]])
    certificate = certify_collectively(
        [additions, deletions], [2.0], [0], [[0.0, 1.0], [0.0, 2.0], [1.0, 0.0]]
    )
    assert certificate.certified.tolist() == [1, 0, 0]


def test_a_cap_stops_the_adversary_where_it_hurts() -> None:
    # Region 0 counts double but takes only 0.25: 2 * 0.25 + 0.75 = 1.25 of weighted budget at most.
    certificate = certify_collectively([[2.0, 1.0]], [1.2, 1.3], [0, 0], [1.0], caps=[0.25, 1.0])
    assert certificate.certified.tolist() == [1]
    # All caps together: 2 * 0.25 + 0.25 = 0.75, however large the budget.
    certificate = certify_collectively([[2.0, 1.0]], [0.7, 0.8], [0, 0], [100.0], caps=[0.25, 0.25])
    assert certificate.certified.tolist() == [1]


def test_targets_count_only_themselves() -> None:
    targets = np.array([True, False, True, True])
    inputs = ([[1.0]], [0.5, 0.5, 2.0, 2.0], [0, 0, 0, 0])
    certificate = certify_collectively(*inputs, [0.0, 1.0], targets=targets)
    assert certificate.certified.tolist() == [3, 2]
    assert certificate.n_outputs == 4
    verify(certificate, *inputs, targets=targets)


def test_whole_units_raise_thresholds_to_what_they_can_reach() -> None:
    # Sums of 2 and 3 with at most two units: 0, 2, 3, 4, 5, 6. So 4.5 is as good as 5, and 6.5 never falls.
    sums = reachable_sums(np.array([2.0, 3.0]), np.array([0, 0]), np.array([2.0]))
    assert sums is not None
    assert sums.tolist() == [0, 2, 3, 4, 5, 6]
    weights, groups = [[2.0, 3.0]], [0, 0]
    spent = certify_collectively(weights, [4.5, 6.5], groups, [1.0, 2.0], integer=True, method="naive")
    assert spent.certified.tolist() == [2, 1]
    # 1.5 units reach 4.5, but whole units do not.
    assert certify_collectively(weights, [4.5, 6.5], groups, [1.5]).certified.tolist() == [1]
    assert certify_collectively(weights, [4.5, 6.5], groups, [1.5], integer=True).certified.tolist() == [2]


def test_whole_units_beyond_listing_are_branched_on_and_verified() -> None:
    rng = np.random.default_rng(2)
    weights, thresholds, groups = rng.random((6, 6)), rng.gamma(4.0, 1.5, 90), rng.integers(0, 6, 90)
    certificate = certify_collectively(
        weights, thresholds, groups, [11.0, 40.0], integer=True, method="exact"
    )
    verify(certificate, weights, thresholds, groups)
    assert certificate.proof.enumerated.tolist() == [True, False]
    assert math.comb(11 + 5, 5) <= LISTABLE < math.comb(40 + 5, 5)  # ways to give units to six regions
    relaxed = certify_collectively(weights, thresholds, groups, [11.0, 40.0], method="exact")
    assert (certificate.certified >= relaxed.certified).all()
