"""The tiny linear program behind every relaxation: spend the budget on concave gains, one per group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lrscore.collective.concave import Gains
from lrscore.collective.problem import Problem
from lrscore.collective.reach import Reach
from lrscore.collective.steps import Booleans, Floats, Integers

SHORTEST = 1e-7  # corners closer than this share of a group's interval are one corner to the solver, not to the bound
NEAR = 1e-6  # relative gap at which the interior point method stops: a hundredth of an output of 10**4
OBJECTIVE = (
    1e4  # all outputs together weigh this much, so that tolerances mean the same for 10 and 10**6 outputs
)
ITERATIONS = 20_000  # of the simplex method; more than ten times what well-scaled problems need
PENALTY = 1e7  # price of leaving a box by the whole width of the root interval, in the same unit
NUDGE = (
    1e-10  # the allocation overshoots every corner by this share of the interval, so that rounding loses none
)


@dataclass(frozen=True)
class Solution:
    """allocation: (C,) maximiser; multipliers: (I,) dual vector. Both are suggestions: neither is trusted later."""

    allocation: Floats
    multipliers: Floats


class AllocationProgram:
    """`max sum_i gain_i(s_i)` over `s = W b` at one budget, for concave `gain_i`, by HiGHS: the simplex method, or for
    fine grids the interior point method.

    Variables are the C shares of the budget and one length per linear piece of a gain; as slopes fall, pieces fill in
    order. So the program has only `I + K` rows. Intervals are rescaled to [0, 1] and budgets to 1.
    """

    def __init__(self, problem: Problem, reached: Reach, budget: int) -> None:
        self.problem = problem
        self.spent = reached.spent[budget]
        self.lower = reached.lower[budget]
        self.width = reached.upper[budget] - self.lower
        weights = problem.weights * self.spent[problem.kinds]
        self.rows = np.flatnonzero((weights.max(axis=1) > 0) & (self.width > 0) & ~reached.doomed[budget])
        kinds, width = problem.kinds, self.width[self.rows, None]
        base = np.stack(
            [weights[self.rows][:, kinds == k].min(axis=1) for k in range(self.spent.size)], axis=1
        )
        self.ends = (self.lower[self.rows] - base.sum(axis=1)) / width[:, 0]
        budgets = np.equal.outer(np.arange(self.spent.size), kinds)
        self.columns = np.concatenate([(weights[self.rows] - base[:, kinds]) / width, budgets]).T  # (C, rows)
        n_channels, n_rows = self.columns.shape
        self._starts = np.arange(n_channels + 1, dtype=np.int32) * n_rows
        self._indices = np.tile(np.arange(n_rows, dtype=np.int32), n_channels)
        import highspy  # where it is needed: sampling on a bare machine has no solver

        self.highs = highspy
        self.solver = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("presolve", "off"),
            ("threads", 1),
            ("simplex_iteration_limit", ITERATIONS),
            ("run_crossover", "off"),
            ("ipm_optimality_tolerance", NEAR),
        ):
            self.solver.setOptionValue(option, value)
        # Dense rows: many steps of the simplex method cost more than few of the interior point method, whose dual
        # vector is as good to six digits
        self.methods = ("ipm", "simplex") if problem.fine else ("simplex",)

    def solve(self, gains: Gains, boxed: Booleans | None = None) -> Solution | None:
        """None if the solver fails. Where `boxed` (I,), leaving the domain of the gain is possible at a steep price."""
        self.solver.passModel(
            self._linear_program(*self._pieces(gains, boxed), gains.places[gains.starts[:-1]])
        )
        if not any(map(self._solved_by, self.methods)):
            return None
        answer = self.solver.getSolution()
        multipliers = np.zeros(self.width.size)
        duals = np.array(answer.row_dual)[: self.rows.size] * (self.problem.n_targets / OBJECTIVE)
        multipliers[self.rows] = -duals / self.width[self.rows]
        kinds = self.problem.kinds
        shares = np.clip(np.array(answer.col_value)[: kinds.size], 0.0, 1.0)
        return Solution(shares * self.spent[kinds], multipliers)

    def _solved_by(self, method: str) -> bool:
        self.solver.setOptionValue("solver", method)
        self.solver.run()
        return bool(self.solver.getModelStatus() == self.highs.HighsModelStatus.kOptimal)

    def _pieces(self, gains: Gains, boxed: Booleans | None) -> tuple[Floats, Floats, Integers, Floats]:
        """Slopes, lengths, rows and signs of the piece variables."""
        row_of = np.full(self.width.size, -1)
        row_of[self.rows] = np.arange(self.rows.size)
        mine = row_of[gains.owners] >= 0
        owners, heights = row_of[gains.owners[mine]], gains.heights[mine]
        places = (gains.places[mine] - self.lower[gains.owners[mine]]) / self.width[gains.owners[mine]]
        first = np.append(True, owners[1:] != owners[:-1])[: owners.size]
        last = np.append(first[1:], True)[: owners.size]
        keep = first | last | np.append(True, np.diff(places) >= SHORTEST)[: owners.size]
        begin = np.flatnonzero(first)
        close = places - places[begin][owners] < SHORTEST
        np.maximum.at(heights, begin[owners[close & ~last]], heights[close & ~last])
        owners, places, heights, first = owners[keep], places[keep], heights[keep], first[keep]
        lengths = np.maximum(np.diff(places)[~first[1:]], 0.0)
        rises = np.diff(heights)[~first[1:]] * (OBJECTIVE / max(self.problem.n_targets, 1))
        slopes = np.divide(rises, lengths, out=np.zeros(rises.size), where=lengths > 0)
        owners = owners[~first]
        signs = np.full(slopes.size, -1.0)
        if boxed is None:
            return slopes, lengths, owners, signs
        steep = np.full(self.rows.size, PENALTY)
        np.maximum.at(steep, owners, slopes)
        leaving = np.flatnonzero(boxed[self.rows])
        return (
            np.concatenate([slopes, -PENALTY * np.ones(leaving.size), -steep[leaving]]),
            np.concatenate([lengths, np.full(2 * leaving.size, self.highs.kHighsInf)]),
            np.concatenate([owners, leaving, leaving]),
            np.concatenate([signs, -np.ones(leaving.size), np.ones(leaving.size)]),
        )

    def _linear_program(
        self, slopes: Floats, lengths: Floats, owners: Integers, signs: Floats, starts: Floats
    ) -> Any:
        kinds, used = self.problem.kinds, self.spent > 0
        n_channels, n_rows = self.columns.shape
        program = self.highs.HighsLp()
        program.num_col_, program.num_row_ = n_channels + slopes.size, n_rows
        program.sense_ = self.highs.ObjSense.kMaximize
        program.col_cost_ = np.concatenate([np.zeros(n_channels), slopes])
        program.col_lower_ = np.zeros(n_channels + slopes.size)
        limits = np.divide(self.problem.caps, self.spent[kinds], out=np.zeros(n_channels), where=used[kinds])
        program.col_upper_ = np.concatenate([limits, lengths])
        moved = (starts[self.rows] - self.lower[self.rows]) / self.width[self.rows]
        program.row_lower_ = program.row_upper_ = np.concatenate(
            [self.ends + moved + NUDGE, np.where(used, 1.0, 0.0)]
        )
        program.a_matrix_.format_ = self.highs.MatrixFormat.kColwise
        program.a_matrix_.start_ = np.append(
            self._starts, self._starts[-1] + np.arange(1, slopes.size + 1, dtype=np.int32)
        )
        program.a_matrix_.index_ = np.append(self._indices, owners.astype(np.int32))
        program.a_matrix_.value_ = np.append(self.columns.ravel(), signs)
        return program
