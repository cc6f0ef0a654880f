"""Checks on what callers pass in. Every message names the argument, what was expected and what came."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lrscore.collective.steps import Floats, Integers
from lrscore.errors import InputError

Matrices = ArrayLike | Sequence[ArrayLike]


def checked_weights(weights: Matrices) -> tuple[Floats, bool]:
    """(K, I, J) from one (I, J) matrix or K of them, and whether it was one."""
    stack = as_floats(weights, "weights")
    single = stack.ndim == 2
    if single:
        stack = stack[None]
    if stack.ndim != 3 or 0 in stack.shape:
        raise InputError(
            f"weights must be an (I, J) matrix or K of them, not empty; got shape {np.shape(stack)}"
        )
    if not (stack >= 0).all():
        raise InputError(
            "weights must be nonnegative numbers (infinite is allowed); got a negative one or NaN"
        )
    return stack, single


def checked_budgets(budgets: ArrayLike, n_kinds: int, single: bool) -> Floats:
    """(M, K) from (M,) for one weight matrix, or (M, K) for a sequence of K."""
    rows = as_floats(budgets, "budgets")
    expected = "(M,)" if single else f"(M, {n_kinds})"
    if (rows.ndim != 1) if single else (rows.ndim != 2 or rows.shape[1] != n_kinds):
        raise InputError(f"budgets must have shape {expected} to match the weights; got {rows.shape}")
    if not (np.isfinite(rows) & (rows >= 0)).all():
        raise InputError("budgets must be finite and at least 0; got a negative, infinite or NaN value")
    return rows.reshape(-1, n_kinds)


def checked_thresholds(thresholds: ArrayLike, targets: ArrayLike | None) -> Floats:
    """(N,) without NaN; outputs outside `targets` get threshold 0, which is never counted."""
    levels = as_floats(thresholds, "thresholds")
    if levels.ndim != 1 or np.isnan(levels).any():
        raise InputError(f"thresholds must be a vector (N,) without NaN; got shape {levels.shape}")
    if targets is None:
        return levels
    mask = np.asarray(targets)
    if mask.shape != levels.shape or mask.dtype != np.bool_:
        raise InputError(
            f"targets must be {levels.size} booleans, one per threshold; got {mask.dtype} {mask.shape}"
        )
    return np.where(mask, levels, 0.0)


def checked_groups(groups: ArrayLike, n_outputs: int, n_groups: int) -> Integers:
    """(N,) integers in `[0, n_groups)`."""
    members = np.asarray(groups)
    if members.shape != (n_outputs,) or (n_outputs and not np.issubdtype(members.dtype, np.integer)):
        raise InputError(
            f"groups must be {n_outputs} integers, one per threshold; got {members.dtype} {members.shape}"
        )
    if n_outputs and not (members.min() >= 0 and members.max() < n_groups):
        raise InputError(f"groups must lie in [0, {n_groups}); got {members.min()} to {members.max()}")
    return members.astype(np.int64)


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


def as_floats(numbers: Matrices, name: str) -> Floats:
    """A float64 copy, or an error that names the argument."""
    try:
        return np.array(numbers, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} must be an array of numbers; got {type(numbers).__name__} ({error})"
        ) from error
