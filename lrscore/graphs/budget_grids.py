"""Budgets worth a look: how far they go, and grids of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_STEPS = 9  # budgets per kind
_DOUBLINGS = 10
MOST_UNITS = 2**_DOUBLINGS
"""Units of one kind beyond which budgets are not looked at."""


def first_hopeless(certified: Callable[[np.ndarray, int], np.ndarray], kind: int) -> int:
    """The smallest budget of one kind that leaves nothing certified, found by doubling and then step by step.

    Args:
        certified: counts at budgets (M,) of a kind alone.
    """
    doubled = np.append(0, 2 ** np.arange(_DOUBLINGS + 1))
    hopeless = np.flatnonzero(certified(doubled, kind) == 0)
    if hopeless.size == 0:
        return int(doubled[-1])
    high, low = int(doubled[hopeless[0]]), int(doubled[max(hopeless[0] - 1, 0)])
    steps = np.unique(np.linspace(low, high, _STEPS + 1).round())
    gone = np.flatnonzero(certified(steps, kind) == 0)
    return int(steps[gone[0]]) if gone.size else high  # neighbouring budgets may lend a better proof


def budget_grid(largest: tuple[int, int]) -> np.ndarray:
    """(M, 2) whole budgets of two kinds from (0, 0) to these, at most 9 values each."""
    first, second = (np.unique(np.linspace(0, most, _STEPS).round()) for most in largest)
    return np.array([(a, d) for a in first for d in second], dtype=np.float64)


def side_by_side(attributes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """(M, 4) budgets of attributes alone and of edges alone, each once."""
    return np.unique(
        np.concatenate([np.pad(attributes, ((0, 0), (0, 2))), np.pad(edges, ((0, 0), (2, 0)))]), axis=0
    )
