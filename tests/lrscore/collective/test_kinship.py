"""Rows as differences of related ones: the least of them, undone exactly, and the same program for the solver."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree

from lrscore.collective import Threat, certify_collectively, verify
from lrscore.collective.concave import envelopes
from lrscore.collective.kinship import MOST_VALUES, Differences, kin
from lrscore.collective.problem import Problem, build_problem
from lrscore.collective.program import AllocationProgram
from lrscore.collective.reach import whole_reach
from lrscore.images.windows import View
from tests.lrscore.collective.windowed import window_weights


def test_the_differences_are_those_of_a_least_spanning_tree() -> None:
    random = np.random.default_rng(0)
    for weights in (
        window_weights(4, 5, View(1, 0.2), View(None, 1.6)),
        random.integers(0, 3, (12, 9)) * 0.5,
    ):
        parents = kin(weights)
        apart = (weights[:, None] != weights).sum(axis=2)
        own = (weights != 0).sum(axis=1)
        kept = np.where(parents < 0, own, apart[np.arange(len(parents)), parents]).sum()
        # A root that is apart from every row by its own entries; an edge of length 0 would be none
        graph = np.pad(apart + 1.0, (0, 1))
        graph[-1, :-1] = own + 1
        assert kept + len(own) == minimum_spanning_tree(graph).sum()
        for row in range(len(parents)):
            seen = []
            while row >= 0:
                assert row not in seen
                seen.append(row)
                row = parents[row]


def test_windows_on_a_grid_differ_at_their_rims() -> None:
    weights = window_weights(18, 24, View(1, 0.2), View(3, 0.4), View(7, 0.8), View(None, 1.6))
    parents = kin(weights)
    assert (parents < 0).sum() == 1
    assert np.count_nonzero(Differences(parents, np.arange(432), 0).of_dense(weights)) < 0.08 * weights.size


def test_rows_with_little_in_common_stay_as_they_are() -> None:
    random = np.random.default_rng(1)
    assert (kin(random.random((200, MOST_VALUES // 200 + 1))) == -1).all()
    assert (kin(np.eye(4)) == -1).all()


def test_differences_are_undone_by_their_duals() -> None:
    random = np.random.default_rng(2)
    parents, rows = np.array([-1, 0, 1, 1, 3]), np.array([0, 1, 3, 4])
    differences = Differences(parents, rows, 2)
    matrix, duals = random.random((6, 7)), random.random(6)
    np.testing.assert_allclose(differences.of_dense(matrix), differences.matrix @ matrix)
    np.testing.assert_allclose(differences.back(duals) @ matrix, duals @ differences.of_dense(matrix))
    owners, values = np.array([0, 3, 3, 1]), random.random(4)
    dense = np.zeros((6, 4))
    dense[owners, np.arange(4)] = values
    np.testing.assert_allclose(differences.of_entries(owners, values).toarray(), differences.of_dense(dense))


def problems() -> list[tuple[str, tuple, Threat]]:
    random = np.random.default_rng(3)
    windows = window_weights(10, 12, View(1, 0.2), View(3, 0.4), View(None, 1.6))
    blank = window_weights(10, 12, View(1, 0.2), View(3, 0.4))
    infinite = np.where(random.random((120, 120)) < 0.01, np.inf, blank)
    groups = np.repeat(np.arange(120), 6)
    thresholds = np.round(random.uniform(0.0, 13.0, groups.size), 2)
    one, two = np.array([0.3, 0.8]) ** 2, np.array([[0.05, 0.1], [0.2, 0.4]])
    return [
        ("windows", (windows, thresholds, groups, one), Threat()),
        ("far regions weigh nothing", (blank, thresholds, groups, one), Threat()),
        (
            "infinite weights",
            (infinite, thresholds, groups, one),
            Threat(caps=np.where(np.arange(120) < 60, 1.0, 0.0)),
        ),
        (
            "two kinds",
            ((windows, 0.5 * blank), thresholds, groups, two),
            Threat(caps=np.full((2, 120), 0.02)),
        ),
    ]


@pytest.mark.parametrize("name", [name for name, _, _ in problems()])
def test_the_program_is_the_same_with_and_without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, threat = next((inputs, threat) for other, inputs, threat in problems() if other == name)
    values, counts = [], []
    for parents in (None, np.full(120, -1)):
        if parents is not None:
            monkeypatch.setattr(Problem, "kin", parents)
        problem = build_problem(*inputs, threat)
        reached = whole_reach(problem)
        for budget in range(2):
            gains = envelopes(problem.steps, reached, budget)
            solution = AllocationProgram(problem, reached, budget).solve(gains)
            assert solution is not None
            rows = np.flatnonzero(~reached.doomed[budget])
            values.append(gains(problem.weights @ solution.allocation)[rows].sum())
        found = certify_collectively(*inputs, threat=threat)
        verify(found, *inputs[:3])
        counts.append(found.certified)
    np.testing.assert_allclose(values[:2], values[2:], rtol=1e-4)
    np.testing.assert_allclose(counts[0], counts[1], atol=1)
