"""What `verify` computes once and looks up again: exact numbers of one dual vector that many budgets share."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lrscore.collective.rational import (
    FILTER,
    TINIEST,
    Floats,
    Side,
    candidates,
    exact_sum,
    float_below,
    linear_maximum,
    step_maximum,
)
from lrscore.collective.verify_work import spend

Integers = NDArray[np.int64]
_KEPT = 16  # dual vectors whose numbers are kept: a file may name any number of them
_PER_STEP = 1000  # floats of an array take about as long as one step with fractions


class Levels:
    """Sorted levels of all groups in a row: places (D,), heights (D,) of the steps there, owners (D,), first (I,)."""

    def __init__(self, levels: Sequence[Floats]) -> None:
        self.of_group = levels
        sizes = np.array([row.size for row in levels], dtype=np.int64)
        self.first = np.append(0, np.cumsum(sizes))[:-1]
        self.places = np.concatenate([*levels, np.zeros(0)])
        self.owners = np.repeat(np.arange(len(levels)), sizes)
        self.numbers = np.arange(self.places.size)
        self.heights = self.numbers - self.first[self.owners] + 1

    def ranks(self, sides: Sequence[Side | None]) -> tuple[Integers, Integers, Floats]:
        """(I,) levels that have been reached at the lower ends of the sides, and at the upper ones; the ends (2, I)."""
        ends = np.zeros((2, len(sides)))
        known: dict[int, tuple[float, float, bool]] = {}
        start, stop = np.zeros(len(sides), dtype=np.int64), np.zeros(len(sides), dtype=np.int64)
        for group, side in enumerate(sides):
            if side is None:
                continue
            if id(side) not in known:
                end = float_below(side.upper)
                opened = side.opened and Fraction(end) == side.upper
                known[id(side)] = float_below(side.lower), end, opened
            low, high, opened = known[id(side)]
            ends[:, group] = low, high
            levels = self.of_group[group]
            start[group] = levels.searchsorted(low, side="right")
            stop[group] = levels.searchsorted(high, side="left" if opened else "right")
        return start, np.maximum(start, stop), ends


class LeafTable:
    """One dual vector: `max G_i(s) - y_i s` over the sides of all groups, as `step_maximum` has it for one.

    Floats find where the maximum may be; what is there is computed in fractions, once for all boxes.
    """

    def __init__(self, levels: Levels, multipliers: Floats) -> None:
        self.levels, self.numbers = levels, multipliers
        self.slopes = [Fraction(number) for number in multipliers.tolist()]
        self.exact: dict[int, Fraction] = {}
        with np.errstate(over="ignore", invalid="ignore"):
            rough = levels.heights - multipliers[levels.owners] * levels.places
        # Infinite levels are never reached
        self.rough = np.where(np.isfinite(levels.places), rough, -np.inf)

    def step_maxima(self, sides: Sequence[Side | None]) -> Fraction:
        """The sum over all groups; a group that is lost (None) counts in full."""
        levels = self.levels
        start, stop, (low, high) = levels.ranks(sides)
        with np.errstate(over="ignore", invalid="ignore"):
            ends = np.stack([start - self.numbers * low, stop - self.numbers * high])  # (2, I)
            tolerance = FILTER * (stop + np.abs(self.numbers) * high)
            best = np.maximum(ends.max(axis=0), self._inside(start, stop))
            least = best - tolerance
        usable = np.isfinite(best) & np.isfinite(least) & (tolerance > TINIEST)
        within = (levels.heights > start[levels.owners]) & (levels.heights <= stop[levels.owners])
        near = levels.numbers[within & (self.rough >= least[levels.owners])]
        spend(len(sides) + near.size + levels.numbers.size // _PER_STEP)
        found: dict[int, Fraction] = {}
        for number, group in zip(near.tolist(), levels.owners[near].tolist(), strict=True):
            value = self._at(number, group)
            found[group] = max(found.get(group, value), value)
        terms: list[Fraction] = []
        for group, side in enumerate(sides):
            slope = self.slopes[group]
            if side is None:
                terms.append(Fraction(levels.of_group[group].size))
            elif slope == 0:
                terms.append(Fraction(int(stop[group])))
            elif not usable[group]:
                terms.append(step_maximum(levels.of_group[group], slope, side))
            else:
                values = [found[group]] if group in found else []
                if ends[0, group] >= least[group]:
                    values.append(int(start[group]) - slope * side.lower)
                if ends[1, group] >= least[group]:
                    values.append(int(stop[group]) - slope * side.upper)
                terms.append(max(values))
        return exact_sum(terms)

    def lines(self, sides: Sequence[Side | None]) -> tuple[list[int], list[Fraction | None]]:
        """Per group: levels reached at the lower end of its side, and the largest `k - y level_k` of those that follow.

        y: the group's number, or 0 where that is negative; None: none follow.
        """
        start, stop, _ = self.levels.ranks(sides)
        found: list[Fraction | None] = []
        for group, (first, last) in enumerate(zip(start.tolist(), stop.tolist(), strict=True)):
            slope, begin = self.slopes[group], int(self.levels.first[group])
            if last <= first:
                found.append(None)
            elif slope <= 0:
                found.append(Fraction(last))
            else:
                rough = self.rough[begin + first : begin + last]
                place = self.levels.places[begin + last - 1]
                near = candidates(rough, FILTER * (last + float(self.numbers[group]) * float(place)))
                spend(int(near.sum()))
                numbers = (begin + first + np.flatnonzero(near)).tolist()
                found.append(max(self._at(number, group) for number in numbers))
        return start.tolist(), found

    def _inside(self, start: Integers, stop: Integers) -> Floats:
        """(I,) rough maximum over the levels between, -inf where there are none."""
        padded = np.append(self.rough, -np.inf)
        windows = np.stack([start, stop], axis=1) + self.levels.first[:, None]
        found = np.maximum.reduceat(padded, windows.ravel())[::2]
        return np.where(stop > start, found, -np.inf)

    def _at(self, number: int, group: int) -> Fraction:
        if number not in self.exact:
            height, place = int(self.levels.heights[number]), float(self.levels.places[number])
            self.exact[number] = height - self.slopes[group] * Fraction(place)
        return self.exact[number]


class Tables:
    """All dual vectors of a claim, each looked at when it is first needed."""

    def __init__(self, levels: Sequence[Floats], rounded: Floats, multipliers: Floats) -> None:
        self._levels, self._rounded, self._multipliers = levels, rounded, multipliers
        self._leaves: dict[int, LeafTable] = {}
        self._steepest: dict[tuple[int, int, tuple[bool, ...]], Fraction] = {}

    @cached_property
    def levels(self) -> Levels:
        """The levels of all groups in a row."""
        return Levels(self._levels)

    def of(self, leaf: int) -> LeafTable:
        """The table of one dual vector."""
        if leaf not in self._leaves:
            if len(self._leaves) >= _KEPT:
                del self._leaves[next(iter(self._leaves))]
            self._leaves[leaf] = LeafTable(self.levels, self._multipliers[leaf])
        return self._leaves[leaf]

    def steepest(self, leaf: int, kind: int, lost: tuple[bool, ...], slopes: Sequence[Fraction]) -> Fraction:
        """What a unit of budget of one kind buys at most: `max_j sum_i slopes_i W_ij`; of lost groups 0."""
        key = leaf, kind, lost
        if key not in self._steepest:
            if len(self._steepest) >= _KEPT:
                del self._steepest[next(iter(self._steepest))]
            rows = np.where(np.isinf(self._rounded[kind]), 0.0, self._rounded[kind])
            caps = np.full(rows.shape[1], np.inf)
            self._steepest[key] = linear_maximum(rows, slopes, Fraction(1), caps)
        return self._steepest[key]
