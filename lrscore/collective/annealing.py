"""Strong attacks on fine grids: steps that are slopes at first and steps in the end.

A relaxation spreads the budget so that many groups are nearly down. Where each group falls as a whole and windows
overlap, that is far from what an adversary can do: it has to choose groups, and to give others up. Replacing every
step by a logistic curve that grows steeper (graduated non-convexity: Blake & Zisserman, Visual Reconstruction, 1987)
lets a multiplicative ascent make that choice bit by bit. Nothing here is trusted: attacks are counted exactly.
"""

from __future__ import annotations

import numpy as np

from lrscore.collective.problem import Problem
from lrscore.collective.steps import Floats, Steps

PARTS = 4  # steps that each group keeps
ROUNDS = 120
WIDEST, NARROWEST = 0.5, 0.02  # widths of the logistic curves, as shares of their thresholds
PACE = 0.3  # exponent of the multiplicative ascent
UNEVEN = 0.3  # groups that are all alike would keep sharing evenly: by so much (log) starts differ, always the same way
EVERYWHERE = 1e-4  # share of the budget that is spread at the start: what is 0 stays 0
LOOK = 10  # rounds between two results


def can_anneal(problem: Problem) -> bool:
    """Whether nothing but the budgets binds: no caps, no whole units, no infinite weights."""
    return all(problem.roomy) and not problem.integer and not problem.forbidden.any()


def annealed(problem: Problem, spent: Floats, start: Floats, rounds: int = ROUNDS) -> list[Floats]:
    """Allocations (M, C) on the way from `start` (M, C) to strong attacks that spend `spent` (M, K)."""
    parts, heights = coarse_steps(problem.raw_steps)
    weights, amounts = problem.raw_weights, spent[:, problem.kinds]
    kinds = np.equal.outer(problem.kinds, np.arange(spent.shape[1])).astype(np.float64)  # (C, K)
    shares = np.divide(start, amounts, out=np.zeros(amounts.shape), where=amounts > 0)
    uneven = np.exp(UNEVEN * np.random.default_rng(0).standard_normal(problem.kinds.size))
    shares = normalised((shares + EVERYWHERE / kinds.sum(axis=0)[problem.kinds]) * uneven, kinds)
    found = []
    for turn in range(rounds):
        width = WIDEST * (NARROWEST / WIDEST) ** (turn / max(rounds - 1, 1))
        places = (shares * amounts) @ weights.T  # (M, I)
        logits = np.clip((places[:, :, None] / parts - 1) / width, -30.0, 30.0)
        fallen = 1 / (1 + np.exp(-logits))
        slopes = (heights / (width * parts) * fallen * (1 - fallen)).sum(axis=2)
        gains = (slopes @ weights) * amounts
        usual = ((shares * gains) @ kinds)[:, problem.kinds]  # of what is spent of a kind
        ratio = np.divide(gains, usual, out=np.ones(gains.shape), where=usual > 0)
        shares = normalised(shares * np.clip(ratio, 0.1, 10.0) ** PACE, kinds)
        if turn % LOOK == LOOK - 1 or turn == rounds - 1:
            found.append(shares * amounts)
    return found


def normalised(shares: Floats, kinds: Floats) -> Floats:
    """Shares (M, C) that add up to 1 for every kind, given by the columns of `kinds` (C, K)."""
    return shares / ((shares @ kinds) @ kinds.T)


def coarse_steps(steps: Steps) -> tuple[Floats, Floats]:
    """(I, PARTS) thresholds and heights: equal parts of each group's outputs, fallen when their last one has."""
    places = np.ones((steps.n_groups, PARTS))
    heights = np.zeros((steps.n_groups, PARTS))
    for group in np.flatnonzero(np.diff(steps.offsets)):
        first, last = steps.offsets[group], steps.offsets[group + 1]
        risen = steps.heights[first + group : last + group + 1]  # (values + 1,)
        reached = np.searchsorted(risen, np.linspace(0, risen[-1], PARTS + 1)[1:])
        places[group] = steps.values[first + reached - 1]
        heights[group] = np.diff(risen[np.append(0, reached)])
    return places, heights
