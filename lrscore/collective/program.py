"""The tiny linear program behind every relaxation: spend the budget on concave gains, one per group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from lrscore.collective.concave import Gains
from lrscore.collective.interior import TOTAL, silent_solver
from lrscore.collective.kinship import Differences
from lrscore.collective.problem import Problem
from lrscore.collective.reach import Reach
from lrscore.collective.steps import Booleans, Floats, Integers

SHORTEST = 1e-7  # corners closer than this share of a group's interval are one corner to the solver, not to the bound
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
    order. So the program has only `I + K` rows. Intervals are rescaled to [0, 1] and budgets to 1. On fine grids rows
    are replaced by their differences from related ones, which are sparse where windows overlap.
    """

    def __init__(self, problem: Problem, reached: Reach, budget: int) -> None:
        self.problem = problem
        self.spent = reached.spent[budget]
        self.lower = reached.lower[budget]
        self.width = reached.upper[budget] - self.lower
        weights = problem.weights * self.spent[problem.kinds]
        self.rows = np.flatnonzero((weights.max(axis=1) > 0) & (self.width > 0) & ~reached.doomed[budget])
        kinds, width = problem.kinds, self.width[self.rows]
        self.differences = Differences(problem.kin, self.rows, self.spent.size) if problem.fine else None
        # Differences are taken in one unit for all rows, and lose what rows have in common by themselves
        self.unit = np.full(width.size, width.max(initial=0.0)) if self.differences else width
        base = np.zeros((width.size, self.spent.size))
        if not self.differences:
            base = np.stack(
                [weights[self.rows][:, kinds == k].min(axis=1) for k in range(self.spent.size)], axis=1
            )
        self.ends = (self.lower[self.rows] - base.sum(axis=1)) / self.unit
        budgets = np.equal.outer(np.arange(self.spent.size), kinds)
        if self.differences and self.rows.size == self.width.size:
            scaled = problem.parted @ sparse.diags_array(self.spent[kinds] / self.unit[0])
            self.channels = _entries(sparse.vstack([scaled, sparse.csc_array(budgets)], format="csc"))
        else:
            rooms = np.concatenate([(weights[self.rows] - base[:, kinds]) / self.unit[:, None], budgets])
            rooms = self.differences.of_dense(rooms) if self.differences else rooms
            self.channels = _entries(sparse.csc_array(rooms)) if self.differences else _dense(rooms)
        import highspy

        self.highs = highspy
        self.solver = silent_solver()
        self.solver.setOptionValue("simplex_iteration_limit", ITERATIONS)
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
        multipliers, duals = np.zeros(self.width.size), np.array(answer.row_dual)
        duals = (self.differences.back(duals) if self.differences else duals)[: self.rows.size]
        multipliers[self.rows] = -duals * (self.problem.n_targets / TOTAL) / self.unit
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
        rises = np.diff(heights)[~first[1:]] * (TOTAL / max(self.problem.n_targets, 1))
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
        n_channels, n_rows = kinds.size, self.rows.size + self.spent.size
        ratio = self.width[self.rows] / self.unit
        limits = np.divide(self.problem.caps, self.spent[kinds], out=np.zeros(n_channels), where=used[kinds])
        moved = (starts[self.rows] - self.lower[self.rows]) / self.unit
        ends = np.concatenate([self.ends + moved + NUDGE * ratio, np.where(used, 1.0, 0.0)])
        pieces = Entries(np.arange(owners.size + 1), owners, signs * ratio[owners])
        if self.differences:
            ends = self.differences.of_dense(ends)
            pieces = _entries(self.differences.of_entries(owners, pieces.values))
        program = self.highs.HighsLp()
        program.num_col_, program.num_row_ = n_channels + slopes.size, n_rows
        program.sense_ = self.highs.ObjSense.kMaximize
        program.col_cost_ = np.concatenate([np.zeros(n_channels), slopes])
        program.col_lower_ = np.zeros(n_channels + slopes.size)
        program.col_upper_ = np.concatenate([limits, lengths])
        program.row_lower_ = program.row_upper_ = ends
        matrix = program.a_matrix_
        matrix.format_ = self.highs.MatrixFormat.kColwise
        matrix.start_ = np.append(self.channels.starts, self.channels.starts[-1] + pieces.starts[1:])
        matrix.index_ = np.append(self.channels.rows, pieces.rows).astype(np.int32)
        matrix.value_ = np.append(self.channels.values, pieces.values)
        return program


class Entries(NamedTuple):
    """Columns of a matrix, one after the other: starts (C + 1,), rows (E,) and values (E,)."""

    starts: Integers
    rows: Integers
    values: Floats


def _dense(matrix: Floats) -> Entries:
    n_rows, n_columns = matrix.shape
    return Entries(np.arange(n_columns + 1) * n_rows, np.tile(np.arange(n_rows), n_columns), matrix.T.ravel())


def _entries(matrix: sparse.csc_array) -> Entries:
    return Entries(matrix.indptr, matrix.indices, matrix.data)
