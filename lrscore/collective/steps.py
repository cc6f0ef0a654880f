"""Step functions `G(s) = #{n : threshold_n <= s}` and concave functions with few corners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class StepFunction:
    """How many outputs of one group have fallen once their weighted budget reaches `s`. Ties fall.

    values: (n,) ascending distinct finite thresholds; heights: (n + 1,) int, `heights[k]` outputs fall below
    `values[k]`; total: all counted outputs of the group, those with an infinite threshold included.
    """

    values: Floats
    heights: Integers
    total: int

    @classmethod
    def of(cls, thresholds: Floats) -> StepFunction:
        values, counts = np.unique(thresholds[np.isfinite(thresholds)], return_counts=True)
        heights = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(values.astype(np.float64), heights, int(thresholds.size))

    def __call__(self, spent: Floats) -> Integers:
        """`G(spent)` for an array of any shape."""
        return self.heights[np.searchsorted(self.values, spent, side="right")]

    def before(self, spent: Floats) -> Integers:
        """The left limit `G(spent-)`."""
        return self.heights[np.searchsorted(self.values, spent, side="left")]

    @cached_property
    def relaxed_heights(self) -> Floats:
        """(n,) the paper's majorant `sum_n min(1, s / threshold_n)` at every distinct threshold."""
        return self.heights[1:] + self.values * self.relaxed_slopes[1:]

    @cached_property
    def relaxed_slopes(self) -> Floats:
        """(n + 1,) slope of that majorant just below `values[k]`; the last one is 0, beyond all thresholds."""
        steps = np.diff(self.heights) / self.values
        return np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])


@dataclass(frozen=True)
class Concave:
    """A nondecreasing concave piecewise linear function, given by its corners (ascending places, heights)."""

    places: Floats
    heights: Floats

    def __call__(self, spent: float) -> float:
        return float(np.interp(spent, self.places, self.heights))


def concave_envelope(step: StepFunction, lower: float, upper: float, open_end: bool = False) -> Concave:
    """Smallest concave function above `step` on `[lower, upper]` (on `[lower, upper)` with `open_end`).

    Only the left end and the upper corners of the steps can be corners of the envelope.
    """
    start = np.searchsorted(step.values, lower, side="right")
    stop = max(start, np.searchsorted(step.values, upper, side="left" if open_end else "right"))
    places = np.concatenate([[lower], step.values[start:stop], [upper]])
    heights = np.concatenate([step.heights[start : stop + 1], [step.heights[stop]]]).astype(np.float64)
    return Concave(*upper_hull(places, heights))


def upper_hull(places: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Corners of the upper concave hull of points with ascending places.

    Drops, all at once and repeatedly, every point on or below the chord of its two neighbours. A corner of the hull
    lies strictly above every chord, so none is lost; once nothing is dropped, slopes strictly fall: that is the hull.
    """
    while places.size > 2:
        runs, rises = np.diff(places), np.diff(heights)
        bent = rises[:-1] * runs[1:] > rises[1:] * runs[:-1]
        if bent.all():
            break
        keep = np.concatenate([[True], bent, [True]])
        places, heights = places[keep], heights[keep]
    return places, heights
