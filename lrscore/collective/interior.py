"""Sparse linear programs by HiGHS' interior point method, to six digits: what they find is never trusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from lrscore.collective.steps import Floats

NEAR = 1e-6
"""Relative gap at which the solver stops; it means the same everywhere because all outputs together weigh `TOTAL`."""
TOTAL = 1e4


def least(cost: Floats, matrix: Any, floor: Floats, row_least: Floats, row_most: Floats) -> Floats | None:
    """(C,) the `x` of least `cost x` with `row_least <= matrix x <= row_most` and `x >= floor`; None if none is found.

    matrix: (R, C), sparse, by columns.
    """
    import highspy  # where it is needed: sampling on a bare machine has no solver

    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_, program.col_lower_ = cost, floor
    program.col_upper_ = np.full(cost.size, np.inf)
    program.row_lower_, program.row_upper_ = row_least, row_most
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("presolve", "off"),
        ("threads", 1),
        ("solver", "ipm"),
        ("run_crossover", "off"),
        ("ipm_optimality_tolerance", NEAR),
    ):
        solver.setOptionValue(option, value)
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(solver.getSolution().col_value)
