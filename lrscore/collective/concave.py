"""Concave piecewise linear gains, one per group, and the smallest ones above step functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.collective.reach import Reach
from lrscore.collective.steps import Booleans, Floats, Integers, Steps


@dataclass(frozen=True)
class Gains:
    """I nondecreasing concave functions by their corners: those of group 0 with ascending places, then of 1, ...

    places, heights: (P,); owners: (P,) group of each corner; starts: (I + 1,) where the corners of each group begin.
    Every group has at least its two ends.
    """

    places: Floats
    heights: Floats
    owners: Integers
    starts: Integers

    def __call__(self, spent: Floats) -> Floats:
        """(I,) gains at `spent` (I,), constant beyond the ends."""
        passed = np.add.reduceat(self.places <= spent[self.owners], self.starts[:-1])
        left = self.starts[:-1] + np.clip(passed - 1, 0, np.diff(self.starts) - 2)
        run, rise = self.places[left + 1] - self.places[left], self.heights[left + 1] - self.heights[left]
        share = np.divide(spent - self.places[left], run, out=np.zeros(run.size), where=run > 0)
        return self.heights[left] + rise * np.clip(share, 0.0, 1.0)


def envelopes(steps: Steps, reached: Reach, budget: int = 0) -> Gains:
    """Smallest concave functions above the steps on one budget's intervals.

    Only the left end and the upper corners of the steps can be corners of an envelope; beyond the last it is flat.
    """
    start, stop = reached.start[budget], reached.stop[budget]  # (I,) ranks
    sizes = stop - start + 2
    starts = np.append(0, np.cumsum(sizes))
    owners = np.repeat(np.arange(steps.n_groups), sizes)
    ranks = np.arange(starts[-1]) - (starts[:-1] - start)[owners]  # start, start + 1, ..., stop, stop + 1
    ends = np.zeros(owners.size, dtype=np.bool_)
    ends[starts[:-1]] = ends[starts[1:] - 1] = True
    heights = steps.heights[steps.bases[owners] + np.minimum(ranks, stop[owners])].astype(np.float64)
    places = np.empty(owners.size)
    places[~ends] = steps.values[(steps.offsets[owners] + ranks - 1)[~ends]]
    places[starts[:-1]], places[starts[1:] - 1] = reached.lower[budget], reached.upper[budget]
    keep = upper_hulls(places, heights, ends)
    kept = np.append(0, np.cumsum(np.bincount(owners[keep], minlength=steps.n_groups)))
    return Gains(places[keep], heights[keep], owners[keep], kept)


def upper_hulls(places: Floats, heights: Floats, ends: Booleans) -> Integers:
    """Positions of the corners of the upper concave hulls of runs of points; `ends` marks both ends of every run.

    Drops, all at once and again and again, every point on or below the chord of its two neighbours. A corner of a hull
    lies strictly above every chord, so none is lost; when nothing is left to drop, slopes strictly fall.
    """
    kept = np.arange(places.size)
    while True:
        runs, rises = np.diff(places[kept]), np.diff(heights[kept])
        corner = ends[kept]
        corner[1:-1] |= rises[:-1] * runs[1:] > rises[1:] * runs[:-1]
        if corner.all():
            return kept
        kept = kept[corner]
