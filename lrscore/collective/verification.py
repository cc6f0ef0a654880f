"""`verify`: re-check a certificate in rational arithmetic, sharing no code with the solver.

Inputs are first rounded outward by one unit in the last place (thresholds down, weights up), which covers their own
rounding. From then on floats only sort and preselect; whatever enters a sum is an exact fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrscore.collective.certificate import METHODS, CollectiveCertificate, Status
from lrscore.errors import CertificateError

Floats = NDArray[np.float64]
FILTER = 2.0**-44  # far above the rounding of a product and a difference, in units of what was subtracted


def verify(
    certificate: CollectiveCertificate,
    weights: ArrayLike | Sequence[ArrayLike],
    thresholds: ArrayLike,
    groups: ArrayLike,
) -> None:
    """Raise CertificateError unless every claim follows from the proof.

    Checked exactly: that the dual vectors prove `certified` at every budget (or at a larger budget, which is
    enough), and that `allocation` is admissible and leaves exactly `ceiling` outputs standing.

    certificate: from `certify_collectively` or a file; weights, thresholds, groups: as given there. The caps and the
    restriction to integer budgets are part of the claim and are read from `certificate.proof`.
    """
    claim = Claim(certificate, weights, thresholds, groups)
    proven = np.array([claim.proven(budget) for budget in range(len(claim.budgets))], dtype=np.int64)
    for budget, count in enumerate(claim.certified):
        larger = (claim.budgets >= claim.budgets[budget]).all(axis=1)
        if count > proven[larger].max():
            raise CertificateError(
                f"certified[{budget}] must be at most {proven[larger].max()}, which is what the proof shows; got {count}"
            )
    for budget, count in enumerate(claim.ceiling):
        standing = claim.n_targets - claim.attacked(budget)
        if count != standing:
            raise CertificateError(
                f"ceiling[{budget}] must be {standing}, what the allocation leaves; got {count}"
            )
        if certificate.status[budget] == Status.OPTIMAL and claim.certified[budget] != count:
            raise CertificateError(f"status[{budget}] says optimal, but certified and ceiling differ")


class Claim:
    """A certificate beside its inputs, shapes checked, inputs rounded outward."""

    def __init__(
        self, certificate: CollectiveCertificate, weights: Any, thresholds: Any, groups: Any
    ) -> None:
        self.certificate, self.proof = certificate, certificate.proof
        matrices = np.asarray(weights, dtype=np.float64)
        self.single = matrices.ndim == 2
        self.weights = matrices[None] if self.single else matrices  # (K, I, J) as given
        levels, members = np.asarray(thresholds, dtype=np.float64), np.asarray(groups)
        self._check_inputs(levels, members)
        self._check_shapes()
        self.rounded = np.where(self.weights > 0, np.nextafter(self.weights, np.inf), 0.0)
        counted = levels > 0
        self.raw_levels = [np.sort(levels[counted & (members == i)]) for i in range(self.n_groups)]
        self.levels = [np.where(np.isinf(row), row, np.nextafter(row, -np.inf)) for row in self.raw_levels]
        self.n_targets = int(counted.sum())

    @property
    def n_groups(self) -> int:
        return int(self.weights.shape[1])

    def _check_inputs(self, levels: Floats, members: NDArray[Any]) -> None:
        good = self.weights.ndim == 3 and levels.ndim == 1 and members.shape == levels.shape
        require(good, "weights, thresholds and groups must have shapes (I, J) or (K, I, J), (N,) and (N,)")
        require(bool((self.weights >= 0).all()), "weights must be nonnegative numbers")
        require(not np.isnan(levels).any(), "thresholds must not be NaN")
        good = members.size == 0 or (0 <= members.min() and members.max() < self.n_groups)
        require(good, f"groups must lie in [0, {self.n_groups})")
        require(self.certificate.n_outputs == levels.size, "n_outputs must be the number of thresholds")
        require(self.certificate.method in METHODS, f"method must be one of {', '.join(METHODS)}")

    def _check_shapes(self) -> None:
        given, proof = self.certificate, self.proof
        n_kinds, n_groups, n_regions = self.weights.shape
        self.budgets = np.asarray(given.budgets, dtype=np.float64)
        n_budgets = len(self.budgets) if self.budgets.ndim else -1
        require(
            self.budgets.shape == ((n_budgets,) if self.single else (n_budgets, n_kinds)),
            "budgets: wrong shape",
        )
        self.budgets = self.budgets.reshape(n_budgets, n_kinds)
        self.allocation = np.asarray(given.allocation, dtype=np.float64)
        expected = (n_budgets, n_regions) if self.single else (n_budgets, n_kinds, n_regions)
        require(self.allocation.shape == expected, f"allocation must have shape {expected}")
        self.allocation = self.allocation.reshape(n_budgets, n_kinds, n_regions)
        self.caps = np.asarray(proof.caps, dtype=np.float64)
        require(self.caps.shape == (n_kinds, n_regions), f"caps must have shape {(n_kinds, n_regions)}")
        self.certified, self.ceiling = np.asarray(given.certified), np.asarray(given.ceiling)
        for name, counts in (("certified", self.certified), ("ceiling", self.ceiling)):
            good = counts.shape == (n_budgets,) and np.issubdtype(counts.dtype, np.integer)
            require(good and bool((counts >= 0).all()), f"{name} must be {n_budgets} integers of at least 0")
        require(len(given.status) == n_budgets, f"status must have {n_budgets} entries")
        require(proof.roots.shape == proof.enumerated.shape == (n_budgets,), "roots, enumerated: wrong shape")
        n_nodes = len(proof.split_groups)
        require(proof.children.shape == (n_nodes, 2), "children: wrong shape")
        good = (
            proof.split_groups.shape == proof.split_values.shape == proof.leaf_multipliers.shape == (n_nodes,)
        )
        require(good, "split_groups, split_values, leaf_multipliers: wrong shape")
        require(
            proof.multipliers.ndim == 2 and proof.multipliers.shape[1] == n_groups, "multipliers: wrong shape"
        )
        require(bool(np.isfinite(proof.multipliers).all()), "multipliers must be finite")
        require(
            bool((np.isfinite(self.budgets) & (self.budgets >= 0)).all()),
            "budgets must be finite, at least 0",
        )
        require(bool((self.caps >= 0).all()), "caps must be nonnegative numbers")

    def attacked(self, budget: int) -> int:
        """Outputs the stored allocation takes down, on the inputs as given."""
        return count_attacked(self, budget)

    def proven(self, budget: int) -> int:
        """Outputs that the proof shows to stand at one budget."""
        return proven_standing(self, budget)


def require(condition: bool, message: str) -> None:
    if not condition:
        raise CertificateError(message)


def count_attacked(claim: Claim, budget: int) -> int:
    """Exactly the outputs that one stored allocation takes down; the allocation must be admissible."""
    shares = claim.allocation[budget]  # (K, J)
    good = bool((np.isfinite(shares) & (shares >= 0) & (shares <= claim.caps)).all())
    require(good, f"allocation[{budget}] must be nonnegative and within the caps")
    for row, limit in zip(shares, claim.budgets[budget], strict=True):
        total = sum(map(Fraction, row.tolist()), Fraction(0))
        require(total <= Fraction(float(limit)), f"allocation[{budget}] must stay within the budget {limit}")
    hits = 0
    for group, levels in enumerate(claim.raw_levels):
        used = shares > 0
        weights, spent = claim.weights[:, group][used], shares[used]
        if np.isinf(weights).any():
            hits += levels.size
            continue
        total = sum(
            (Fraction(w) * Fraction(b) for w, b in zip(weights.tolist(), spent.tolist(), strict=True)),
            Fraction(0),
        )
        hits += int(np.searchsorted(levels, float_below(total), side="right"))
    return hits


def float_below(number: Fraction) -> float:
    """Largest float that is at most `number`: a float threshold is at most one exactly if it is at most the other."""
    place = float(number)
    return place if Fraction(place) <= number else float(np.nextafter(place, -np.inf))


def proven_standing(claim: Claim, budget: int) -> int:
    """The larger of what the tree of boxes proves at one budget and what no proof is needed for (the naive count)."""
    spent = [Fraction(float(limit)) for limit in claim.budgets[budget]]
    box = Box.root(claim, spent)
    naive = sum(
        step_maximum(levels, Fraction(0), side) for levels, side in zip(claim.levels, box.sides, strict=True)
    )
    return claim.n_targets - int(min(naive, tree_bound(claim, budget, box)))


class Box:
    """Exact reachable intervals `(lower, upper, upper is open)` of every group, None for a group that is lost."""

    def __init__(self, spent: list[Fraction], sides: list[tuple[Fraction, Fraction, bool] | None]) -> None:
        self.spent, self.sides = spent, sides

    @classmethod
    def root(cls, claim: Claim, budgets: list[Fraction]) -> Box:
        spent = [min(b, finite_total(caps, b)) for b, caps in zip(budgets, claim.caps, strict=True)]
        sides: list[tuple[Fraction, Fraction, bool] | None] = []
        for group in range(claim.n_groups):
            rows = claim.rounded[:, group]
            usable = (claim.caps > 0) & np.array([total > 0 for total in spent])[:, None]
            if (np.isinf(rows) & usable).any():
                sides.append(None)
                continue
            finite = [[Fraction(w) for w in row] for row in np.where(np.isinf(rows), 0.0, rows).tolist()]
            ends = [
                sum(
                    (
                        knapsack(row, total, caps, best)
                        for row, total, caps in zip(finite, spent, claim.caps, strict=True)
                    ),
                    Fraction(0),
                )
                for best in (False, True)
            ]
            sides.append((ends[0], ends[1], False))
        return cls(spent, sides)


def finite_total(caps: Floats, budget: Fraction) -> Fraction:
    """What the caps of one kind allow in total, or the budget if they allow more."""
    if np.isinf(caps).any():
        return budget
    return sum(map(Fraction, caps.tolist()), Fraction(0))


def knapsack(gains: list[Fraction], total: Fraction, caps: Floats, best: bool) -> Fraction:
    """Largest (or least) `sum gains * b` with `sum b = total`, `0 <= b <= caps`: greedy is exact."""
    left, value = total, Fraction(0)
    for gain, cap in sorted(zip(gains, caps.tolist(), strict=True), key=lambda pair: pair[0], reverse=best):
        share = left if np.isinf(cap) else min(left, Fraction(cap))
        value += gain * share
        left -= share
        if left == 0:
            break
    return value


def tree_bound(claim: Claim, budget: int, root: Box) -> Fraction:
    """Upper bound on the attack: the largest over the leaves, whose boxes cover the root by construction."""
    proof = claim.proof
    stack, seen, worst = [(int(proof.roots[budget]), root.sides, -1)], set(), Fraction(0)
    while stack:
        node, sides, parent = stack.pop()
        require(parent < node < len(proof.split_groups) and node not in seen, f"node {node} breaks the tree")
        seen.add(node)
        group = int(proof.split_groups[node])
        if group < 0:
            which = int(proof.leaf_multipliers[node])
            require(0 <= which < len(proof.multipliers), f"node {node} names no multipliers")
            worst = max(worst, leaf_bound(claim, proof.multipliers[which], root.spent, sides))
            continue
        require(
            group < claim.n_groups and bool(np.isfinite(proof.split_values[node])),
            f"node {node} splits nothing",
        )
        below, above = split_sides(sides, group, Fraction(float(proof.split_values[node])))
        for child, half in zip(proof.children[node], (below, above), strict=True):
            if half is not None:
                stack.append((int(child), half, node))
    return worst


def split_sides(sides: list, group: int, value: Fraction) -> tuple[list | None, list | None]:
    """The two halves of a box, None for an empty one."""
    require(sides[group] is not None, f"group {group} is lost and cannot be split")
    lower, upper, opened = sides[group]
    below: list | None = None
    above: list | None = None
    if value > lower:
        below = list(sides)
        below[group] = (lower, value, True) if value <= upper else (lower, upper, opened)
    if value < upper or (value == upper and not opened):
        above = list(sides)
        above[group] = (max(value, lower), upper, opened)
    return below, above


def leaf_bound(claim: Claim, multipliers: Floats, spent: list[Fraction], sides: list) -> Fraction:
    """`sum_i max (G_i(s) - y_i s) + max (y W) b`: no admissible attack within the box takes down more."""
    slopes = [
        Fraction(0) if side is None else Fraction(y)
        for y, side in zip(multipliers.tolist(), sides, strict=True)
    ]
    value = Fraction(0)
    for levels, slope, side in zip(claim.levels, slopes, sides, strict=True):
        value += step_maximum(levels, slope, side)
    for kind, total in enumerate(spent):
        rows = claim.rounded[kind]
        value += linear_maximum(np.where(np.isinf(rows), 0.0, rows), slopes, total, claim.caps[kind])
    return value


def step_maximum(levels: Floats, slope: Fraction, side: tuple[Fraction, Fraction, bool] | None) -> Fraction:
    """`max G(s) - slope * s` on an interval: at its ends or at a threshold inside."""
    if side is None:
        return Fraction(levels.size)
    lower, upper, opened = side
    start = int(np.searchsorted(levels, float_below(lower), side="right"))
    end = float_below(upper)
    left = opened and Fraction(end) == upper
    stop = max(start, int(np.searchsorted(levels, end, side="left" if left else "right")))
    if slope == 0:
        return Fraction(stop)
    best = max(start - slope * lower, stop - slope * upper)
    if stop > start:
        inner = levels[start:stop]
        rough = np.arange(start + 1, stop + 1) - float(slope) * inner
        near = rough >= rough.max() - FILTER * (stop + abs(float(slope)) * inner[-1])
        for place in np.flatnonzero(near).tolist():
            best = max(best, start + place + 1 - slope * Fraction(float(inner[place])))
    return best


def linear_maximum(rows: Floats, slopes: list[Fraction], total: Fraction, caps: Floats) -> Fraction:
    """Largest `sum_j (sum_i y_i W_ij) b_j` over one kind's allocations; rows: (I, J)."""
    if total == 0 or not any(slopes):
        return Fraction(0)
    regions = np.arange(rows.shape[1])
    if np.isinf(caps).all():
        rough = np.array([float(slope) for slope in slopes])
        gains = rough @ rows
        regions = np.flatnonzero(gains >= gains.max() - FILTER * len(rows) * (np.abs(rough) @ rows).max())
    active = [(slope, row) for slope, row in zip(slopes, rows, strict=True) if slope]
    exact = [
        sum((slope * Fraction(float(row[j])) for slope, row in active), Fraction(0)) for j in regions.tolist()
    ]
    return knapsack(exact, total, caps[regions], True)
