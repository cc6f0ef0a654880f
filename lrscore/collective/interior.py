"""HiGHS as it is used here, and sparse linear programs by its interior point method, to six digits: what they find is
never trusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrscore.collective.steps import Floats

NEAR = 1e-6
"""Relative gap at which the interior point method stops: a hundredth of an output of 10**4."""
TOTAL = 1e4
"""All outputs together weigh this much, so that tolerances mean the same for 10 and 10**6 outputs."""


def silent_solver() -> Any:
    """A HiGHS solver of one thread that takes programs as they are; its interior point method stops at `NEAR`."""
    import highspy  # where it is needed: sampling on a bare machine has no solver

    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("presolve", "off"),
        ("threads", 1),
        ("run_crossover", "off"),
        ("ipm_optimality_tolerance", NEAR),
    ):
        solver.setOptionValue(option, value)
    return solver


def least(cost: Floats, matrix: Any, floor: Floats, row_least: Floats, row_most: Floats) -> Floats | None:
    """(C,) the `x` of least `cost x` with `row_least <= matrix x <= row_most` and `x >= floor`; None if none is found.

    matrix: (R, C), sparse, by columns.
    """
    import highspy

    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_, program.col_lower_ = cost, floor
    program.col_upper_ = np.full(cost.size, np.inf)
    program.row_lower_, program.row_upper_ = row_least, row_most
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    solver = silent_solver()
    solver.setOptionValue("solver", "ipm")
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(solver.getSolution().col_value)
