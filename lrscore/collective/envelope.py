"""Dual vectors from the concave envelopes on the reachable intervals: the default method."""

from __future__ import annotations

from lrscore.collective.problem import Problem, Reach
from lrscore.collective.program import AllocationProgram, Solution
from lrscore.collective.steps import concave_envelope


def solve_envelope(problem: Problem, reached: Reach, budget: int) -> Solution | None:
    """Best allocation and dual vector of the envelope relaxation at one budget."""
    gains = [
        concave_envelope(step, lower, upper)
        for step, lower, upper in zip(problem.steps, reached.lower[budget], reached.upper[budget], strict=True)
    ]
    return AllocationProgram(problem, reached.spent[budget], reached.doomed[budget]).solve(gains)
