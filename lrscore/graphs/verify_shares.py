"""Exact counts of graphs checked again, without the search that found them and without a solver.

The claim itself prunes: `most_fallen` goes through whole allocations cluster by cluster and leaves out whatever is
bounded by the attack that the claim allows. A claim that is too high is refuted by an allocation or not proven; there
is no table and no listing in the file that could be forged or shortened.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from lrscore.collective.verify_work import spend
from lrscore.errors import CertificateError
from lrscore.graphs.rational_shares import (
    Bit,
    added,
    collected,
    deleted,
    most_telling,
    needed_at_least,
    needed_at_most,
    whole,
)

STEPS = 300_000
"""Partial allocations that are gone through for one budget of a file, whoever wrote it."""

Units = tuple[int, int]


class ShareClaim:
    """Groups of nodes under flips, as the adversary of whole attributes faces them.

    Args:
        levels: (2, J, J) flip probabilities to one and to zero, of every group (rows) in every cluster.
        shares: (n,) lower bounds on vote shares.
        clusters: (n,) group of every node.
        counted: (n,) bool.

    Raises:
        CertificateError: levels that no sampler draws, or nodes of no group.
    """

    def __init__(
        self, levels: np.ndarray, shares: np.ndarray, clusters: np.ndarray, counted: np.ndarray
    ) -> None:
        if levels.ndim != 3 or levels.shape[0] != 2 or levels.shape[1] != levels.shape[2]:
            raise CertificateError(f"flip probabilities must have shape (2, J, J), got {levels.shape}")
        self.size = levels.shape[1]
        if not ((clusters >= 0) & (clusters < self.size)).all():
            raise CertificateError("a node belongs to no cluster")
        counted = counted & (shares > 0.5)
        self.total = int(counted.sum())
        self.shares = [sorted(shares[counted & (clusters == group)].tolist()) for group in range(self.size)]
        flips = [[[whole(level) for level in row] for row in kind] for kind in levels.tolist()]
        pairs = [list(zip(*rows, strict=True)) for rows in zip(*flips, strict=True)]  # [group][cluster]
        self.bits: list[list[tuple[Bit | None, Bit | None]]] = [
            [(added(*pair), deleted(*pair)) for pair in row] for row in pairs
        ]
        self.order = sorted(range(self.size), key=lambda cluster: -len(self.shares[cluster]))

    def fallen(self, group: int, bits: list[tuple[Bit | None, int]]) -> int:
        """Most nodes of a group that fall under so many perturbed attributes."""
        return bisect_right(self.shares[group], needed_at_most(collected(bits)))

    def surely_fallen(self, allocation: Sequence[Units]) -> int:
        """Fewest nodes that fall under (additions, deletions) in every cluster."""
        hits = 0
        for group in range(self.size):
            needed = self.needed(group, allocation)
            hits += sum(Fraction(share) <= needed for share in self.shares[group])
        return hits

    def needed(self, group: int, allocation: Sequence[Units]) -> Fraction:
        """A share that is surely needed under (additions, deletions) in every cluster."""
        return needed_at_least(collected(_spent(self.bits[group], enumerate(allocation))))

    def proves(self, budget: Units, attack: int) -> bool:
        """Whether no whole allocation within the budget takes down more than `attack` nodes.

        Raises:
            CertificateError: it would take more than `STEPS` partial allocations to say.
        """
        if attack >= self.total:
            return True
        stack: list[tuple[int, dict[int, Units], Units]] = [(0, {}, budget)]
        steps = 0
        while stack:
            depth, spent, left = stack.pop()
            steps += 1
            if steps > STEPS:
                raise CertificateError("shares: too many allocations to go through")
            bound = self.most_fallen(depth, spent, left)
            if bound <= attack:
                continue
            if depth == self.size - 1:
                return False  # the last cluster takes what is left: this allocation takes down more, or may
            cluster = self.order[depth]
            for adds in range(left[0] + 1):
                for deletes in range(left[1] + 1):
                    share = {**spent, cluster: (adds, deletes)}
                    stack.append((depth + 1, share, (left[0] - adds, left[1] - deletes)))
        return True

    def most_fallen(self, depth: int, spent: dict[int, Units], left: Units) -> int:
        """At most so many nodes fall if `left` goes to the clusters of the order from `depth` on.

        A group whose cluster has its share sees what is left where it tells most. The others see `x` of it in their own
        cluster and the rest where that tells most; the best sum over them shares out what is left.
        """
        rest, hits = self.order[depth:], 0
        spend(self.size)
        best = np.zeros((left[0] + 1, left[1] + 1), dtype=np.int64)
        for group, row in enumerate(self.bits):
            if not self.shares[group]:
                continue
            base = _spent(row, spent.items())
            if group not in rest or len(rest) == 1:
                hits += self.fallen(group, [*base, *_worst(row, rest, left)])
                continue
            others = [cluster for cluster in rest if cluster != group]
            fresh = np.zeros_like(best)
            for adds in range(left[0] + 1):
                for deletes in range(left[1] + 1):
                    away = (left[0] - adds, left[1] - deletes)
                    bits = [*base, *_spent(row, [(group, (adds, deletes))]), *_worst(row, others, away)]
                    gained = best[: away[0] + 1, : away[1] + 1] + self.fallen(group, bits)
                    np.maximum(fresh[adds:, deletes:], gained, out=fresh[adds:, deletes:])
            best = fresh
        return hits + int(best.max())


def _spent(row, shares) -> list[tuple[Bit | None, int]]:  # type: ignore[no-untyped-def]
    """Bits that a group sees of (cluster, (additions, deletions)) pairs."""
    return [pair for cluster, units in shares for pair in zip(row[cluster], map(int, units), strict=True)]


def _worst(
    row: list[tuple[Bit | None, Bit | None]], clusters: list[int], units: Units
) -> list[tuple[Bit | None, int]]:
    """Bits that tell at least as much as so many additions and deletions anywhere in some clusters."""
    return [
        (most_telling(row[cluster][kind] for cluster in clusters), count) for kind, count in enumerate(units)
    ]
