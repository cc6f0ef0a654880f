"""What a certificate claims, beside its inputs: shapes checked, inputs rounded outward. Used by `verify` only."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrscore.collective.certificate import LISTABLE, METHODS, SMALLEST, CollectiveCertificate
from lrscore.collective.verify_floors import Floors
from lrscore.collective.verify_tables import Tables
from lrscore.errors import CertificateError

Floats = NDArray[np.float64]
ROUNDING = 2.0**-50  # per summand: generous for one product and one sum each


def require(condition: bool | np.bool_, message: str) -> None:
    """Raise CertificateError with the message unless the condition holds."""
    if not condition:
        raise CertificateError(message)


class Claim:
    """Checked arrays: budgets (M, K), caps (K, J), allocation (M, K, J), weights as given and rounded up (K, I, J).

    infinite: (K, I, J) where weights are; extremes: per group (K,) least and (K,) largest finite weights.
    raw_levels: I sorted arrays of counted thresholds as given; levels: the same rounded down and, where only whole
    units are spent, raised to what those can reach.
    """

    def __init__(
        self, certificate: CollectiveCertificate, weights: Any, thresholds: Any, groups: Any, targets: Any
    ) -> None:
        self.proof, self.method, self.status = certificate.proof, certificate.method, certificate.status
        given = np.asarray(weights, dtype=np.float64)
        self.single = given.ndim == 2
        self.weights = given[None] if self.single else given
        thresholds, members = np.asarray(thresholds, dtype=np.float64), np.asarray(groups)
        self._check_inputs(thresholds, members)
        require(certificate.n_outputs == thresholds.size, "n_outputs must be the number of thresholds")
        self._take_claims(certificate)
        self._check_proof()
        counted = thresholds >= SMALLEST
        if targets is not None:
            mask = np.asarray(targets)
            good = mask.shape == thresholds.shape and mask.dtype == np.bool_
            require(good, "targets must be one boolean per threshold")
            counted &= mask
        self.rounded = np.where(self.weights > 0, np.nextafter(self.weights, np.inf), 0.0)
        order = np.lexsort((thresholds[counted], members[counted]))
        ends = np.searchsorted(members[counted][order], np.arange(1, self.n_groups))
        self.raw_levels = np.split(thresholds[counted][order], ends)
        self.levels = [np.where(np.isinf(row), row, np.nextafter(row, 0.0)) for row in self.raw_levels]
        if self.proof.integer:
            self.levels = [self._raised(group) for group in range(self.n_groups)]
        self.tables = Tables(self.levels, self.rounded, self.proof.multipliers)
        self.floors = Floors(self.rounded)
        self.n_targets = int(counted.sum())
        finite = np.where(np.isinf(self.rounded), 0.0, self.rounded)
        self.infinite = np.isinf(self.rounded)
        self.extremes = [
            (tuple(least), tuple(largest))
            for least, largest in zip(
                finite.min(axis=2).T.tolist(), finite.max(axis=2).T.tolist(), strict=True
            )
        ]

    @property
    def n_groups(self) -> int:
        return int(self.weights.shape[1])

    def _check_inputs(self, thresholds: Floats, members: NDArray[Any]) -> None:
        good = self.weights.ndim == 3 and thresholds.ndim == 1 and members.shape == thresholds.shape
        require(good, "weights, thresholds and groups must have shapes (I, J) or (K, I, J), (N,) and (N,)")
        require((self.weights >= 0).all(), "weights must be nonnegative numbers")
        require(not np.isnan(thresholds).any(), "thresholds must not be NaN")
        if members.size:
            require(np.issubdtype(members.dtype, np.integer), "groups must be integers")
            require(
                members.min() >= 0 and members.max() < self.n_groups,
                f"groups must lie in [0, {self.n_groups})",
            )

    def _take_claims(self, certificate: CollectiveCertificate) -> None:
        n_kinds, _, n_regions = self.weights.shape
        budgets, allocation = np.asarray(certificate.budgets), np.asarray(certificate.allocation)
        n_budgets = len(budgets) if budgets.ndim else -1
        expected: tuple[int, ...] = (n_budgets,) if self.single else (n_budgets, n_kinds)
        require(budgets.shape == expected, f"budgets must have shape {expected}; got {budgets.shape}")
        require((np.isfinite(budgets) & (budgets >= 0)).all(), "budgets must be finite and at least 0")
        expected = (n_budgets, n_regions) if self.single else (n_budgets, n_kinds, n_regions)
        require(
            allocation.shape == expected, f"allocation must have shape {expected}; got {allocation.shape}"
        )
        self.budgets = budgets.astype(np.float64).reshape(n_budgets, n_kinds)
        self.allocation = allocation.astype(np.float64).reshape(n_budgets, n_kinds, n_regions)
        self.certified, self.ceiling = np.asarray(certificate.certified), np.asarray(certificate.ceiling)
        for name, counts in (("certified", self.certified), ("ceiling", self.ceiling)):
            good = counts.shape == (n_budgets,) and np.issubdtype(counts.dtype, np.integer)
            require(good and (counts >= 0).all(), f"{name} must be {n_budgets} integers of at least 0")
        require(len(self.status) == n_budgets, f"status must have {n_budgets} entries")
        require(self.method in METHODS, f"method must be one of {', '.join(METHODS)}")

    def _check_proof(self) -> None:
        proof, n_budgets, n_nodes = self.proof, len(self.budgets), len(self.proof.split_groups)
        own = proof.shares is None and proof.orders is None
        require(own, "proof: shares and orders belong to graphs, where other checks read them")
        shapes = {
            "multipliers": (len(proof.multipliers), self.n_groups),
            "roots": (n_budgets,),
            "split_groups": (n_nodes,),
            "split_values": (n_nodes,),
            "children": (n_nodes, 2),
            "leaf_multipliers": (n_nodes,),
            "enumerated": (n_budgets,),
            "caps": (self.weights.shape[0], self.weights.shape[2]),
        }
        for name, shape in shapes.items():
            require(getattr(proof, name).shape == shape, f"proof: {name} must have shape {shape}")
        for name in ("roots", "split_groups", "children", "leaf_multipliers"):
            require(np.issubdtype(getattr(proof, name).dtype, np.integer), f"proof: {name} must be integers")
        require(np.isfinite(proof.multipliers).all(), "proof: multipliers must be finite")
        require((proof.caps >= 0).all(), "proof: caps must be nonnegative numbers")

    def _raised(self, group: int) -> Floats:
        """Thresholds of one group raised to the next sum of whole units of weights, less a margin for rounding."""
        sums, size = np.zeros(1), 1
        for rows, units in zip(self.rounded, np.floor(self.budgets.max(axis=0, initial=0.0)), strict=True):
            distinct = np.unique(np.where(np.isinf(rows[group]), 0.0, rows[group]))
            size *= math.comb(int(units) + distinct.size, distinct.size)
            if size > LISTABLE:
                return self.levels[group]
            sums = np.add.outer(sums, whole_sums(distinct.tolist(), int(units))).ravel()
        margin = ROUNDING * self.weights.shape[0] * (self.weights.shape[2] + 1)
        sums = np.append(np.sort(sums), np.inf)
        found = sums[np.searchsorted(sums * (1 + margin), self.levels[group], side="left")]
        return np.maximum(self.levels[group], found * (1 - margin))


def whole_sums(weights: list[float], units: int) -> Floats:
    """All `sum_d n_d * weights[d]` with whole `n_d >= 0` and `sum n_d <= units`."""
    if not weights:
        return np.zeros(1)
    return np.concatenate(
        [count * weights[0] + whole_sums(weights[1:], units - count) for count in range(units + 1)]
    )
