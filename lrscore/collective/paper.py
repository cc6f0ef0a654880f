"""The published relaxation, one relaxed indicator per output, solved for what it is: a concave maximum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrscore.collective.bounds import relaxed_bounds
from lrscore.collective.concave import Gains
from lrscore.collective.curve import Relaxation
from lrscore.collective.problem import Problem
from lrscore.collective.program import AllocationProgram, Solution
from lrscore.collective.reach import Reach
from lrscore.collective.steps import Booleans, Floats, Integers, Steps

ROUNDS = 60
TOLERANCE = 1e-9  # share of all outputs
FIRST_CUTS = 9


def paper_relaxation(problem: Problem, bins: int | None) -> Relaxation:
    """The published relaxation, on thresholds rounded down onto `bins` equal bins if given."""
    if bins is not None:
        problem = replace(problem, steps=quantised(problem.steps, bins))

    def solve(_: Problem, reached: Reach, budget: int) -> Solution | None:
        return solve_paper(problem, reached, budget)

    def bounds(_: Problem, reached: Reach, multipliers: Floats) -> Floats:
        return relaxed_bounds(problem, reached, multipliers)

    def attained(_: Problem, reached: Reach, budget: int, allocations: Floats) -> Floats:
        places = np.minimum(allocations @ problem.weights.T, reached.upper[budget])
        return np.array([indicators(problem.steps, row).sum() for row in places])

    return Relaxation(solve, bounds, attained)


def indicators(steps: Steps, places: Floats) -> Floats:
    """(I,) `sum_n min(1, s / threshold_n)` of each group at `places` (I,)."""
    pieces = pieces_at(steps, places)
    return steps.heights[pieces] + places * steps.relaxed_slopes[pieces]


def quantised(steps: Steps, bins: int) -> Steps:
    """Every threshold lowered to the next of `bins` equally spaced values from the smallest to the largest one."""
    if not steps.values.size:
        return steps
    edges = np.linspace(steps.values.min(), steps.values.max(), bins)
    lowered = np.minimum(edges[np.searchsorted(edges, steps.values, side="right") - 1], steps.values)
    after = np.arange(steps.values.size) + steps.owners + 1
    counts = np.diff(steps.heights)[after - 1]
    merged = Steps.of(np.repeat(lowered, counts), np.repeat(steps.owners, counts), steps.n_groups)
    return replace(merged, totals=steps.totals)


def solve_paper(problem: Problem, reached: Reach, budget: int) -> Solution | None:
    """Cutting planes: tangents to each group's `sum_n min(1, s / threshold_n)`, added where the program lands."""
    steps, lower, upper = problem.steps, reached.lower[budget], reached.upper[budget]
    program = AllocationProgram(problem, reached, budget)
    chosen = first_pieces(steps, lower, upper)
    solution = None
    for _ in range(ROUNDS):
        roof = tangent_roof(steps, chosen, upper)
        solution = program.solve(roof)
        if solution is None:
            return None
        spent = np.clip(problem.weights @ solution.allocation, lower, upper)
        if (roof(spent) - indicators(steps, spent)).sum() <= TOLERANCE * problem.n_targets:
            break
        chosen[pieces_at(steps, spent)] = True
    assert solution is not None, "ROUNDS is at least 1"
    # A group whose weighted budget cannot vary has no row in the program; its slope at that place is its multiplier.
    multipliers = steps.relaxed_slopes[pieces_at(steps, upper)]
    multipliers[program.rows] = np.maximum(solution.multipliers[program.rows], 0.0)
    return Solution(solution.allocation, multipliers)


def pieces_at(steps: Steps, places: Floats) -> Integers:
    """(I,) which linear piece (a position in `heights`) of each group's relaxed gain holds `places` (I,)."""
    return steps.bases + steps.ranks(places, "left")


def first_pieces(steps: Steps, lower: Floats, upper: Floats) -> Booleans:
    """(D + I,) pieces to start with: spread evenly over the distinct thresholds in `[lower, upper]` (I,)."""
    chosen = np.zeros(steps.heights.size, dtype=np.bool_)
    first, last = pieces_at(steps, lower), pieces_at(steps, upper)
    shares = np.linspace(0, 1, FIRST_CUTS)[:, None]
    chosen[np.rint(first + shares * (last - first)).astype(np.int64).ravel()] = True
    return chosen


def tangent_roof(steps: Steps, chosen: Booleans, upper: Floats) -> Gains:
    """Smallest of each group's chosen tangents on `[0, 2 upper]` (I,): wider than what is reachable, so that the ends
    of the domain leave no mark on the dual vector."""
    pieces = np.flatnonzero(chosen)
    owners = np.searchsorted(steps.bases, pieces, side="right") - 1
    slopes, offsets = steps.relaxed_slopes[pieces], steps.heights[pieces].astype(np.float64)
    follows = owners[1:] == owners[:-1]
    drops = (slopes[:-1] - slopes[1:])[follows]
    at = np.flatnonzero(follows)
    earliest, latest = steps.values[(pieces - owners)[at]], steps.values[(pieces - owners)[at + 1] - 1]
    kinks = np.divide(np.diff(offsets)[follows], drops, out=earliest.copy(), where=drops > 0)
    sizes = np.bincount(owners, minlength=steps.n_groups) + 1
    starts = np.append(0, np.cumsum(sizes))
    group = np.repeat(np.arange(steps.n_groups), sizes)
    inner = np.ones(group.size, dtype=np.bool_)
    inner[starts[:-1]] = inner[starts[1:] - 1] = False
    places = np.zeros(group.size)
    places[inner], places[starts[1:] - 1] = np.clip(kinks, earliest, latest), 2 * upper
    # The tangent right of a corner passes through it; the last corner ends the last tangent.
    right = np.arange(places.size) - group
    right[starts[1:] - 1] -= 1
    return Gains(places, offsets[right] + slopes[right] * places, group, starts)
