"""Dual vectors from the concave envelopes on the reachable intervals: the default method."""

from __future__ import annotations

from lrscore.collective.concave import envelopes
from lrscore.collective.problem import Problem
from lrscore.collective.program import AllocationProgram, Solution
from lrscore.collective.reach import Reach


def solve_envelope(problem: Problem, reached: Reach, budget: int) -> Solution | None:
    """Best allocation and dual vector of the envelope relaxation at one budget."""
    return AllocationProgram(problem, reached, budget).solve(envelopes(problem.steps, reached, budget))
