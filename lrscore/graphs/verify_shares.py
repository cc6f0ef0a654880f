"""Exact counts of graphs checked again, without the search that found them and without a solver.

The claim itself prunes: `most_fallen` goes through whole allocations place by place and leaves out whatever is
bounded by the attack that the claim allows. A claim that is too high is refuted by an allocation or not proven; there
is no table and no listing in the file that could be forged or shortened.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
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
from lrscore.graphs.verify_costs import CostClaim, Units

STEPS = 300_000
"""Partial allocations that are gone through for one budget of a file, whoever wrote it."""


class ShareClaim:
    """Groups of nodes under flips, as the adversary of whole attributes and edges faces them.

    It spends in places: clusters, or where edges are flipped pairs of clusters, of which the first are the clusters.

    Args:
        levels: (2, J, J) flip probabilities to one and to zero, of every group (rows) in every cluster; and those
            (2, J, R) of edges where they are flipped.
        shares: (n,) lower bounds on vote shares.
        clusters: (n,) group of every node.
        counted: (n,) bool.
        caps: (K, P) most units that can be spent in a place; None: no limits.
        beside: (weights (K, G, P), thresholds (n,), rows (n,)) that hold together with the shares: then a node counts
            if its threshold is above 0, and falls only where both let it fall. None: the shares decide alone.

    Raises:
        CertificateError: levels that no sampler draws, or nodes of no group.
    """

    def __init__(
        self,
        levels: Sequence[np.ndarray],
        shares: np.ndarray,
        clusters: np.ndarray,
        counted: np.ndarray,
        caps: np.ndarray | None = None,
        beside: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self.size = size = levels[0].shape[-1]
        shapes = [(2, size, size), (2, size, size * (size + 1) // 2)][: len(levels)]
        if [one.shape for one in levels] != shapes:
            raise CertificateError(
                f"flip probabilities must have shape {shapes}, got {[one.shape for one in levels]}"
            )
        if not ((clusters >= 0) & (clusters < self.size)).all():
            raise CertificateError("a node belongs to no cluster")
        counted = counted & (shares > 0.5 if beside is None else beside[1] > 0)
        self.total = int(counted.sum())
        members = [np.flatnonzero(counted & (clusters == group)) for group in range(self.size)]
        self.members = [nodes[np.argsort(shares[nodes], kind="stable")] for nodes in members]
        self.shares = [shares[nodes].tolist() for nodes in self.members]
        self.places = shapes[-1][2]
        self.bits = [self._seen(levels, group) for group in range(self.size)]
        self.room = [[math.inf] * (2 * len(levels))] * self.places if caps is None else caps.T.tolist()
        self.costs = None if beside is None else CostClaim(*beside, self.room)
        self.order = sorted(range(self.places), key=self._weight)

    def _seen(self, levels: Sequence[np.ndarray], group: int) -> list[tuple[Bit | None, ...]]:
        """What a unit of every kind shows a group, place by place."""
        places: list[tuple[Bit | None, ...]] = [()] * self.places
        for kind in levels:
            flips = [tuple(whole(level) for level in pair) for pair in kind[:, group].T.tolist()]
            bits: list[tuple[Bit | None, Bit | None]] = [(added(*pair), deleted(*pair)) for pair in flips]
            bits += [(None, None)] * (self.places - len(bits))
            places = [(*before, *pair) for before, pair in zip(places, bits, strict=True)]
        return places

    def _weight(self, place: int) -> tuple[bool, int]:
        """Clusters come first, those of the largest groups before others."""
        return place >= self.size, -len(self.shares[place]) if place < self.size else 0

    def fallen(self, group: int, spent: dict[int, Units], places: list[int], left: Units) -> int:
        """Most nodes of a group that fall under units in some places, and others anywhere in places with room."""
        row = self.bits[group]
        bits = [*_spent(row, spent.items()), *self._worst(row, places, left)]
        reached = bisect_right(self.shares[group], needed_at_most(collected(bits)))
        if self.costs is None or not reached:
            return reached
        nodes, claim = self.members[group][:reached], self.costs
        costs = {
            which: claim.spent(which, spent.items()) + claim.dearest(which, places, left)
            for which in np.unique(claim.rows[nodes]).tolist()
        }
        return claim.reached(nodes, costs)

    def surely_fallen(self, allocation: Sequence[Units]) -> int:
        """Fewest nodes that fall under so many units in every place."""
        hits = 0
        for group in range(self.size):
            needed = self.needed(group, allocation)
            hits += sum(Fraction(share) <= needed for share in self.shares[group])
        return hits

    def needed(self, group: int, allocation: Sequence[Units]) -> Fraction:
        """A share that is surely needed under so many units in every place."""
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
            if depth == self.places - 1:
                return False  # the last place takes what is left: this allocation takes down more, or may
            place = self.order[depth]
            for units in _up_to(self._fitting(left, [place])):
                share = {**spent, place: units} if any(units) else spent
                stack.append((depth + 1, share, _minus(left, units)))
        return True

    def _fitting(self, units: Units, places: Sequence[int]) -> Units:
        """Units, no more than have room in some places."""
        room = (sum(self.room[place][kind] for place in places) for kind in range(len(units)))
        return tuple(int(min(count, most)) for count, most in zip(units, room, strict=True))

    def most_fallen(self, depth: int, spent: dict[int, Units], left: Units) -> int:
        """At most so many nodes fall if `left` goes to the places of the order from `depth` on.

        A group whose cluster has its share sees what is left where it tells most. The others see `x` of it in their own
        cluster and the rest where that tells most; the best sum over them shares out what is left.
        """
        rest, hits = self.order[depth:], 0
        left = self._fitting(left, rest)
        spend(self.size)
        best = np.zeros([units + 1 for units in left], dtype=np.int64)
        for group in range(self.size):
            if not self.shares[group]:
                continue
            if group not in rest or len(rest) == 1:
                hits += self.fallen(group, spent, rest, left)
                continue
            others = [place for place in rest if place != group]
            fresh = np.zeros_like(best)
            for own in _up_to(self._fitting(left, [group])):
                away = _minus(left, own)
                hit = self.fallen(group, {**spent, group: own}, others, away)
                gained = best[tuple(slice(units + 1) for units in away)] + hit
                here = fresh[tuple(slice(units, None) for units in own)]
                np.maximum(here, gained, out=here)
            best = fresh
        return hits + int(best.max())

    def _worst(
        self, row: list[tuple[Bit | None, ...]], places: list[int], units: Units
    ) -> list[tuple[Bit | None, int]]:
        """Bits that tell at least as much as so many units anywhere in some places where they have room."""
        return [
            (most_telling(row[place][kind] for place in places if self.room[place][kind] > 0), count)
            for kind, count in enumerate(units)
        ]


def _up_to(units: Units) -> Iterator[Units]:
    """Every number of units of each kind from 0 on."""
    return itertools.product(*(range(count + 1) for count in units))


def _minus(units: Units, taken: Units) -> Units:
    return tuple(have - less for have, less in zip(units, taken, strict=True))


def _spent(row, shares) -> list[tuple[Bit | None, int]]:  # type: ignore[no-untyped-def]
    """Bits that a group sees of (place, units) pairs."""
    return [pair for place, units in shares for pair in zip(row[place], map(int, units), strict=True)]
