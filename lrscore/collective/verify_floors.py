"""The bound with floors in exact numbers, for proofs that the plain dual bound does not reach. Used by `verify` only.

    attack(B) <= max_j sum_i max(floor_i, c_i + y_i W_ij B)

with `floor_i` levels reached at the lower end of a side, and `c_i` the largest `k - y_i level_k` of the later ones on
it: each maximum is convex, rises, and is nowhere on the side below the number of levels reached. Where the lower end of
a side lies above what some region brings about, so is the line alone, if it passes above that end as well. What a group
counts in a region is rounded up to a multiple of 2**-20; sums are those of whole numbers. Proof: docs/theory.md, 4.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from lrscore.collective.rational import Floats, Side
from lrscore.collective.verify_tables import LeafTable
from lrscore.collective.verify_work import spend

MOST_WEIGHTS = 64
"""Different weights up to which the bound is computed."""
_GRAINS = 2**20
_LARGEST = 2**40  # more than any number of outputs: sums of so many stay whole numbers of 64 bits
_PER_STEP = 1000  # whole numbers of an array that are added in about the time of one step with fractions


class Floors:
    """Weights (K, I, J), already rounded up, by their few different values."""

    def __init__(self, weights: Floats) -> None:
        self.usable = weights.shape[0] == 1 and bool(np.isfinite(weights).all())
        if self.usable:
            values, codes = np.unique(weights[0], return_inverse=True)
            self.usable = 0 < values.size <= MOST_WEIGHTS
            self.values, self.codes = (
                [Fraction(value) for value in values.tolist()],
                codes.reshape(weights[0].shape),
            )

    def bound(self, table: LeafTable, sides: Sequence[Side | None], total: Fraction) -> Fraction | None:
        """Upper bound on an attack that spends `total` without caps in one box; None where it is not computed."""
        if not self.usable or any(side is None for side in sides):
            return None
        n_groups = len(self.codes)
        spend(n_groups * len(self.values) + self.codes.size // _PER_STEP)
        floors, lines = table.lines(sides)
        places = [value * total for value in self.values]
        counted = np.zeros((n_groups, len(places)), dtype=np.int64)
        lowest = self.codes.min(axis=1).tolist()
        for group, (side, floor, line) in enumerate(zip(sides, floors, lines, strict=True)):
            assert side is not None
            slope, least = max(table.slopes[group], Fraction(0)), Fraction(floor)
            if side.lower > places[lowest[group]]:
                through = floor - slope * side.lower
                line = through if line is None else max(line, through)
            for number, place in enumerate(places):
                most = least if line is None else line + slope * place
                if side.lower <= places[lowest[group]]:
                    most = max(most, least)
                grains = -(-most.numerator * _GRAINS // most.denominator)
                if abs(grains) > _LARGEST * _GRAINS // max(n_groups, 1):
                    return None
                counted[group, number] = grains
        sums = np.take_along_axis(counted, self.codes, axis=1).sum(axis=0)
        return Fraction(int(sums.max(initial=0)), _GRAINS)
