"""The plane of budgets behind two sliders: computed once per certificate, then every move is a look-up.

A plane spreads out two kinds of budget, at first attributes added and deleted. Where edges are flipped there are four
kinds, and the other two are held at what the reader chose.

Attributes are added and deleted one by one, so all budgets are spent in whole units: that proves more than the
fractional relaxation, and the attacks found are ones that an adversary can carry out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lrscore.collective import Limits
from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.counting import Count, candidates, targets

_MOST_STEPS = 20  # budgets of one kind beyond 0
MOST_CHANGES = 10_000
"""Budgets of one kind beyond it are not looked at."""

ADDITIONS, DELETIONS = 0, 1
Cut = int
"""The kind of change that varies along a cut: `ADDITIONS` or `DELETIONS`."""

Point = tuple[int, int]
"""Position on a plane's axes, (additions, deletions)."""


@dataclass(frozen=True)
class PlaneView:
    """Which kinds of budget a plane spreads out.

    Args:
        kinds: columns of budgets: of the rows (upward), and of the columns (to the right).
        held: (K,) units that the other kinds are held at; empty: there are none, or none is spent.
    """

    kinds: tuple[int, int] = (0, 1)
    held: tuple[int, ...] = ()

    def units(self, pairs: np.ndarray, certificate: GraphCertificate) -> np.ndarray:
        """(M, K) budgets of all kinds for pairs (M, 2) on the plane."""
        count = len(certificate.budget_kinds)
        full = np.zeros((len(pairs), count))
        full[:] = self.held or 0
        full[:, list(self.kinds)] = pairs
        return full


ATTRIBUTES = PlaneView()


@dataclass(frozen=True, eq=False)
class Plane:
    """Certified counts over (additions, deletions), or any two kinds of budget in their place.

    Args:
        additions: (A,) whole numbers from 0, evenly spaced but for a chosen one among them; deletions: (D,) the same.
        naive: (A, D) nodes certified by themselves.
        proven: (A, D) certified together, by branch and bound: the number on screen.
        ceiling: (A, D) no collective method can prove more with these thresholds.
        allocation: (A, D, 2, J) whole additions and deletions per cluster of the worst attack found; where edges are
            flipped, (A, D, 4, R) per pair of clusters.
        outputs: what the counts are a share of.
        discount: subtracted from every count (count-level correction).
        view: what the two axes are.
    """

    additions: np.ndarray
    deletions: np.ndarray
    naive: np.ndarray
    proven: np.ndarray
    ceiling: np.ndarray
    allocation: np.ndarray
    outputs: int
    discount: int
    view: PlaneView = ATTRIBUTES

    def index(self, additions: float, deletions: float) -> Point:
        """Position of the smallest budgets on the grid that are at least the given ones (the last ones beyond it)."""
        return position(self.additions, additions), position(self.deletions, deletions)

    @property
    def goes_on(self) -> bool:
        """Whether something is certified at the end of an axis, so that more may be beyond."""
        return bool(self.proven[-1, 0] > 0 or self.proven[0, -1] > 0)

    def axis(self, kind: Cut) -> np.ndarray:
        """The budgets of one kind."""
        return self.additions if kind == ADDITIONS else self.deletions

    def budgets(self, point: Point) -> tuple[int, int]:
        """The (additions, deletions) at a position."""
        return int(self.additions[point[0]]), int(self.deletions[point[1]])

    def units(self, point: Point) -> tuple[int, ...]:
        """The budgets of all kinds at a position."""
        pair = self.budgets(point)
        if not self.view.held:
            return pair
        units = list(self.view.held)
        for kind, number in zip(self.view.kinds, pair, strict=True):
            units[kind] = number
        return tuple(units)

    def along(self, counts: np.ndarray, point: Point, kind: Cut) -> np.ndarray:
        """The counts through a point, along one kind of change."""
        return counts[:, point[1]] if kind == ADDITIONS else counts[point[0]]

    def budgets_along(self, point: Point, kind: Cut) -> np.ndarray:
        """(M, 2) pairs of budgets through a point, along one kind of change."""
        pairs = np.empty((self.axis(kind).size, 2))
        pairs[:] = self.budgets(point)
        pairs[:, kind] = self.axis(kind)
        return pairs


@dataclass(frozen=True, eq=False)
class Relaxations:
    """Counts (M,) that weaker collective methods prove at the same budgets: published program, concave envelopes."""

    paper: np.ndarray
    envelope: np.ndarray


def budget_axis(largest: int) -> np.ndarray:
    """Whole budgets from 0 to `largest` or just beyond, evenly spaced, at most 21; at least (0, 1)."""
    step = math.ceil(max(largest, 1) / _MOST_STEPS)
    return np.arange(math.ceil(max(largest, 1) / step) + 1) * step


def position(axis: np.ndarray, value: float) -> int:
    """Position of the smallest budget on an axis that is at least `value`, else the last one."""
    return min(int(np.searchsorted(axis, value)), axis.size - 1)


