"""The tiny linear program behind every relaxation: spend the budget on concave gains, one per group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from lrscore.collective.problem import Problem
from lrscore.collective.steps import Concave, Floats, Integers

SHORTEST = 1e-7  # corners closer than this share of an interval are one corner to the solver, not to the bound
OBJECTIVE = 1e4  # all outputs together weigh this much, so that tolerances mean the same for 10 and 10**6 outputs


@dataclass(frozen=True)
class Solution:
    """allocation: (C,) maximiser; multipliers: (I,) dual vector. Both are suggestions: neither is trusted later."""

    allocation: Floats
    multipliers: Floats


class AllocationProgram:
    """`max sum_i gain_i(s_i)` over `s = W b` at one budget, for concave `gain_i`, by dual simplex (HiGHS).

    Variables are the C shares of the budget and one length per linear piece of a gain; with falling slopes pieces fill
    in order. So the program has only `I + K` rows. Every group is rescaled to the unit interval, every kind to budget 1.
    """

    def __init__(self, problem: Problem, spent: Floats, doomed: Floats) -> None:
        self.problem = problem
        self.spent = spent
        self.weights = np.where(np.asarray(doomed, dtype=bool)[:, None], 0.0, problem.weights) * spent[problem.kinds]
        self.solver = highspy.Highs()
        for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1), ("solver", "simplex")):
            self.solver.setOptionValue(option, value)

    def solve(self, gains: Sequence[Concave], elastic: bool = False) -> Solution | None:
        """None if the solver fails. `elastic` lets `s_i` leave the domain of its gain at a steep price."""
        lower = np.array([gain.places[0] for gain in gains])
        width = np.array([gain.places[-1] for gain in gains]) - lower
        rows = np.flatnonzero(width > 0) if elastic else np.flatnonzero((width > 0) & self._moves(width))
        pieces = [unit_pieces(gains[row]) for row in rows]
        program = self._linear_program(rows, lower[rows], width[rows], pieces, elastic)
        self.solver.passModel(program)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        answer = self.solver.getSolution()
        multipliers = np.zeros(len(gains))
        scale = self.problem.n_targets / OBJECTIVE
        multipliers[rows] = -np.array(answer.row_dual)[: rows.size] * scale / width[rows]
        shares = np.maximum(np.array(answer.col_value)[: self.problem.kinds.size], 0.0)
        return Solution(shares * self.spent[self.problem.kinds], multipliers)

    def _moves(self, width: Floats) -> Floats:
        return self.weights.max(axis=1) > 0

    def _linear_program(
        self, rows: Integers, lower: Floats, width: Floats, pieces: list[tuple[Floats, Floats]], elastic: bool
    ) -> highspy.HighsLp:
        kinds, n_kinds = self.problem.kinds, self.spent.size
        base = np.stack([self.weights[rows][:, kinds == kind].min(axis=1) for kind in range(n_kinds)], axis=1)
        shares = np.concatenate(
            [(self.weights[rows] - base[:, kinds]) / width[:, None], np.equal.outer(np.arange(n_kinds), kinds)]
        )  # (R + K, C)
        used = self.spent > 0
        slopes = np.concatenate([slope for slope, _ in pieces] or [np.zeros(0)])
        lengths = np.concatenate([length for _, length in pieces] or [np.zeros(0)])
        owners = np.repeat(np.arange(rows.size), [len(slope) for slope, _ in pieces])
        signs = np.full(owners.size, -1.0)
        if elastic:
            steep = 100.0 * max(1.0, slopes.max(initial=0.0))
            slopes = np.concatenate([slopes, np.full(2 * rows.size, -steep)])
            lengths = np.concatenate([lengths, np.full(2 * rows.size, highspy.kHighsInf)])
            owners = np.concatenate([owners, np.arange(rows.size), np.arange(rows.size)])
            signs = np.concatenate([signs, np.full(rows.size, -1.0), np.full(rows.size, 1.0)])
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = kinds.size + slopes.size, rows.size + n_kinds
        program.sense_ = highspy.ObjSense.kMaximize
        program.col_cost_ = np.concatenate([np.zeros(kinds.size), slopes * (OBJECTIVE / max(self.problem.n_targets, 1))])
        program.col_lower_ = np.zeros(kinds.size + slopes.size)
        limits = np.divide(self.problem.caps, self.spent[kinds], out=np.zeros(kinds.size), where=used[kinds])
        program.col_upper_ = np.concatenate([limits, lengths])
        ends = np.concatenate([(lower - base.sum(axis=1)) / width, np.where(used, 1.0, 0.0)])
        program.row_lower_ = program.row_upper_ = ends
        program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        n_rows = rows.size + n_kinds
        program.a_matrix_.start_ = np.concatenate(
            [np.arange(kinds.size) * n_rows, kinds.size * n_rows + np.arange(slopes.size + 1)]
        ).astype(np.int32)
        program.a_matrix_.index_ = np.concatenate([np.tile(np.arange(n_rows), kinds.size), owners]).astype(np.int32)
        program.a_matrix_.value_ = np.concatenate([shares.T.ravel(), signs])
        return program


def unit_pieces(gain: Concave) -> tuple[Floats, Floats]:
    """Slopes and lengths of a gain's linear pieces, its domain scaled to [0, 1]; very short pieces are merged."""
    places = (gain.places - gain.places[0]) / (gain.places[-1] - gain.places[0])
    keep = np.concatenate([[True], np.diff(places) >= SHORTEST])
    keep[-1] = True
    heights = gain.heights[keep]
    first = np.searchsorted(places, SHORTEST) - 1
    heights[0] = gain.heights[max(first, 0)]
    lengths = np.diff(places[keep])
    slopes = np.maximum.accumulate((np.diff(heights) / lengths)[::-1])[::-1]
    return slopes, lengths
