"""Which weighted budgets an adversary can bring about: intervals per group, rounded outward."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lrscore.collective.problem import Problem
from lrscore.collective.steps import SLACK, Booleans, Floats, Integers, Steps


@dataclass(frozen=True)
class Reach:
    """Intervals of the weighted budgets `s_i` in M boxes: one per budget, or the boxes of branch and bound.

    An adversary loses nothing by spending all it may: weights are nonnegative and counts monotone. So the intervals are
    those of full spending. steps: the step functions; lower, upper: (M, I) ends; start, stop: (M, I) their ranks, steps
    up to which have happened; spent: (M, K) what is spent of each kind; doomed: (M, I) groups that any spending in a
    region of infinite weight takes down as a whole.
    """

    steps: Steps
    lower: Floats
    upper: Floats
    start: Integers
    stop: Integers
    spent: Floats
    doomed: Booleans

    def at(self, budgets: Integers | slice) -> Reach:
        """The same for some of the boxes."""
        names = ("lower", "upper", "start", "stop", "spent", "doomed")
        return replace(self, **{name: getattr(self, name)[budgets] for name in names})

    def cut(self, group: int, rank: int) -> tuple[Reach, Reach]:
        """For a single box: where `s_group` is below the group's step number `rank`, and where it is not."""
        value = self.steps.values[self.steps.offsets[group] + rank]
        upper, stop = self.upper.copy(), self.stop.copy()
        lower, start = self.lower.copy(), self.start.copy()
        upper[0, group], stop[0, group] = value, rank
        lower[0, group], start[0, group] = value, rank + 1
        return replace(self, upper=upper, stop=stop), replace(self, lower=lower, start=start)


def whole_reach(problem: Problem) -> Reach:
    """The intervals at every budget of the problem."""
    n_kinds = problem.budgets.shape[1]
    totals = np.array([problem.caps[problem.kinds == kind].sum() for kind in range(n_kinds)])
    spent = np.minimum(problem.budgets, totals)
    lower = np.stack([-greatest(-row, spent, problem) for row in problem.weights], axis=1)
    upper = np.stack([greatest(row, spent, problem) for row in problem.weights], axis=1)
    usable = (spent[:, problem.kinds] > 0) & (problem.caps > 0)  # (M, C)
    doomed = usable.astype(np.float64) @ problem.forbidden.T > 0
    lower = np.maximum(lower, 0.0)
    start = problem.steps.ranks(lower)
    stop = np.maximum(problem.steps.ranks(upper), start)
    return Reach(problem.steps, lower, upper, start, stop, spent, doomed)


def greatest(gains: Floats, spent: Floats, problem: Problem) -> Floats:
    """(M,) largest `sum_c gains_c b_c` over allocations that spend exactly `spent` (M, K), rounded up.

    A fractional knapsack per kind: channels are filled to their caps in the order of their gains. Where every channel
    takes the whole budget, that is the best one.
    """
    result = np.zeros(len(spent))
    for kind in range(spent.shape[1]):
        mine = problem.kinds == kind
        if problem.roomy[kind]:
            best = float(gains[mine].max(initial=-np.inf))
            result += (1 + np.copysign(SLACK, best)) ** 2 * best * spent[:, kind]
            continue
        order = np.argsort(-gains[mine], kind="stable")
        gain, caps = gains[mine][order], problem.caps[mine][order]
        rising, falling = np.maximum(gain, 0.0), np.minimum(gain, 0.0)
        result += (1 + SLACK) * (filled(spent[:, kind], caps, 1) @ rising)
        if falling.any():
            result += (1 - SLACK) * (filled(spent[:, kind], caps, -1) @ falling)
    return result


def filled(spent: Floats, caps: Floats, sign: int) -> Floats:
    """(M, C) what channels get when filled in the given order, rounded up (sign 1) or down (-1)."""
    before = np.append(0.0, np.cumsum(caps)[:-1])
    return np.clip(spent[:, None] * (1 + sign * SLACK) - before * (1 - sign * SLACK), 0.0, caps)
