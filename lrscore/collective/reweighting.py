"""Strong attacks on fine grids where time is given: an adversary that gives up, bit by bit, what it misses by far.

Which groups to take down, that is the hard question: the largest subsystem of inequalities that can be met. Programs
that price each shortfall by the inverse of what it was before settle it (reweighted l1: Candes, Wakin & Boyd, Enhancing
Sparsity by Reweighted l1 Minimization, 2008). Nothing here is trusted: attacks are counted exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from lrscore.collective.annealing import can_anneal, coarse_steps
from lrscore.collective.interior import TOTAL, least
from lrscore.collective.kinship import Differences
from lrscore.collective.problem import Problem
from lrscore.collective.steps import Floats

ROUNDS = 10
WIDEST, NARROWEST = 0.3, 0.01  # shortfalls, as shares of thresholds, that cost half of what none at all does
BEYOND = 1e-6  # by this share thresholds are to be passed, so that the solver's rounding fells no fewer


def reweighted(
    problem: Problem, spent: Floats, start: Floats, stop: Callable[[], bool] = lambda: False
) -> list[Floats]:
    """Allocations (C,) on the way from `start` (C,) to stronger attacks that spend `spent` (K,).

    stop: asked before every program. Empty where caps, whole units or infinite weights bind, or nothing can fall.
    """
    amounts = spent[problem.kinds]
    if not can_anneal(problem) or not (amounts > 0).any() or not problem.raw_steps.values.size:
        return []
    program = _Shortfalls(problem, spent)
    found: list[Floats] = []
    allocation = start
    for width in np.geomspace(WIDEST, NARROWEST, ROUNDS):
        if stop():
            break
        solved = program.solve(allocation, width)
        if solved is None:
            break
        allocation = solved
        found.append(allocation)
    return found


class _Shortfalls:
    """`min sum_p price_p e_p` over `s = W b`, `s + place_p e_p >= place_p`, `e >= 0`, at one budget, by HiGHS.

    Variables are the C shares of the budget, the I weighted budgets in the unit of the largest possible one, and the
    shortfalls of the parts that each group's outputs are cut into. Rows of weights are written as differences.
    """

    def __init__(self, problem: Problem, spent: Floats) -> None:
        places, heights = coarse_steps(problem.raw_steps)
        groups, parts = np.nonzero(heights > 0)
        self.groups, self.places, self.heights = groups, places[groups, parts], heights[groups, parts]
        self.weights, self.kinds, self.amounts = problem.raw_weights, problem.kinds, spent[problem.kinds]
        rows = self.weights * self.amounts
        unit = rows.max()
        n_groups, n_channels = rows.shape
        differences = Differences(problem.kin, np.arange(n_groups), 0)
        kinds = np.equal.outer(np.flatnonzero(spent > 0), self.kinds).astype(np.float64)
        n_parts, n_kinds = groups.size, len(kinds)
        reached = sparse.csr_array((np.ones(n_parts), groups, np.arange(n_parts + 1)), (n_parts, n_groups))
        self.matrix = sparse.block_array(
            [
                [sparse.csr_array(differences.of_dense(rows / unit)), -differences.matrix, None],
                [None, reached, sparse.diags_array(self.places / unit)],
                [sparse.csr_array(kinds), None, None],
            ]
        ).tocsc()
        self.least = np.concatenate([np.zeros(n_groups), self.places / unit * (1 + BEYOND), np.ones(n_kinds)])
        self.most = np.concatenate([np.zeros(n_groups), np.full(n_parts, np.inf), np.ones(n_kinds)])
        self.before = n_channels + n_groups  # variables before the shortfalls

    def solve(self, allocation: Floats, width: float) -> Floats | None:
        """The next allocation (C,); None if the solver fails."""
        missing = 1 - (self.weights @ allocation)[self.groups] / self.places
        prices = self.heights / (np.maximum(missing, 0.0) + width)
        cost = np.append(np.zeros(self.before), prices * (TOTAL / prices.sum()))
        found = least(cost, self.matrix, np.zeros(cost.size), self.least, self.most)
        if found is None:
            return None
        shares = np.maximum(found[: self.kinds.size], 0.0)
        totals = np.bincount(self.kinds, shares)[self.kinds]
        return self.amounts * np.divide(shares, totals, out=np.zeros(shares.size), where=totals > 0)
