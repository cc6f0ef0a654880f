"""How budgets are shared among places: every way listed, or the best way by dynamic programming."""

from __future__ import annotations

import math
from collections.abc import Sequence

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


def every_allocation(budget: Sequence[int], room: np.ndarray) -> np.ndarray:
    """(n, K P) every way to spend exactly these budgets (K,), each over places with so much room (K, P).

    A budget that has no room spends all there is.
    """
    result = np.zeros((1, 0), dtype=np.int64)
    for units, limits in zip(budget, room, strict=True):
        open_places = np.flatnonzero(limits > 0)
        own = np.zeros((1, limits.size), dtype=np.int64)
        if open_places.size:
            parts = splits(min(int(units), int(limits.sum())), open_places.size)
            parts = parts[(parts <= limits[open_places]).all(axis=1)]
            own = np.zeros((len(parts), limits.size), dtype=np.int64)
            own[:, open_places] = parts
        result = np.column_stack([np.repeat(result, len(own), axis=0), np.tile(own, (len(result), 1))])
    return result


def shared(before: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Most that can be gained for at most so many units, with one more place to spend them.

    Args:
        before: (n, A + 1, D + 1, ...) most that is gained without it, an axis for every budget.
        gains: of the same shape, what so many units gain there, growing along all axes.
    """
    shape = gains.shape[1:]
    result = before + gains[(slice(None), *(slice(1) for _ in shape))]
    useful = np.ones(shape, dtype=bool)  # a unit more must gain something for somebody
    for axis in range(len(shape)):
        later = (slice(None),) * axis + (slice(1, None),)
        useful[later] &= (np.diff(gains, axis=axis + 1) > 0).any(axis=0)
    flat = gains.reshape(len(gains), math.prod(shape))
    for units in np.argwhere(useful).tolist():
        left = (slice(None), *(slice(size - unit) for size, unit in zip(shape, units, strict=True)))
        gained = before[left] + flat[:, np.ravel_multi_index(units, shape)].reshape(-1, *(1 for _ in shape))
        here = result[(slice(None), *(slice(unit, None) for unit in units))]
        np.maximum(here, gained, out=here)
    return result
