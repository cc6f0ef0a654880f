"""What is asked: checked, outward-rounded arrays, and what every budget can reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrscore.collective.steps import Floats, Integers, StepFunction
from lrscore.errors import InputError

SLACK = 1e-12  # relative; far above what a few thousand roundings can add up to, far below one output


@dataclass(frozen=True)
class Problem:
    """One adversary, `I` groups, `K` budget kinds over `J` regions: `C = K * J` *channels* it can spend in.

    weights: (I, C) rounded up, infinite ones replaced by 0 (see `forbidden`); kinds: (C,) kind of every channel;
    caps: (C,) finite, at most the largest budget of the kind; budgets: (M, K); steps: I step functions of the
    thresholds rounded down. raw_weights (I, C) and raw_steps are the numbers as given: the ceiling is counted on them.
    """

    weights: Floats
    forbidden: NDArray[np.bool_]
    kinds: Integers
    caps: Floats
    budgets: Floats
    steps: tuple[StepFunction, ...]
    raw_weights: Floats
    raw_steps: tuple[StepFunction, ...]

    @property
    def n_targets(self) -> int:
        """Outputs that are counted: those that do not abstain."""
        return sum(step.total for step in self.steps)


@dataclass(frozen=True)
class Reach:
    """What the adversary can reach at each of M budgets, rounded outward.

    lower, upper: (M, I) ends of the weighted budget `s_i` when everything is spent (an adversary loses nothing by
    that: all weights are nonnegative, all counts monotone). spent: (M, K). doomed: (M, I) groups that any spending
    in a region of infinite weight takes down as a whole.
    """

    lower: Floats
    upper: Floats
    spent: Floats
    doomed: NDArray[np.bool_]


def fill(spent: Floats, caps: Floats, sign: int) -> Floats:
    """(M, C) how much a greedy spender puts into channels in the given order, rounded up (sign 1) or down (-1)."""
    before = np.concatenate([[0.0], np.cumsum(caps)[:-1]])
    return np.clip(spent[:, None] * (1 + sign * SLACK) - before * (1 - sign * SLACK), 0.0, caps)


def greatest(gains: Floats, spent: Floats, problem: Problem) -> Floats:
    """(M,) largest `sum_c gains_c b_c` over allocations that spend exactly `spent` (M, K), rounded up."""
    result = np.zeros(len(spent))
    for kind in range(spent.shape[1]):
        mine = problem.kinds == kind
        order = np.argsort(-gains[mine], kind="stable")
        gain, caps = gains[mine][order], problem.caps[mine][order]
        rising, falling = np.maximum(gain, 0.0), np.minimum(gain, 0.0)
        result += (1 + SLACK) * (fill(spent[:, kind], caps, 1) @ rising)
        if falling.any():
            result += (1 - SLACK) * (fill(spent[:, kind], caps, -1) @ falling)
    return result


def reach(problem: Problem) -> Reach:
    """Ends of the weighted budgets, and the doomed groups, at every budget of the problem."""
    n_kinds = problem.budgets.shape[1]
    totals = np.array([problem.caps[problem.kinds == kind].sum() for kind in range(n_kinds)])
    spent = np.minimum(problem.budgets, totals)
    lower = np.stack([-greatest(-row, spent, problem) for row in problem.weights], axis=1)
    upper = np.stack([greatest(row, spent, problem) for row in problem.weights], axis=1)
    usable = (spent[:, problem.kinds] > 0) & (problem.caps > 0)  # (M, C)
    doomed = (usable[:, None, :] & problem.forbidden[None]).any(axis=2)
    return Reach(np.maximum(lower, 0.0), upper, spent, doomed)


def build_problem(
    weights: ArrayLike | Sequence[ArrayLike],
    thresholds: ArrayLike,
    groups: ArrayLike,
    budgets: ArrayLike,
    caps: ArrayLike | None = None,
) -> Problem:
    """Check and outward-round the inputs of `certify_collectively`; see there for shapes."""
    weight_stack = checked_weights(weights)
    n_kinds, n_groups, n_regions = weight_stack.shape
    budget_rows = checked_budgets(budgets, n_kinds, np.ndim(weights) == 2)
    levels, members = checked_outputs(thresholds, groups, n_groups)
    limits = checked_caps(caps, n_kinds, n_regions)
    raw = weight_stack.transpose(1, 0, 2).reshape(n_groups, n_kinds * n_regions)
    forbidden = np.isinf(raw)
    largest = budget_rows.max(axis=0, initial=0.0)
    counted = levels > 0
    level_lists = [levels[counted & (members == group)] for group in range(n_groups)]
    return Problem(
        weights=np.where(forbidden, 0.0, np.where(raw > 0, np.nextafter(raw, np.inf), 0.0)),
        forbidden=forbidden,
        kinds=np.repeat(np.arange(n_kinds), n_regions),
        caps=np.minimum(limits, largest[:, None]).ravel(),
        budgets=budget_rows,
        steps=tuple(StepFunction.of(rounded_down(level)) for level in level_lists),
        raw_weights=raw,
        raw_steps=tuple(StepFunction.of(level) for level in level_lists),
    )


def rounded_down(levels: Floats) -> Floats:
    """One unit in the last place lower; infinite thresholds are exact and stay."""
    return np.where(np.isinf(levels), levels, np.nextafter(levels, -np.inf))


def checked_weights(weights: ArrayLike | Sequence[ArrayLike]) -> Floats:
    """(K, I, J) from one (I, J) matrix or K of them."""
    stack = as_floats(weights, "weights")
    if stack.ndim == 2:
        stack = stack[None]
    if stack.ndim != 3 or 0 in stack.shape:
        raise InputError(f"weights must be an (I, J) matrix or K of them, not empty; got shape {np.shape(stack)}")
    if not (stack >= 0).all():
        raise InputError("weights must be nonnegative numbers (infinite is allowed); got a negative one or NaN")
    return stack


def checked_budgets(budgets: ArrayLike, n_kinds: int, single: bool) -> Floats:
    """(M, K) from (M,) for one weight matrix, or (M, K) for a sequence of K."""
    rows = as_floats(budgets, "budgets")
    expected = "(M,)" if single else f"(M, {n_kinds})"
    if (rows.ndim != 1) if single else (rows.ndim != 2 or rows.shape[1] != n_kinds):
        raise InputError(f"budgets must have shape {expected} to match the weights; got {rows.shape}")
    if not (np.isfinite(rows) & (rows >= 0)).all():
        raise InputError("budgets must be finite and at least 0; got a negative, infinite or NaN value")
    return rows.reshape(-1, n_kinds)


def checked_outputs(thresholds: ArrayLike, groups: ArrayLike, n_groups: int) -> tuple[Floats, Integers]:
    """(N,) thresholds without NaN and (N,) group numbers in range."""
    levels, members = as_floats(thresholds, "thresholds"), np.asarray(groups)
    if levels.ndim != 1 or np.isnan(levels).any():
        raise InputError(f"thresholds must be a vector (N,) without NaN; got shape {levels.shape}")
    if members.shape != levels.shape or (members.size and not np.issubdtype(members.dtype, np.integer)):
        raise InputError(f"groups must be {levels.size} integers, one per threshold; got {members.dtype} {members.shape}")
    if members.size and not (0 <= members.min() and members.max() < n_groups):
        raise InputError(f"groups must lie in [0, {n_groups}); got {members.min()} to {members.max()}")
    return levels, members.astype(np.int64)


def checked_caps(caps: ArrayLike | None, n_kinds: int, n_regions: int) -> Floats:
    """(K, J) caps, infinite where there is none."""
    if caps is None:
        return np.full((n_kinds, n_regions), np.inf)
    limits = as_floats(caps, "caps")
    allowed = [(n_kinds, n_regions)] + ([(n_regions,)] if n_kinds == 1 else [])
    if limits.shape not in allowed:
        raise InputError(f"caps must have shape {' or '.join(map(str, allowed))}; got {limits.shape}")
    if not (limits >= 0).all():
        raise InputError("caps must be nonnegative numbers (infinite is allowed); got a negative one or NaN")
    return limits.reshape(n_kinds, n_regions)


def as_floats(numbers: ArrayLike | Sequence[ArrayLike], name: str) -> Floats:
    """A float64 copy, or an error that names the argument."""
    try:
        return np.array(numbers, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be an array of numbers; got {type(numbers).__name__} ({error})") from error
