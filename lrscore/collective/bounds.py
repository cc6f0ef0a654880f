"""The dual bound: what any dual vector proves about the attack, rounded upward (THEORY.md section 4)."""

from __future__ import annotations

import numpy as np

from lrscore.collective.problem import SLACK, Problem, Reach, greatest
from lrscore.collective.steps import Floats, StepFunction


def curve_bounds(problem: Problem, reached: Reach, multipliers: Floats) -> Floats:
    """(M,) upper bounds on the attack at every budget from one dual vector (I,), without branching."""
    active = np.where(reached.doomed, 0.0, multipliers)  # (M, I)
    result = np.zeros(len(reached.spent))
    for group, step in enumerate(problem.steps):
        value = window_maxima(step, multipliers[group], reached.lower[:, group], reached.upper[:, group])
        result += np.where(reached.doomed[:, group], step.total, value)
    if not multipliers.any():
        return result
    patterns, which = np.unique(reached.doomed, axis=0, return_inverse=True)
    for pattern in range(len(patterns)):
        mine = which.ravel() == pattern
        gains = active[mine][0] @ problem.weights
        result[mine] += greatest(gains, reached.spent[mine], problem)
    return result


def window_maxima(step: StepFunction, slope: float, lower: Floats, upper: Floats) -> Floats:
    """(M,) upper bounds on `max G(s) - slope * s` over the windows `[lower, upper]` (M,)."""
    start = np.searchsorted(step.values, lower, side="right")
    stop = np.maximum(np.searchsorted(step.values, upper, side="right"), start)
    if slope == 0.0:
        return step.heights[stop].astype(np.float64)
    best = step.heights[start] - slope * lower
    inner = np.append(step.heights[1:] - slope * step.values, -np.inf)
    pairs = np.stack([start, stop], axis=1).ravel()
    inside = np.maximum.reduceat(inner, pairs)[::2]
    best = np.where(stop > start, np.maximum(best, inside), best)
    if slope < 0.0:
        best = np.maximum(best, step.heights[stop] - slope * upper)
    return best + SLACK * (step.heights[stop] + abs(slope) * upper)


def relaxed_bounds(problem: Problem, reached: Reach, multipliers: Floats) -> Floats:
    """(M,) what a nonnegative dual vector proves with the paper's relaxed indicators in place of the step functions.

    `sum_n min(1, s / threshold_n)` is largest, less `slope * s`, at a threshold or at 0.
    """
    total = 0.0
    for slope, step in zip(multipliers, problem.steps, strict=True):
        if step.values.size:
            slack = SLACK + step.values.size * 2.0**-51
            peak = (step.relaxed_heights * (1 + slack) - slope * step.values * (1 - SLACK)).max()
            total += max(0.0, float(peak))
    return total * (1 + SLACK) + greatest(multipliers @ problem.weights, reached.spent, problem)


def proven_counts(problem: Problem, bounds: Floats) -> Floats:
    """Outputs that survive an attack of at most `bounds` (an integer count, so the bound may be rounded down)."""
    attacked = np.clip(np.floor(bounds), 0, problem.n_targets)
    return (problem.n_targets - attacked).astype(np.int64)