def compute_plane(
    certificate: GraphCertificate, count: Count, boxes: int, view: PlaneView = ATTRIBUTES
) -> Plane:
    """The counts for every pair of budgets.

    Nodes certified by themselves and nodes certified together follow from the same simultaneous thresholds, so the
    larger of both counts holds with the same confidence.

    Args:
        boxes: of branch and bound, per pair of budgets; what is proven until then counts.
    """
    axes = [budget_axis(largest) for largest in largest_budgets(certificate, view)]
    shape = (axes[0].size, axes[1].size)
    found = _count_pairs(certificate, count, boxes, _pairs(*axes), view)
    return Plane(
        additions=axes[0],
        deletions=axes[1],
        naive=found.naive.reshape(shape),
        proven=found.proven.reshape(shape),
        ceiling=found.ceiling.reshape(shape),
        allocation=found.allocation.reshape(*shape, *found.allocation.shape[1:]),
        outputs=int(candidates(certificate, count).sum()),
        discount=certificate.plan.discount,
        view=view,
    )


def with_budgets(
    plane: Plane, budgets: tuple[int, int], certificate: GraphCertificate, count: Count, boxes: int
) -> Plane:
    """The plane with a row and a column more where chosen (additions, deletions) are not on its axes."""
    axes = [np.union1d(plane.axis(kind), budgets[kind]) for kind in (ADDITIONS, DELETIONS)]
    if axes[0].size == plane.additions.size and axes[1].size == plane.deletions.size:
        return plane
    old = np.ix_(*(np.isin(axis, plane.axis(kind)) for kind, axis in enumerate(axes)))
    new = np.ones((axes[0].size, axes[1].size), dtype=bool)
    new[old] = False
    found = _count_pairs(certificate, count, boxes, _pairs(*axes)[new.ravel()], plane.view)

    def joined(before: np.ndarray, added: np.ndarray) -> np.ndarray:
        both = np.empty((*new.shape, *before.shape[2:]), dtype=before.dtype)
        both[old], both[new] = before, added
        return both

    return replace(
        plane,
        additions=axes[0],
        deletions=axes[1],
        naive=joined(plane.naive, found.naive),
        proven=joined(plane.proven, found.proven),
        ceiling=joined(plane.ceiling, found.ceiling),
        allocation=joined(plane.allocation, found.allocation),
    )


@dataclass(frozen=True, eq=False)
class _PairCounts:
    naive: np.ndarray
    proven: np.ndarray
    ceiling: np.ndarray
    allocation: np.ndarray


def _pairs(additions: np.ndarray, deletions: np.ndarray) -> np.ndarray:
    return np.array([(a, d) for a in additions for d in deletions], dtype=np.float64)


def _count_pairs(
    certificate: GraphCertificate, count: Count, boxes: int, pairs: np.ndarray, view: PlaneView
) -> _PairCounts:
    """Counts at pairs of budgets (M, 2) of a view."""
    chosen, budgets = targets(certificate, count), view.units(pairs, certificate)
    result = certificate.collective(budgets, "exact", chosen, limits=Limits(node_limit=boxes))
    alone = (certificate.certified_masks(budgets.astype(np.int64)) & chosen).sum(axis=1)
    naive = certificate.together(alone)
    proven = np.maximum(result.certified, naive)
    return _PairCounts(naive, proven, np.maximum(result.ceiling, proven), result.allocation)


def proven_at(certificate: GraphCertificate, count: Count, boxes: int, budgets: tuple[int, ...]) -> int:
    """What is proven at budgets (additions, deletions), or of all four kinds, as a plane counts it."""
    view = PlaneView(held=budgets) if len(budgets) > 2 else ATTRIBUTES
    found = _count_pairs(certificate, count, boxes, np.array([budgets[:2]], dtype=np.float64), view)
    return int(found.proven[0])


def largest_budgets(certificate: GraphCertificate, view: PlaneView = ATTRIBUTES) -> tuple[int, int]:
    """Of a view's two kinds of budget alone, from which on hardly anything is certified, however the scores fall.

    They are of the exact method, which the plane shows, after a short search: see `Plane.goes_on`. They follow from
    clusters, noise, samples and confidence, so that they stay what they are while a run goes on.
    """
    settings = certificate.settings
    pilot, counts = np.zeros_like(certificate.pilot), np.zeros_like(certificate.counts)
    pilot[..., -1], counts[..., -1] = settings.pilot_samples, settings.samples
    scores = np.zeros_like(certificate.pilot_scores)
    scores[:, 0] = 1
    unanimous = replace(
        certificate,
        pilot=pilot,
        counts=counts,
        pilot_scores=scores,
        labels=np.zeros_like(certificate.labels),
        trials=np.full_like(certificate.trials, settings.samples),
        curves=(),
    )
    rows, columns = (unanimous.largest_budget(kind, "exact") for kind in view.kinds)
    return rows, columns


def compute_relaxations(
    certificate: GraphCertificate, count: Count, pairs: np.ndarray, view: PlaneView = ATTRIBUTES
) -> Relaxations:
    """What the weaker methods prove at pairs of budgets (M, 2) of a view."""
    chosen, budgets = targets(certificate, count), view.units(pairs, certificate)
    paper, envelope = (
        certificate.collective(budgets, method, chosen).certified for method in ("paper", "envelope")
    )
    return Relaxations(paper, np.maximum(paper, envelope))


def telling_point(plane: Plane) -> Point:
    """Where the sliders stand at first: both budgets as far out as half of what holds without an attack allows."""
    best, chosen = (-1.0, -1.0), (0, 0)
    for row, column in np.argwhere(2 * plane.proven >= plane.proven[0, 0]):
        shares = row / (plane.additions.size - 1), column / (plane.deletions.size - 1)
        if (min(shares), max(shares)) > best:
            best, chosen = (min(shares), max(shares)), (int(row), int(column))
    return chosen
