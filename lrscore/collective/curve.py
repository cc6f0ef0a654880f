"""One proof after another along a curve of budgets; a dual vector that is tight elsewhere is not solved for again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lrscore.collective.bounds import proven_counts, step_bounds
from lrscore.collective.problem import Problem
from lrscore.collective.program import Solution
from lrscore.collective.reach import Reach
from lrscore.collective.steps import Booleans, Floats, Integers

Solver = Callable[[Problem, Reach, int], Solution | None]
Bounds = Callable[[Problem, Reach, Floats], Floats]
Attained = Callable[[Problem, Reach, int, Floats], Floats]


class Relaxation(NamedTuple):
    """solver: best allocation and dual vector at one budget; bounds: what a dual vector proves at many (M,); attained:
    what a relaxed adversary takes down at one budget by allocations (T, C) given to it (T,)."""

    solver: Solver
    bounds: Bounds
    attained: Attained


@dataclass(frozen=True)
class Curve:
    """vectors: (P, I) dual vectors, the first 0; chosen: (M,) which of them proves `certified` (M,) at each budget;
    allocations: (M, C) where the relaxed adversary spends."""

    vectors: Floats
    chosen: Integers
    certified: Integers
    allocations: Floats


_LOSS = 3e-3
"""Share of the outputs that a budget of a fine grid may at most lose for not being solved itself: against what the same
relaxation would prove, whatever dual vector it were given."""


def solve_curve(problem: Problem, reached: Reach, relaxation: Relaxation) -> Curve:
    """Solve the ends, then middles. Budgets (M, K) must be in ascending lexicographic order.

    Any dual vector is valid at any budget, and certified counts cannot rise with the budget: a budget whose count by
    known vectors equals that of a solved smaller budget needs no solving. Dual vector 0 is the naive bound. On fine
    grids a budget is not solved either where solving could add little: no relaxed proof can pass what a relaxed
    adversary attains by the allocations of solved neighbours. Dual vectors and allocations of neighbours are mixed for
    that, because the best ones move little between them. Whatever is not solved is less tight, never less valid.
    """
    n_budgets = len(problem.budgets)
    vectors = [np.zeros(problem.steps.n_groups)]
    certified = proven_counts(problem, step_bounds(problem, reached, vectors[0]))
    chosen = np.zeros(n_budgets, dtype=np.int64)
    limit = np.full(n_budgets, problem.n_targets)
    allocations, solved = np.zeros((n_budgets, problem.kinds.size)), np.zeros(n_budgets, dtype=np.bool_)

    def adopt(span: slice, vector: Floats) -> None:
        counts = proven_counts(problem, relaxation.bounds(problem, reached.at(span), vector))
        better = counts > certified[span]
        if better.any():
            certified[span] = np.where(better, counts, certified[span])
            chosen[span] = np.where(better, len(vectors), chosen[span])
            vectors.append(vector)

    for first, middle, last in halves(n_budgets):
        if certified[middle] == limit[middle]:
            continue
        span = slice(first, last + 1)
        if problem.fine and first < middle < last:
            tries = _neighbouring(problem, reached, middle, allocations, solved)
            taken = relaxation.attained(problem, reached, middle, tries).max(initial=0.0)
            enough = min(limit[middle], problem.n_targets - np.floor(taken)) - _LOSS * problem.n_targets
            if certified[middle] < enough:
                share = _between(problem, first, middle, last)
                adopt(span, (1 - share) * vectors[chosen[first]] + share * vectors[chosen[last]])
            if certified[middle] >= enough:
                continue
        solution = relaxation.solver(problem, reached, middle)
        if solution is None:
            continue
        allocations[middle], solved[middle] = solution.allocation, True
        adopt(span, solution.multipliers)
        larger = (problem.budgets >= problem.budgets[middle]).all(axis=1)
        limit[larger] = np.minimum(limit[larger], certified[middle])
    return Curve(np.array(vectors), chosen, certified, filled_in(problem, reached, allocations, solved))


def _neighbouring(
    problem: Problem, reached: Reach, middle: int, allocations: Floats, solved: Booleans
) -> Floats:
    """(T, C) allocations for one budget: those of the solved budgets next to it, scaled, and their mixture."""
    known = np.flatnonzero(solved)
    split = int(np.searchsorted(known, middle))
    sides = known[max(split - 1, 0) : split + 1]
    spent = reached.spent[:, problem.kinds]
    own = spent[sides]
    shares = np.divide(allocations[sides], own, out=np.zeros(own.shape), where=own > 0)
    if len(sides) == 2:
        share = _between(problem, sides[0], middle, sides[1])
        shares = np.concatenate([shares, ((1 - share) * shares[0] + share * shares[1])[None]])
    return np.minimum(shares * spent[middle], problem.caps)


def _between(problem: Problem, first: int, middle: int, last: int) -> float:
    """Where a budget lies between two others, from 0 to 1, in the sum over the kinds."""
    low, here, high = (float(problem.budgets[place].sum()) for place in (first, middle, last))
    return (here - low) / (high - low) if high > low else 0.0


def halves(count: int) -> list[tuple[int, int, int]]:
    """(first, middle, last) of ever smaller spans of `range(count)`; every number is a middle exactly once."""
    if count == 0:
        return []
    order = [(0, 0, count - 1), (0, count - 1, count - 1)][: min(count, 2)]
    spans = [(0, count - 1)]
    for first, last in spans:  # grows while it is read: breadth first
        if last - first > 1:
            middle = (first + last) // 2
            order.append((first, middle, last))
            spans += [(first, middle), (middle, last)]
    return order


def filled_in(problem: Problem, reached: Reach, allocations: Floats, solved: Booleans) -> Floats:
    """Where nothing was solved, the allocation of the nearest solved budget, scaled."""
    known = np.flatnonzero(solved)
    if not known.size:
        return allocations
    nearest = known[np.abs(np.subtract.outer(np.arange(len(allocations)), known)).argmin(axis=1)]
    spent = reached.spent[:, problem.kinds]
    source = spent[nearest]
    shares = np.divide(allocations[nearest], source, out=np.zeros(source.shape), where=source > 0)
    return np.where(solved[:, None], allocations, np.minimum(shares * spent, problem.caps))
