"""The published relaxation, one relaxed indicator per output, solved for what it is: a concave maximum over J shares."""

from __future__ import annotations

import numpy as np

from lrscore.collective.concave import Gains
from lrscore.collective.problem import Problem
from lrscore.collective.program import AllocationProgram, Solution
from lrscore.collective.reach import Reach
from lrscore.collective.steps import Booleans, Floats, Integers, Steps

ROUNDS = 60
TOLERANCE = 1e-9  # share of all outputs
FIRST_CUTS = 9


def solve_paper(problem: Problem, reached: Reach, budget: int) -> Solution | None:
    """Cutting planes: tangents to each group's `sum_n min(1, s / threshold_n)`, added where the program lands."""
    steps, upper = problem.steps, reached.upper[budget]
    program = AllocationProgram(problem, reached, budget)
    chosen = first_pieces(steps, reached.lower[budget], upper)
    solution = None
    for _ in range(ROUNDS):
        roof = tangent_roof(steps, chosen, reached.lower[budget], upper)
        solution = program.solve(roof)
        if solution is None:
            return None
        spent = np.clip(problem.weights @ solution.allocation, reached.lower[budget], upper)
        landed = pieces_at(steps, spent)
        real = steps.heights[landed] + spent * steps.relaxed_slopes[landed]
        if (roof(spent) - real).sum() <= TOLERANCE * problem.n_targets:
            break
        chosen[landed] = True
    # A group out of everybody's reach has no row in the program; any slope is free for it, this one costs nothing.
    idle = (upper == 0) & ~reached.doomed[budget]
    steepest = steps.relaxed_slopes[steps.bases] * (1 + 1e-6)
    return Solution(solution.allocation, np.where(idle, steepest, solution.multipliers)) if solution else None


def pieces_at(steps: Steps, places: Floats) -> Integers:
    """(I,) which linear piece (a position in `heights`) of each group's relaxed gain holds `places` (I,)."""
    return steps.bases + steps.ranks(places, np.ones(places.shape, dtype=np.bool_))


def first_pieces(steps: Steps, lower: Floats, upper: Floats) -> Booleans:
    """(D + I,) pieces to start with: spread evenly over the distinct thresholds in `[lower, upper]` (I,)."""
    chosen = np.zeros(steps.heights.size, dtype=np.bool_)
    first, last = pieces_at(steps, lower), pieces_at(steps, upper)
    shares = np.linspace(0, 1, FIRST_CUTS)[:, None]
    chosen[np.rint(first + shares * (last - first)).astype(np.int64).ravel()] = True
    return chosen


def tangent_roof(steps: Steps, chosen: Booleans, lower: Floats, upper: Floats) -> Gains:
    """Smallest of each group's chosen tangents on `[lower, upper]` (I,); all chosen pieces meet that interval."""
    pieces = np.flatnonzero(chosen)
    owners = np.searchsorted(steps.bases, pieces, side="right") - 1
    slopes, offsets = steps.relaxed_slopes[pieces], steps.heights[pieces].astype(np.float64)
    follows = owners[1:] == owners[:-1]
    drops, gains = (slopes[:-1] - slopes[1:])[follows], np.diff(offsets)[follows]
    kinks = np.divide(gains, drops, out=np.full(gains.size, np.inf), where=drops > 0)
    sizes = np.bincount(owners, minlength=steps.n_groups) + 1
    starts = np.append(0, np.cumsum(sizes))
    group = np.repeat(np.arange(steps.n_groups), sizes)
    places = np.empty(starts[-1])
    places[starts[:-1]], places[starts[1:] - 1] = lower, upper
    inner = np.ones(places.size, dtype=np.bool_)
    inner[starts[:-1]] = inner[starts[1:] - 1] = False
    places[inner] = np.clip(kinks, lower[group[inner]], upper[group[inner]])
    # The tangent left of a kink belongs to it; the right end belongs to the last tangent.
    left = np.arange(places.size) - group
    left[starts[1:] - 1] -= 1
    heights = offsets[left] + slopes[left] * places
    return Gains(places, heights, group, starts)
