"""How budgets are shared among clusters: every way listed, or the best way by dynamic programming."""

from __future__ import annotations

import math

import numpy as np


def ways(units: int, places: int) -> int:
    """In how many ways equal units can be distributed over places."""
    return math.comb(units + places - 1, places - 1) if places else int(units == 0)


def splits(units: int, places: int) -> np.ndarray:
    """(ways, places) every way to write `units` as a sum of whole numbers."""
    if places == 1:
        return np.array([[units]])
    parts = [splits(units - first, places - 1) for first in range(units + 1)]
    firsts = np.repeat(np.arange(units + 1), [len(part) for part in parts])
    return np.column_stack([firsts, np.concatenate(parts)])


def every_allocation(additions: int, deletions: int, places: int) -> np.ndarray:
    """(n, 2 places) every way to spend exactly these budgets."""
    added, deleted = splits(additions, places), splits(deletions, places)
    return np.column_stack([np.repeat(added, len(deleted), axis=0), np.tile(deleted, (len(added), 1))])


def shared(before: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Most that can be gained for at most so many units, with one more place to spend them.

    Args:
        before: (n, A + 1, D + 1) most that is gained without it.
        gains: (n, A + 1, D + 1) what so many units gain there, growing along both axes.
    """
    result = before + gains[:, :1, :1]
    shape = gains.shape[1:]
    useful = np.ones(shape, dtype=bool)  # a unit more must gain something for somebody
    useful[1:] &= (gains[:, 1:] > gains[:, :-1]).any(axis=0)
    useful[:, 1:] &= (gains[:, :, 1:] > gains[:, :, :-1]).any(axis=0)
    for added, deleted in np.argwhere(useful).tolist():
        gained = before[:, : shape[0] - added, : shape[1] - deleted] + gains[:, added, deleted, None, None]
        here = result[:, added:, deleted:]
        np.maximum(here, gained, out=here)
    return result
