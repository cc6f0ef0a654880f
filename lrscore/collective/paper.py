"""The published relaxation, one relaxed indicator per output, solved for what it is: a concave maximum over J shares."""

from __future__ import annotations

import numpy as np

from lrscore.collective.problem import Problem, Reach
from lrscore.collective.program import AllocationProgram, Solution
from lrscore.collective.steps import Concave, Floats, Integers, StepFunction

ROUNDS = 60
TOLERANCE = 1e-9  # share of all outputs


def solve_paper(problem: Problem, reached: Reach, budget: int) -> Solution | None:
    """Cutting planes: tangents to each group's `sum_n min(1, s / threshold_n)`, added where the program lands."""
    upper = reached.upper[budget]
    program = AllocationProgram(problem, reached.spent[budget], reached.doomed[budget])
    cuts = [first_cuts(step, end) for step, end in zip(problem.steps, upper, strict=True)]
    solution = None
    for _ in range(ROUNDS):
        gains = [tangent_roof(step, cut, end) for step, cut, end in zip(problem.steps, cuts, upper, strict=True)]
        solution = program.solve(gains)
        if solution is None:
            return None
        spent = np.minimum(problem.weights @ solution.allocation, upper)
        hoped = sum(gain(place) for gain, place in zip(gains, spent, strict=True))
        real = sum(relaxed_gain(step, place) for step, place in zip(problem.steps, spent, strict=True))
        if hoped - real <= TOLERANCE * problem.n_targets:
            break
        cuts = [np.union1d(cut, piece_at(step, place)) for step, cut, place in zip(problem.steps, cuts, spent, strict=True)]
    return solution


def piece_at(step: StepFunction, place: float) -> Integers:
    """Which linear piece (it ends at `values[k]`) of the relaxed gain holds `place`."""
    return np.searchsorted(step.values, place, side="left").astype(np.int64)


def first_cuts(step: StepFunction, end: float) -> Integers:
    """Pieces to start with: spread evenly over the outputs within reach, and the last one."""
    within = step.heights[np.searchsorted(step.values, end, side="right")]
    places = np.searchsorted(step.heights, np.linspace(0, within, 9), side="left")
    return np.unique(np.append(np.maximum(places, 0), piece_at(step, end)))


def relaxed_gain(step: StepFunction, place: float) -> float:
    """`sum_n min(1, place / threshold_n)`."""
    piece = piece_at(step, place)
    return float(step.heights[piece] + place * step.relaxed_slopes[piece])


def tangent_roof(step: StepFunction, cuts: Integers, end: float) -> Concave:
    """Smallest of the tangents through the given pieces on `[0, end]`."""
    slopes, offsets = step.relaxed_slopes[cuts], step.heights[cuts].astype(np.float64)
    drops = slopes[:-1] - slopes[1:]
    meets = np.minimum(np.diff(offsets) / np.where(drops > 0, drops, 1.0), end)
    heights = np.minimum(offsets[:-1] + slopes[:-1] * meets, offsets[1:] + slopes[1:] * meets)
    places = np.concatenate([[0.0], np.maximum.accumulate(meets), [end]])
    return Concave(places, np.concatenate([[offsets[0]], heights, [offsets[-1] + slopes[-1] * end]]))
