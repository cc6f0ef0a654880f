"""The dual bound: what any dual vector proves about the attack, rounded upward (docs/theory.md, 4.6)."""

from __future__ import annotations

import numpy as np

from lrscore.collective.problem import Problem
from lrscore.collective.reach import Reach, greatest
from lrscore.collective.steps import SLACK, Floats, Integers


def step_bounds(problem: Problem, reached: Reach, multipliers: Floats) -> Floats:
    """(M,) upper bounds on the attack in M boxes from one dual vector (I,).

    `sum_i max (G_i(s) - y_i s) + max (y W) b`: a step function less a line is largest at an end or at a step.
    """
    steps = reached.steps
    last = steps.heights[steps.bases + reached.stop].astype(np.float64)
    if not multipliers.any():
        return np.where(reached.doomed, steps.totals, last).sum(axis=1)
    first = steps.heights[steps.bases + reached.start]
    best = np.maximum(first - multipliers * reached.lower, last - multipliers * reached.upper)
    after = np.arange(steps.values.size) + steps.owners + 1
    inner = np.append(steps.heights[after] - multipliers[steps.owners] * steps.values, -np.inf)
    windows = np.stack([reached.start, reached.stop], axis=2) + steps.offsets[:-1, None]  # (M, I, 2)
    inside = np.maximum.reduceat(inner, windows.ravel())[::2].reshape(best.shape)
    best = np.where(reached.stop > reached.start, np.maximum(best, inside), best)
    best += SLACK * (last + np.abs(multipliers) * reached.upper)
    return summed(problem, reached, multipliers, best)


def relaxed_bounds(problem: Problem, reached: Reach, multipliers: Floats) -> Floats:
    """(M,) what a nonnegative dual vector proves with the paper's relaxed indicators in place of the step functions.

    `sum_n min(1, s / threshold_n)` less `y_i s` is largest at a threshold or at 0.
    """
    steps = reached.steps
    slack = SLACK + steps.values.size * 2.0**-51
    inner = steps.relaxed_heights * (1 + slack) - multipliers[steps.owners] * steps.values * (1 - SLACK)
    peaks = np.zeros(steps.n_groups)
    np.maximum.at(peaks, steps.owners, inner)
    return summed(problem, reached, multipliers, np.broadcast_to(peaks * (1 + SLACK), reached.lower.shape))


def summed(problem: Problem, reached: Reach, multipliers: Floats, peaks: Floats) -> Floats:
    """(M,) peaks (M, I) of all groups plus the linear term; a doomed group counts in full, with multiplier 0."""
    if not reached.doomed.any():
        return peaks.sum(axis=1) + greatest(multipliers @ problem.weights, reached.spent, problem)
    result = np.where(reached.doomed, reached.steps.totals, peaks).sum(axis=1)
    patterns, which = np.unique(reached.doomed, axis=0, return_inverse=True)
    for number, doomed in enumerate(patterns):
        mine = which.ravel() == number
        gains = np.where(doomed, 0.0, multipliers) @ problem.weights
        result[mine] += greatest(gains, reached.spent[mine], problem)
    return result


def proven_counts(problem: Problem, bounds: Floats) -> Integers:
    """Outputs that stand whatever happens: an attack takes down whole outputs, so its bound may be rounded down.

    A bound that overflowed on the way proves nothing.
    """
    bounds = np.where(np.isnan(bounds), np.inf, bounds)
    return problem.n_targets - np.clip(np.floor(bounds), 0, problem.n_targets).astype(np.int64)
