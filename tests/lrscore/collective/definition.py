"""The collective problem by definition, slowly and in fractions: what every method is compared with.

Nothing here is shared with the package. Small random problems come from `random_problem`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp


@dataclass(frozen=True)
class Case:
    """weights: (I, J); thresholds, groups: (N,); budgets: (M,)."""

    weights: np.ndarray
    thresholds: np.ndarray
    groups: np.ndarray
    budgets: np.ndarray

    @property
    def inputs(self) -> tuple:
        return self.weights, self.thresholds, self.groups, self.budgets

    @property
    def n_targets(self) -> int:
        return int((self.thresholds > 0).sum())


def random_case(seed: int) -> Case:
    """Two or three regions, up to four groups, up to twelve outputs; whole numbers (many ties) or many magnitudes."""
    rng = np.random.default_rng(seed)
    n_groups, n_regions, n_outputs = rng.integers(1, 5), rng.integers(2, 4), rng.integers(0, 13)
    groups = rng.integers(0, n_groups, n_outputs)
    if seed % 2:
        weights = rng.integers(0, 4, (n_groups, n_regions)).astype(float)
        thresholds = rng.integers(-1, 6, n_outputs) / rng.integers(1, 3)
        budgets = np.sort(rng.integers(0, 4, 3)).astype(float)
    else:
        weights = rng.random((n_groups, n_regions)) * 10 ** rng.uniform(-3, 3, (n_groups, 1))
        thresholds = 10 ** rng.uniform(-3, 3, n_outputs)
        budgets = np.sort(10 ** rng.uniform(-2, 2, 3))
    return Case(weights, thresholds, groups, budgets)


def standing(case: Case, allocation: list[Fraction]) -> int:
    """Outputs that no longer fall under one allocation, exactly."""
    total = 0
    for threshold, group in zip(case.thresholds.tolist(), case.groups.tolist(), strict=True):
        row = case.weights[group].tolist()
        spent = sum(Fraction(weight) * share for weight, share in zip(row, allocation, strict=True))
        total += threshold > 0 and not spent >= Fraction(threshold)
    return total


def truth(case: Case, budget: float) -> int:
    """The best any certificate can do: the fewest outputs that stand, over all vertices of the arrangement.

    The allocations that fell a given set of outputs form a polytope (closed half-spaces within the simplex of
    allocations), and it has a vertex: a point where J independent constraints are tight. So all vertices are enough.
    """
    n_regions = case.weights.shape[1]
    planes = [([Fraction(int(j == k)) for j in range(n_regions)], Fraction(0)) for k in range(n_regions)]
    planes += {
        (tuple(map(Fraction, case.weights[group].tolist())), Fraction(threshold))
        for threshold, group in zip(case.thresholds.tolist(), case.groups.tolist(), strict=True)
        if 0 < threshold < np.inf
    }
    whole = ([Fraction(1)] * n_regions, Fraction(budget))
    fewest = case.n_targets
    for chosen in itertools.combinations(planes, n_regions - 1):
        point = solve(
            [*map(list, (row for row, _ in chosen)), whole[0]], [*(end for _, end in chosen), whole[1]]
        )
        if point is not None and all(share >= 0 for share in point):
            fewest = min(fewest, standing(case, point))
    return fewest


def solve(rows: list[list[Fraction]], ends: list[Fraction]) -> list[Fraction] | None:
    """Gauss elimination in fractions; None if the rows are dependent."""
    table = [[*row, end] for row, end in zip(rows, ends, strict=True)]
    size = len(table)
    for column in range(size):
        pivot = next((line for line in range(column, size) if table[line][column] != 0), None)
        if pivot is None:
            return None
        table[column], table[pivot] = table[pivot], table[column]
        table[column] = [number / table[column][column] for number in table[column]]
        for line in range(size):
            if line != column:
                factor = table[line][column]
                pairs = zip(table[line], table[column], strict=True)
                table[line] = [number - factor * other for number, other in pairs]
    return [row[-1] for row in table]


def naive(case: Case, budget: float) -> int:
    """Every output attacked with the whole budget in the region where it hurts most."""
    reach = case.weights.max(axis=1)[case.groups] * budget
    return int(((case.thresholds > 0) & (reach < case.thresholds)).sum())


def paper(case: Case, budget: float) -> float:
    """Optimal value of the published linear program: outputs attacked, one relaxed indicator per output."""
    counted = case.thresholds > 0
    thresholds, rows = case.thresholds[counted], case.weights[case.groups[counted]]
    count, n_regions = thresholds.size, case.weights.shape[1]
    if count == 0:
        return 0.0
    indicators = np.hstack([-rows / thresholds[:, None], np.eye(count)])
    spending = np.concatenate([np.ones(n_regions), np.zeros(count)])[None]
    result = linprog(
        np.concatenate([np.zeros(n_regions), -np.ones(count)]),
        np.vstack([indicators, spending]),
        np.append(np.zeros(count), budget),
        bounds=[(0, None)] * n_regions + [(0, 1)] * count,
    )
    assert result.success
    return -result.fun


def mixed_integer(case: Case, budget: float) -> int:
    """The exact problem as HiGHS sees it: one binary variable per output."""
    counted = case.thresholds > 0
    thresholds, rows = case.thresholds[counted], case.weights[case.groups[counted]]
    count, n_regions = thresholds.size, case.weights.shape[1]
    if count == 0:
        return 0
    matrix = np.vstack(
        [
            np.hstack([-rows / thresholds[:, None], np.eye(count)]),
            np.concatenate([np.ones(n_regions), np.zeros(count)])[None],
        ]
    )
    result = milp(
        np.concatenate([np.zeros(n_regions), -np.ones(count)]),
        constraints=LinearConstraint(matrix, ub=np.append(np.zeros(count), budget)),
        integrality=np.concatenate([np.zeros(n_regions), np.ones(count)]),
        bounds=([0] * (n_regions + count), [np.inf] * n_regions + [1] * count),
    )
    assert result.success
    return count - round(-result.fun)


def dual_bound(case: Case, budget: float, multipliers: list[float]) -> Fraction:
    """The right-hand side of the dual form, term by term as docs/theory.md, 4.6 writes it, for one weight matrix."""
    total = Fraction(budget)
    factors = [Fraction(number) for number in multipliers]
    rows = [[Fraction(weight) for weight in row] for row in case.weights.tolist()]
    bound = total * max(
        sum((factor * row[j] for factor, row in zip(factors, rows, strict=True)), Fraction(0))
        for j in range(case.weights.shape[1])
    )
    for group, (factor, row) in enumerate(zip(factors, rows, strict=True)):
        levels = [
            Fraction(level) for level in case.thresholds[case.groups == group].tolist() if 0 < level < np.inf
        ]
        low, high = min(row) * total, max(row) * total
        places = [low, high, *(level for level in levels if low < level <= high)]
        bound += max(sum(level <= place for level in levels) - factor * place for place in places)
    return bound


def whole_allocations(budget: float, caps: list[float]) -> Iterator[tuple[int, ...]]:
    """All ways to spend at most `budget` whole units within caps."""
    ranges = (range(int(min(budget, cap)) + 1) for cap in caps)
    return (shares for shares in itertools.product(*ranges) if sum(shares) <= budget)


def whole_truth(stack: np.ndarray, case: Case, budgets: list[float], caps: np.ndarray) -> int:
    """Fewest outputs that stand when each kind k spends whole units, at most `budgets[k]`; stack: (K, I, J)."""
    lists = [list(whole_allocations(budget, row.tolist())) for budget, row in zip(budgets, caps, strict=True)]
    fewest = case.n_targets
    for shares in itertools.product(*lists):
        pairs = [(rows, np.array(units)) for rows, units in zip(stack, shares, strict=True)]
        spent = sum(np.where(units > 0, rows, 0.0) @ units for rows, units in pairs)
        falls = (case.thresholds > 0) & (spent[case.groups] >= case.thresholds * (1 - 1e-12))
        fewest = min(fewest, int(((case.thresholds > 0) & ~falls).sum()))
    return fewest
