"""The plane of budgets behind the two sliders: computed once per certificate, then every move is a look-up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrscore.certificates import discounted
from lrscore.collective import CollectiveCertificate, certify_collectively
from lrscore.graph_certificate import GraphCertificate
from ui.graphs.counting import Count, candidates, targets

_MOST_STEPS = 20  # budgets of one kind beyond 0
_BOXES = 100  # of branch and bound, per budget: what is proven until then counts
_METHODS = ("naive", "paper", "envelope", "exact")

ADDITIONS, DELETIONS = 0, 1
Cut = int
"""The kind of change that varies along a cut: `ADDITIONS` or `DELETIONS`."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Certified counts over (additions, deletions).

    Args:
        additions: (A,) whole numbers from 0; deletions: (D,) the same.
        naive: (A, D) nodes certified by themselves.
        paper: (A, D) the published relaxation.
        envelope: (A, D) proven by the concave envelopes.
        exact: (A, D) proven by branch and bound, and never less than any of the above: the number on screen.
        ceiling: (A, D) no collective method can prove more with these thresholds.
        allocation: (A, D, 2, J) whole additions and deletions per cluster of the worst attack found.
        outputs: what the counts are a share of.
        discount: subtracted from every count (count-level correction).
    """

    additions: np.ndarray
    deletions: np.ndarray
    naive: np.ndarray
    paper: np.ndarray
    envelope: np.ndarray
    exact: np.ndarray
    ceiling: np.ndarray
    allocation: np.ndarray
    outputs: int
    discount: int

    def index(self, additions: float, deletions: float) -> tuple[int, int]:
        """Position of the smallest budgets on the grid that are at least the given ones (the last ones beyond it)."""
        return _position(self.additions, additions), _position(self.deletions, deletions)

    def axis(self, kind: Cut) -> np.ndarray:
        """The budgets of one kind."""
        return self.additions if kind == ADDITIONS else self.deletions

    def along(self, counts: np.ndarray, point: tuple[int, int], kind: Cut) -> np.ndarray:
        """The counts through a point, along one kind of change."""
        return counts[:, point[1]] if kind == ADDITIONS else counts[point[0]]


def budget_axis(largest: int) -> np.ndarray:
    """Whole budgets from 0 to `largest` or just beyond, evenly spaced, at most 21; at least (0, 1)."""
    step = math.ceil(max(largest, 1) / _MOST_STEPS)
    return np.arange(math.ceil(max(largest, 1) / step) + 1) * step


def compute_plane(certificate: GraphCertificate, count: Count) -> Plane:
    """All counts of a certificate, for every pair of budgets.

    All methods are deterministic consequences of the same simultaneous thresholds, so the largest of them holds with
    the same confidence.
    """
    additions, deletions = (budget_axis(largest) for largest in certificate.largest_budgets())
    shape = (additions.size, deletions.size)
    budgets = np.array([(a, d) for a in additions for d in deletions], dtype=np.float64)
    chosen = targets(certificate, count)
    results = {method: _collective(certificate, budgets, method, chosen) for method in _METHODS}
    discount = certificate.plan.discount
    alone = np.array([(certificate.certified_mask(int(a), int(d)) & chosen).sum() for a, d in budgets])
    proven = np.maximum(alone - discount, 0)
    rows = []
    for method in _METHODS:
        proven = np.maximum(proven, results[method].certified)
        rows.append(proven.reshape(shape))
    ceiling = np.minimum(results["exact"].ceiling, results["envelope"].ceiling)
    naive, paper, envelope, exact = rows
    return Plane(
        additions=additions,
        deletions=deletions,
        naive=naive,
        paper=paper,
        envelope=envelope,
        exact=exact,
        ceiling=np.maximum(ceiling.reshape(shape), exact),
        allocation=results["exact"].allocation.reshape(*shape, 2, -1),
        outputs=int(candidates(certificate, count).sum()),
        discount=discount,
    )


def telling_budget(plane: Plane) -> tuple[int, int]:
    """Where the sliders stand at first: no additions, and the most deletions that leave half of what holds at 0."""
    along = plane.exact[0]
    enough = np.flatnonzero(2 * along >= along[0])
    chosen = max(1, int(enough[-1])) if along[0] else 0
    return int(plane.additions[0]), int(plane.deletions[min(chosen, plane.deletions.size - 1)])


def _collective(
    certificate: GraphCertificate, budgets: np.ndarray, method: str, chosen: np.ndarray
) -> CollectiveCertificate:
    result = certify_collectively(
        certificate.weights,
        certificate.thresholds,
        certificate.groups,
        budgets,
        method=method,
        targets=chosen,
        integer=True,  # attributes are added and deleted one by one
        node_limit=_BOXES,
    )
    return discounted(result, certificate.plan.discount)


def _position(axis: np.ndarray, value: float) -> int:
    return min(int(np.searchsorted(axis, value)), axis.size - 1)
