"""The certificate, its proof, and both as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrscore.collective.steps import Floats, Integers
from lrscore.errors import CertificateError

METHODS = ("naive", "paper", "envelope", "exact")
SMALLEST = 1e-290  # positive thresholds below it abstain: their reciprocals leave the range of doubles
LISTABLE = 20_000  # as many allocations, or reachable weighted budgets of a group, are listed for whole units
COMBINABLE = 2**22  # steps that combining the lists of separate parts may take: parts x (ways to spend)**2


class Status(StrEnum):
    """Why a certified count is not larger."""

    # Certified equals the ceiling: no method can prove more with these thresholds
    OPTIMAL = "optimal"
    # The method's relaxation is solved; the gap to the ceiling is its looseness
    RELAXED = "relaxed"
    # Branch and bound ran out of time; the count is what its open boxes still prove
    TIME_LIMIT = "time limit"
    # The same for the number of boxes
    NODE_LIMIT = "node limit"
    # Branch and bound finished; what is left is outward rounding of the inputs, or fractions of units: with whole units
    # that are too many to list, the boxes are bounded with fractional allocations
    ROUNDING = "rounding"


@dataclass(frozen=True)
class Proof:
    """What `verify` needs beside the inputs: dual vectors, and trees of boxes that use them.

    A node is a leaf (`split_groups` -1), proven by `multipliers[leaf_multipliers]`, or splits its box in two: weighted
    budget of `split_groups` below `split_values` (first child), and at or above it (second child). The two children
    cover the box by construction. Methods without branching have one leaf per budget.

    multipliers: (P, I) float dual vectors; roots: (M,) int, the node that opens the proof of each budget;
    split_groups, leaf_multipliers: (Q,) int; split_values: (Q,) float; children: (Q, 2) int, larger than their parent;
    enumerated: (M,) bool, proven by listing all integer allocations (of every separate part) instead; caps: (K, J)
    float, infinite where there is none; integer: whether only whole units are spent. The last two belong to the claim,
    not only to its proof.

    What a kind of certificate proves by means of its own, and checks itself, is None elsewhere: shares (M,) bool,
    budgets proven from exact vote shares; orders (M,) int, whose thresholds the other budgets' proofs refer to, -1 for
    the stored ones.
    """

    multipliers: Floats
    roots: Integers
    split_groups: Integers
    split_values: Floats
    children: Integers
    leaf_multipliers: Integers
    enumerated: NDArray[np.bool_]
    caps: Floats
    integer: bool
    shares: NDArray[np.bool_] | None = None
    orders: Integers | None = None

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The fields as plain numeric arrays, those that are None left out."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: np.asarray(value) for name, value in values.items() if value is not None}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Proof:
        """Inverse of `to_arrays`. Shapes are left to `verify`; a missing array raises CertificateError."""
        return cls(
            multipliers=_array(arrays, "multipliers").astype(np.float64),
            roots=_array(arrays, "roots").astype(np.int64),
            split_groups=_array(arrays, "split_groups").astype(np.int64),
            split_values=_array(arrays, "split_values").astype(np.float64),
            children=_array(arrays, "children").astype(np.int64),
            leaf_multipliers=_array(arrays, "leaf_multipliers").astype(np.int64),
            enumerated=_array(arrays, "enumerated").astype(np.bool_),
            caps=_array(arrays, "caps").astype(np.float64),
            integer=bool(_array(arrays, "integer").any()),
            shares=_array(arrays, "shares").astype(np.bool_) if "shares" in arrays else None,
            orders=_array(arrays, "orders").astype(np.int64) if "orders" in arrays else None,
        )


@dataclass(frozen=True)
class CollectiveCertificate:
    """How many outputs keep their label for every admissible perturbation, and why.

    Guarantee: given thresholds that hold, for every perturbation with weighted budgets as in `certify_collectively`
    and within `budgets[m]`, at least `certified[m]` of the outputs keep their label. If the thresholds hold
    simultaneously with probability `1 - alpha`, so does this, for all budgets at once.

    budgets: (M,), or (M, K) for K budget kinds; certified: (M,) int, proven; ceiling: (M,) int, no method can prove
    more with these thresholds, because `allocation` (M, J) or (M, K, J) takes down all other outputs; proof: for
    `verify`; method: as asked; n_outputs: N, abstaining ones included; status: M times why `certified` is not larger.
    """

    budgets: Floats
    certified: Integers
    ceiling: Integers
    allocation: Floats
    proof: Proof
    method: str
    n_outputs: int
    status: tuple[Status, ...]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain numeric arrays: `budgets`, `certified`, `ceiling`, `allocation` as above, `method` and `status` (M,) as
        positions in `METHODS` and `Status`, `n_outputs` scalar, and every field of the proof as `proof_<name>`."""
        own = {
            name: np.asarray(getattr(self, name))
            for name in ("budgets", "certified", "ceiling", "allocation")
        }
        own["method"] = np.asarray(METHODS.index(self.method))
        own["n_outputs"] = np.asarray(self.n_outputs)
        own["status"] = np.array([list(Status).index(status) for status in self.status], dtype=np.int64)
        return own | {f"proof_{name}": value for name, value in self.proof.to_arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> CollectiveCertificate:
        """Inverse of `to_arrays`; raises CertificateError where an array is missing or a code unknown."""
        proof = {
            name.removeprefix("proof_"): value for name, value in arrays.items() if name.startswith("proof_")
        }
        method, status = int(_array(arrays, "method")), _array(arrays, "status").ravel()
        if not (0 <= method < len(METHODS) and np.isin(status, range(len(Status))).all()):
            raise CertificateError(
                "method and status must be positions in METHODS and Status; got an unknown one"
            )
        return cls(
            budgets=_array(arrays, "budgets").astype(np.float64),
            certified=_array(arrays, "certified").astype(np.int64),
            ceiling=_array(arrays, "ceiling").astype(np.int64),
            allocation=_array(arrays, "allocation").astype(np.float64),
            proof=Proof.from_arrays(proof),
            method=METHODS[method],
            n_outputs=int(_array(arrays, "n_outputs")),
            status=tuple(list(Status)[int(code)] for code in status),
        )


def _array(arrays: Mapping[str, Any], name: str) -> NDArray[Any]:
    if name not in arrays:
        raise CertificateError(f"the stored certificate must have an array {name!r}; it is missing")
    return np.asarray(arrays[name])
