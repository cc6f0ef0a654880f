"""A tighter bound from the same dual vector, where one budget can be spent anywhere: no group counts less than nothing.

The dual bound replaces `G_i(s)` by the line `c_i + y_i s` and asks which region the budget is spent in best. Any
convex function above `G_i` may stand in for the line: by Jensen a sum of convex functions of a mixture of regions is
largest in a single one, and the weights of windows take few values, so that is little work. The maximum of a line and
of what has fallen already is convex:

    attack(B) <= max_j sum_i max(floor_i, c_i + y_i W_ij B),    c_i = max over steps k of the interval: k - y_i eta_ik.

Where branching has raised the lower end of an interval, regions may lie below it: there the line alone, drawn above
that end, too, counts less than the floor. Proof: docs/theory.md, 4.6.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from lrscore.collective.concave import upper_hulls
from lrscore.collective.interior import TOTAL, least
from lrscore.collective.kinship import Differences, kin
from lrscore.collective.problem import Problem
from lrscore.collective.reach import Reach
from lrscore.collective.steps import SLACK, Floats

MOST_WEIGHTS = 64
"""Different weights up to which the bound is computed, here and in `verify`."""
GRAIN = 2.0**-20
"""`verify` rounds what a group counts up to a multiple of it."""


def has_floors(problem: Problem) -> bool:
    """Whether the bound is worth its work, and valid: a fine grid, one budget without caps, no infinite weights."""
    alone = problem.budgets.shape[1] == 1 and bool(np.isinf(problem.limits).all())
    return problem.fine and alone and not problem.forbidden.any() and problem.values[0].size <= MOST_WEIGHTS


def floored_bound(problem: Problem, box: Reach, multipliers: Floats) -> float:
    """Upper bound on the attack in one box from one dual vector (I,), rounded upward; see `has_floors`."""
    slopes = np.maximum(multipliers, 0.0)
    steps, start, stop = box.steps, box.start[0], box.stop[0]
    floors = steps.heights[steps.bases + start].astype(np.float64)
    after = np.arange(steps.values.size) + steps.owners + 1
    lines = np.append(steps.heights[after] - slopes[steps.owners] * steps.values, -np.inf)
    windows = np.stack([start, stop], axis=1) + steps.offsets[:-1, None]
    lines = np.where(stop > start, np.maximum.reduceat(lines, windows.ravel())[::2], -np.inf)
    values, codes = problem.values
    lowest = values[codes.min(axis=1)] * box.spent[0, 0] * (1 + SLACK)
    cut = box.lower[0] > lowest
    lines = np.where(cut, np.maximum(lines, floors - slopes * box.lower[0]), lines)
    floors = np.where(cut, -np.inf, floors)
    rising = slopes[:, None] * (values * box.spent[0, 0])  # (I, D)
    counted = np.maximum(floors[:, None], lines[:, None] + rising)
    margin = (
        SLACK * (steps.totals[:, None] + np.where(np.isfinite(lines), np.abs(lines), 0.0)[:, None] + rising)
        + GRAIN
    )
    return float(np.take_along_axis(counted + margin, codes, axis=1).sum(axis=0).max() * (1 + SLACK))


def floored_vector(problem: Problem, box: Reach) -> Floats | None:
    """The dual vector (I,) whose `floored_bound` in an uncut box is least, by HiGHS; a suggestion, None if it fails.

    `min t` over `t >= sum_i u_i(W_ij)` for every region, `u_i(w) >= floor_i`, `u_i(w) >= k + y_i (w B - eta_ik)` for
    every corner of the smallest concave function above the group's steps, `y >= 0`.
    """
    steps, start, stop = box.steps, box.start[0], box.stop[0]
    values, codes = problem.values
    budget, unit = float(box.spent[0, 0]), float(values.max(initial=0.0) * box.spent[0, 0])
    if unit <= 0:
        return None
    (n_groups, n_regions), scale = codes.shape, TOTAL / max(problem.n_targets, 1)
    pairs, where = np.unique(np.arange(n_groups)[:, None] * values.size + codes, return_inverse=True)
    where = where.reshape(codes.shape)  # (I, J): the pair of a group and a weight that a region is
    owners, weights = pairs // values.size, values[pairs % values.size]
    # Corners: those of group i are corners[firsts[i]:firsts[i + 1]]
    ranks = np.concatenate([np.arange(*span) for span in (steps.offsets[:-1] + np.stack([start, stop])).T])
    ends = np.append(True, np.diff(steps.owners[ranks]) > 0)[: ranks.size]
    ends = ends | np.append(ends[1:], True)[: ranks.size]
    heights = steps.heights[ranks + steps.owners[ranks] + 1].astype(np.float64)
    kept = upper_hulls(steps.values[ranks], heights, ends) if ranks.size else ranks
    corners, heights = ranks[kept], heights[kept]
    firsts = np.searchsorted(steps.owners[corners], np.arange(n_groups + 1))
    sizes = np.diff(firsts)[owners]
    pair = np.repeat(np.arange(pairs.size), sizes)
    corner = np.arange(pair.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + firsts[owners[pair]]
    row = np.arange(pair.size)
    apart = (steps.values[corners[corner]] - weights[pair] * budget) / unit
    above = sparse.csc_array(
        (
            np.concatenate([np.ones(pair.size), apart]),
            (np.append(row, row), np.append(pair, pairs.size + owners[pair])),
        ),
        (pair.size, pairs.size + n_groups + 1 + n_regions),
    )
    sums = np.zeros((n_regions, above.shape[1]))
    np.put_along_axis(sums, where.T, -1.0, axis=1)
    sums[:, pairs.size + n_groups] = 1.0
    sums[:, pairs.size + n_groups + 1 :] = -np.eye(n_regions)  # what a region falls short of the best one
    parted = Differences(kin(problem.weights.T), np.arange(n_regions), 0).of_dense(sums)
    matrix = sparse.vstack([above, sparse.csc_array(parted)]).tocsc()
    floors = steps.heights[steps.bases + start][owners] * scale
    n_columns = matrix.shape[1]
    found = least(
        np.eye(1, n_columns, pairs.size + n_groups).ravel(),
        matrix,
        np.append(floors, np.zeros(n_columns - pairs.size)),
        np.append(heights[corner] * scale, np.zeros(n_regions)),
        np.append(np.full(pair.size, np.inf), np.zeros(n_regions)),
    )
    return None if found is None else np.maximum(found[pairs.size :][:n_groups], 0.0) / (unit * scale)
