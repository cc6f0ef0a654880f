"""The dual bound in exact fractions. Floats only sort and preselect. Used by `verify` only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lrscore.collective.verify_work import spend

Floats = NDArray[np.float64]
FILTER = 2.0**-44  # far above the rounding of a product and a difference, relative to what was subtracted
ZERO = Fraction(0)
TINIEST = 2.0**-960  # below it a tolerance in floats may itself be rounded to nothing
_PER_STEP = 1000  # floats of an array take about as long as one step with fractions
LARGEST = Fraction(float(np.finfo(np.float64).max))


@dataclass(frozen=True)
class Side:
    """The weighted budgets of one group in a box: from lower to upper, the upper end excluded if `opened`."""

    lower: Fraction
    upper: Fraction
    opened: bool = False

    def halves(self, value: Fraction) -> tuple[Side | None, Side | None]:
        """What lies below `value`, and at or above it; None for nothing."""
        below = Side(self.lower, value, True) if value <= self.upper else self
        above = Side(max(value, self.lower), self.upper, self.opened)
        outside = value > self.upper or (value == self.upper and self.opened)
        return (below if value > self.lower else None), (None if outside else above)


def float_below(number: Fraction) -> float:
    """Largest float that is at most `number`; a float threshold is at most one exactly if it is at most the other."""
    if number > LARGEST:
        return float(LARGEST)
    place = float(number)
    return place if Fraction(place) <= number else float(np.nextafter(place, -np.inf))


def exact_sum(numbers: Iterable[Fraction | float]) -> Fraction:
    """The sum of floats and of fractions made of floats: all denominators are powers of two."""
    ratios = [number.as_integer_ratio() for number in numbers]
    common = max((below for _, below in ratios), default=1)
    return Fraction(sum(above * (common // below) for above, below in ratios), common)


def fill(gains: Sequence[Fraction | float], caps: Floats, total: Fraction) -> Fraction:
    """`sum gains * b` when `total` is poured into regions in the given order, each to its cap."""
    spend(len(gains))
    left, value = total, ZERO
    for gain, cap in zip(gains, caps.tolist(), strict=True):
        if left == 0:
            break
        share = left if cap == np.inf else min(left, Fraction(cap))
        value += Fraction(gain) * share
        left -= share
    return value


def step_maximum(levels: Floats, slope: Fraction, side: Side | None) -> Fraction:
    """`max G(s) - slope * s` on an interval, for `G` the number of sorted levels at most s: at an end or a level.

    A group that is lost (None) counts in full.
    """
    if side is None:
        return Fraction(levels.size)
    start = int(levels.searchsorted(float_below(side.lower), side="right"))
    end = float_below(side.upper)
    exclude = side.opened and Fraction(end) == side.upper
    stop = max(start, int(levels.searchsorted(end, side="left" if exclude else "right")))
    if slope == 0:
        return Fraction(stop)
    ends = max(start - slope * side.lower, stop - slope * side.upper)
    return max(ends, peak(levels[start:stop], np.arange(start + 1.0, stop + 1.0), slope))


def relaxed_maximum(levels: Floats, slope: Fraction, side: Side | None) -> Fraction:
    """The same over all `s >= 0` for the published majorant `sum_n min(1, s / level_n)`, its values rounded up."""
    if side is None:
        return Fraction(levels.size)
    levels = levels[np.isfinite(levels)]
    # 1 / level over later ones
    beyond = np.append(np.cumsum((1.0 / levels)[::-1])[::-1][1:], 0.0)[: levels.size]
    heights = (np.arange(1.0, levels.size + 1.0) + levels * beyond) * (1 + (levels.size + 8) * 2.0**-52)
    distinct = np.append(levels[1:] > levels[:-1], True)[: levels.size]
    return max(ZERO, peak(levels[distinct], heights[distinct], slope))


def peak(places: Floats, heights: Floats, slope: Fraction) -> Fraction:
    """`max heights - slope * places`, exactly; minus a tiny number that is never the maximum if there are none."""
    if not places.size:
        return Fraction(-(2**1100))
    with np.errstate(over="ignore", invalid="ignore"):
        rough = heights - float(slope) * places
        tolerance = FILTER * (np.abs(heights).max() + abs(float(slope)) * places[-1])
    near = candidates(rough, tolerance)
    spend(places.size // _PER_STEP + int(near.sum()))
    return max(
        Fraction(height) - slope * Fraction(place)
        for height, place in zip(heights[near].tolist(), places[near].tolist(), strict=True)
    )


def candidates(rough: Floats, tolerance: float) -> NDArray[np.bool_]:
    """Where the exact maximum may be, given rough values and their error: everywhere if floats over- or underflowed."""
    if not (np.isfinite(rough).all() and TINIEST < tolerance < np.inf):
        return np.ones(rough.shape, dtype=np.bool_)
    return rough >= rough.max() - tolerance


def linear_maximum(rows: Floats, slopes: Sequence[Fraction], total: Fraction, caps: Floats) -> Fraction:
    """Largest `sum_j (sum_i slopes_i rows_ij) b_j` over allocations with total `total` within caps; rows: (I, J)."""
    active = [(slope, row) for slope, row in zip(slopes, rows, strict=True) if slope]
    if total == 0 or not active:
        return ZERO
    regions = np.arange(rows.shape[1])
    # Everything fits into the best region
    if Fraction(caps.min()) >= total if np.isfinite(caps.min()) else True:
        rough = np.array([float(slope) for slope in slopes])
        with np.errstate(over="ignore", invalid="ignore"):
            gains, tolerance = rough @ rows, FILTER * len(rows) * (np.abs(rough) @ rows).max()
        regions = np.flatnonzero(candidates(gains, tolerance))
    spend(len(active) * len(regions))
    exact = {
        j: sum((slope * Fraction(float(row[j])) for slope, row in active), ZERO) for j in regions.tolist()
    }
    order = sorted(exact, key=lambda region: exact[region], reverse=True)
    return fill([exact[region] for region in order], caps[order], total)
