"""Step functions `G_i(s) = #{n in group i : threshold_n <= s}`, all groups in flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

FEW = 12  # rows up to which all groups are ranked at once
SLACK = 1e-12  # relative; far above what a few thousand roundings add up to, far below one output


@dataclass(frozen=True)
class Steps:
    """How many outputs of each of I groups have fallen once their weighted budget reaches `s`. Ties fall.

    values: (D,) distinct finite thresholds of group 0, ascending, then of group 1, ...; owners: (D,) their groups;
    offsets: (I + 1,) group i holds `values[offsets[i]:offsets[i + 1]]`; heights: (D + I,) number of fallen outputs,
    0 and then one entry per value for every group; totals: (I,) outputs, those with an infinite threshold included.
    """

    values: Floats
    owners: Integers
    offsets: Integers
    heights: Integers
    totals: Integers

    @classmethod
    def of(cls, thresholds: Floats, groups: Integers, n_groups: int) -> Steps:
        """Sort the thresholds (N,) of outputs in `groups` (N,) into steps."""
        order = np.lexsort((thresholds, groups))
        order = order[np.isfinite(thresholds[order])]
        levels, members = thresholds[order], groups[order]
        fresh = np.ones(levels.size, dtype=np.bool_)
        fresh[1:] = (levels[1:] != levels[:-1]) | (members[1:] != members[:-1])
        first = np.append(np.flatnonzero(fresh), levels.size)
        owners = members[first[:-1]]
        offsets = np.searchsorted(owners, np.arange(n_groups + 1))
        before = np.searchsorted(members, np.arange(n_groups))  # finite thresholds in earlier groups
        heights = np.zeros(owners.size + n_groups, dtype=np.int64)
        heights[np.arange(owners.size) + owners + 1] = first[1:] - before[owners]
        totals = np.bincount(groups, minlength=n_groups)
        return cls(levels[first[:-1]], owners, offsets, heights, totals.astype(np.int64))

    @property
    def n_groups(self) -> int:
        return self.totals.size

    @cached_property
    def bases(self) -> Integers:
        """(I,) where each group's heights begin."""
        return self.offsets[:-1] + np.arange(self.n_groups)

    def ranks(self, spent: Floats, side: Literal["left", "right"] = "right") -> Integers:
        """(..., I) how many of a group's distinct values are at most `spent` (..., I); less than it with "left"."""
        if spent.size <= FEW * self.n_groups:
            return self._bisected(spent, side)
        result = np.empty(spent.shape, dtype=np.int64)
        for group in range(self.n_groups):
            mine = self.values[self.offsets[group] : self.offsets[group + 1]]
            result[..., group] = mine.searchsorted(spent[..., group], side=side)
        return result

    def _bisected(self, spent: Floats, side: Literal["left", "right"]) -> Integers:
        """The same by bisection in all groups at once: faster where there are many groups and few rows."""
        low = np.broadcast_to(self.offsets[:-1], spent.shape)
        high = np.broadcast_to(self.offsets[1:], spent.shape)
        exceeds = np.greater if side == "right" else np.greater_equal
        while (low < high).any():
            middle = (low + high) // 2
            # What is not a number is passed by no value and so ranks last, as in `searchsorted`
            below = (low < high) & ~exceeds(self.values[np.minimum(middle, self.values.size - 1)], spent)
            low, high = np.where(below, middle + 1, low), np.where(below, high, middle)
        return low - self.offsets[:-1]

    def __call__(self, spent: Floats) -> Integers:
        """(..., I) fallen outputs per group at weighted budgets `spent` (..., I)."""
        return self.heights[self.bases + self.ranks(spent)]

    @cached_property
    def relaxed_slopes(self) -> Floats:
        """(D + I,) slopes of the majorant `sum_n min(1, s / threshold_n)` before each value, 0 after the last."""
        drops = np.diff(self.heights)[np.arange(self.values.size) + self.owners] / self.values
        slopes = np.zeros(self.heights.size)
        for group in range(self.n_groups):
            begin, end = self.offsets[group], self.offsets[group + 1]
            slopes[begin + group : end + group] = np.cumsum(drops[begin:end][::-1])[::-1]
        return slopes

    @cached_property
    def relaxed_heights(self) -> Floats:
        """(D,) that majorant at every distinct value."""
        after = np.arange(self.values.size) + self.owners + 1
        return self.heights[after] + self.values * self.relaxed_slopes[after]
