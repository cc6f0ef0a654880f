"""Few whole units and few regions: list every allocation."""

from __future__ import annotations

import numpy as np

from lrscore.collective.certificate import LISTABLE
from lrscore.collective.integers import spread, ways
from lrscore.collective.problem import Problem
from lrscore.collective.steps import SLACK, Floats


def listed_attack(problem: Problem, spent: Floats) -> tuple[int, Floats] | None:
    """Most outputs that whole units can take down, and how (C,); None if there are too many allocations to list."""
    tries = listed_allocations(problem, spent)
    if tries is None:
        return None
    hits = problem.steps(tries @ problem.weights.T * (1 + SLACK))
    broken = (tries > 0).astype(np.float64) @ problem.forbidden.T > 0
    counts = np.where(broken, problem.steps.totals, hits).sum(axis=1)
    return int(counts.max()), tries[counts.argmax()]


def listed_allocations(problem: Problem, spent: Floats) -> Floats | None:
    """(T, C) all ways to spend exactly `spent` (K,) whole units within the caps; None if there are too many."""
    result = np.zeros((1, 0))
    for kind, budget in enumerate(spent.tolist()):
        caps = problem.caps[problem.kinds == kind]
        if len(result) * ways(int(budget), caps.size) > LISTABLE:
            return None
        own, left = np.zeros((1, 0)), np.array([int(budget)])
        for cap in caps[:-1]:
            source, units = spread(left)
            legal = units <= cap
            source, units = source[legal], units[legal]
            own, left = np.column_stack([own[source], units]), left[source] - units
        own = np.column_stack([own, left])[left <= caps[-1]]
        result = np.column_stack([np.repeat(result, len(own), axis=0), np.tile(own, (len(result), 1))])
    return result
