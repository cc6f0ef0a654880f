"""The exact collective certificate of a graph: Neyman-Pearson shares, Rényi thresholds where they prove more.

At every budget the adversary's whole allocations are bounded twice: by the exact shares that vote bounds (or bounds on
mean scores) need (docs/theory.md, 2.6), and by Rényi thresholds alone, with the order that proves most at that budget
(2.3.4). Whatever proves more counts. Where thresholds are bounds of their own (soft scores, runner-ups), an allocation
takes down the nodes that both their bounds let fall.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lrscore.collective import CollectiveCertificate, Limits, Status, Threat, certify_collectively
from lrscore.collective.certificate import LISTABLE
from lrscore.collective.merging import merged
from lrscore.graphs.bounds import NodeBounds
from lrscore.graphs.neyman_pearson.attacked import Groups
from lrscore.graphs.neyman_pearson.settle import Settled, relaxed, settle
from lrscore.graphs.neyman_pearson.sharing import ways
from lrscore.graphs.neyman_pearson.withstood import Thresholds
from lrscore.noise.flips import FlipNoise

_SEARCHED_FROM = 500  # boxes
STORED = -1
"""Stands for the order that every node uses in the stored thresholds, among the orders of a proof."""


@dataclass(frozen=True, eq=False)
class GraphBounds:
    """What an exact certificate rests on: two bounds per node, all of them holding together.

    Args:
        noises: flips of every group and cluster, and (edges) of every group and pair of clusters.
        nodes: lower bounds on shares, and Rényi thresholds of every order.
        shares_suffice: whether a node that survives by its thresholds survives by its share, too: true for votes, whose
            thresholds follow from their shares. Otherwise `nodes.orders` must be there.
        caps: (K, P) most units of every kind that can be spent in a place; None: no limits.
    """

    noises: tuple[FlipNoise, ...]
    nodes: NodeBounds
    shares_suffice: bool
    caps: np.ndarray | None = None

    @property
    def by_share(self) -> np.ndarray:
        """(n,) bool: nodes of which the share claims something; never one that abstains."""
        return (self.nodes.shares > 0.5) & (self.nodes.thresholds > 0)

    @property
    def claiming(self) -> np.ndarray:
        """(n,) bool: nodes of which one of the bounds claims something."""
        return self.by_share if self.shares_suffice else self.nodes.thresholds > 0

    def groups(self, counted: np.ndarray, enough: float | None = None) -> Groups:
        """What an adversary of the nodes that are counted (n,) faces; `enough` as for `Groups`."""
        nodes, beside = self.nodes, None
        if not self.shares_suffice:
            beside = Thresholds(nodes.thresholds, nodes.chosen, nodes.orders)
        return Groups(self.noises, nodes.shares, nodes.clusters, counted, self.caps, beside, enough)

    def needed(self, allocation: np.ndarray) -> np.ndarray:
        """(n,) shares above which labels survive one allocation (K, P) of whole units; rounded up."""
        groups = self.groups(self.by_share, enough=1.0)
        groups.prepare([])
        flat = np.asarray(allocation, dtype=np.int64).reshape(1, -1)
        needed = np.array([row.table.between(row.counts(flat))[0, 1] for row in groups.rows])
        return needed[self.nodes.clusters]

    def spared(self, allocation: np.ndarray) -> np.ndarray:
        """(n,) bool: nodes that provably keep their label under one allocation (K, P) of whole units."""
        kept = self.by_share & (self.nodes.shares > self.needed(allocation))
        return kept if self.shares_suffice else kept | self._above(allocation)

    def _above(self, allocation: np.ndarray) -> np.ndarray:
        """(n,) bool: thresholds surely above the cost of an allocation."""
        cost = np.zeros(len(self.nodes.weights[0]))
        for weights, spent in zip(self.nodes.weights, allocation, strict=True):
            touched = spent > 0  # where nothing is spent, not even an infinite weight costs anything
            cost += weights[:, touched] @ spent[touched]
        return self.claiming & (self.nodes.thresholds > cost[self.nodes.groups] * (1 + 1e-12))


def certify_exactly(
    bounds: GraphBounds, budgets: np.ndarray, targets: np.ndarray | None, limits: Limits
) -> CollectiveCertificate:
    """The exact certificate at budgets (M, K), fractions rounded down.

    Guarantee: given bounds that hold, at least `certified` of the targets keep their label under every perturbation
    within the budget. `ceiling`: no certificate that knows these bounds and nothing else of the model can prove more.

    Args:
        bounds: of all nodes.
        budgets: additions and deletions, of attributes and of edges where they are flipped.
        targets: (n,) bool, the nodes that are counted; None for all.
        limits: of the search at every budget.

    Returns:
        Method "exact"; `proof.shares` says which budgets are proven by shares, `proof.orders` which Rényi order proves
        each of the others.
    """
    chosen = np.ones(bounds.nodes.clusters.size, dtype=bool) if targets is None else targets
    groups = bounds.groups(chosen & bounds.claiming)

    def whole(some: np.ndarray) -> np.ndarray:
        return groups.within(some.astype(np.int64), groups.everywhere)

    def by_shares(some: np.ndarray) -> np.ndarray:
        return groups.total - relaxed(groups, whole(some))

    fallback, least = _by_thresholds(bounds, budgets, chosen, limits, by_shares)
    order = np.lexsort(fallback.budgets.T[::-1])
    known = groups.total - np.maximum(least, fallback.certified)[order]
    given = np.floor(fallback.allocation[order]).astype(np.int64).reshape(len(known), -1)
    settled = settle(groups, whole(fallback.budgets[order]), known, given, limits)
    back = np.argsort(order)
    if bounds.shares_suffice:
        fallback = _all_allocations(bounds, fallback, settled, back, chosen, limits)
        settled.bounds[:] = np.minimum(settled.bounds, groups.total - fallback.certified[order])
        settled.inherit(whole(fallback.budgets[order]))
    return _combined(fallback, settled, back, groups.total)


def proven_at_once(bounds: GraphBounds, budgets: np.ndarray) -> np.ndarray:
    """(M,) nodes that shares prove to stand at whole budgets (M, K), without a search."""
    groups = bounds.groups(bounds.claiming)
    return groups.total - relaxed(groups, groups.within(budgets.astype(np.int64), groups.everywhere))


def _all_allocations(
    bounds: GraphBounds,
    fallback: CollectiveCertificate,
    settled: Settled,
    back: np.ndarray,
    targets: np.ndarray,
    limits: Limits,
) -> CollectiveCertificate:
    """The fallback, with all allocations gone through where stored thresholds may yet prove more than is settled.

    They are cheaper to list than shares. Searches that cannot list are left to limits that are worth one.
    """
    nodes, count = bounds.nodes, int((targets & bounds.claiming).sum())
    certified = count - settled.bounds[back]
    most = _left_standing(
        nodes, STORED, targets, fallback.budgets, settled.allocations.reshape(fallback.allocation.shape)
    )
    places = fallback.allocation.shape[2]
    lengths = [math.prod(ways(int(units), places) for units in budget) for budget in fallback.budgets]
    short = np.array(lengths) <= LISTABLE if limits.node_limit < _SEARCHED_FROM else True
    worth = np.flatnonzero((certified < count - settled.hits[back]) & (most > certified) & short)
    if not worth.size or limits.cancelled():
        return fallback
    given = nodes.weights, nodes.thresholds, nodes.groups, fallback.budgets[worth]
    threat = Threat(bounds.caps, targets=targets, integer=True)
    found = _placed(
        certify_collectively(*given, method="exact", threat=threat, limits=limits), worth, fallback
    )
    chosen = (found.certified > np.maximum(certified, fallback.certified)).astype(np.int64)
    both = merged([fallback, found], chosen, np.zeros(2, dtype=np.int64))
    assert fallback.proof.orders is not None
    return replace(
        both, proof=replace(both.proof, orders=np.where(chosen == 1, STORED, fallback.proof.orders))
    )


def _by_thresholds(
    bounds: GraphBounds,
    budgets: np.ndarray,
    targets: np.ndarray,
    limits: Limits,
    by_shares: Callable[[np.ndarray], np.ndarray],
) -> tuple[CollectiveCertificate, np.ndarray]:
    """Envelopes of the stored thresholds and of every single order, the best of them at each budget.

    Where thresholds may prove more than shares, all allocations are gone through instead.

    Args:
        by_shares: what is proven of budgets (M, K) by shares already, (M,). Orders that cannot prove more are left out.

    Returns:
        The certificate, and `by_shares` of its budgets.
    """
    nodes, threat = bounds.nodes, Threat(bounds.caps, targets=targets, integer=True)
    if not bounds.shares_suffice:
        stored = certify_collectively(
            nodes.weights,
            nodes.thresholds,
            nodes.groups,
            budgets,
            method="exact",
            threat=threat,
            limits=limits,
        )
        none = np.zeros(len(stored.budgets), dtype=np.int64)
        return merged([stored], none, np.array([STORED])), by_shares(stored.budgets)

    def envelope(number: int, some: np.ndarray) -> CollectiveCertificate:
        thresholds, groups = _in_order(nodes, number)
        given = nodes.weights, thresholds, groups, some
        return certify_collectively(*given, threat=threat, attacks=number == STORED)

    count = nodes.by_order.shape[1]
    variants, names = [envelope(STORED, budgets)], [STORED]
    least, chosen = by_shares(variants[0].budgets), np.zeros(len(variants[0].certified), dtype=np.int64)
    best = np.maximum(variants[0].certified, least)
    known = [variants[0].allocation]
    for number in range(count) if count > 1 else ():
        most = _left_standing(nodes, number, targets, variants[0].budgets, np.concatenate(known))
        worth = np.flatnonzero(most > best)  # elsewhere the order cannot prove more
        if not worth.size:
            continue
        found = envelope(number, variants[0].budgets[worth])
        known.append(found.allocation)
        variants.append(_placed(found, worth, variants[0]))
        names.append(number)
        better = variants[-1].certified > best
        best[better], chosen[better] = variants[-1].certified[better], len(variants) - 1
    return merged(variants, chosen, np.array(names)), least


def _in_order(nodes: NodeBounds, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds and rows (n,) of one order, or of the order that every node uses in the stored thresholds."""
    if number == STORED:
        return nodes.thresholds, nodes.groups
    return nodes.by_order[:, number], nodes.in_order(number)


def _left_standing(
    nodes: NodeBounds, number: int, targets: np.ndarray, budgets: np.ndarray, allocations: np.ndarray
) -> np.ndarray:
    """(M,) most target nodes that thresholds of one order can prove at budgets (M, 2).

    What one of some allocations (P, 2, J) takes down, no larger budget proves.
    """
    thresholds, groups = _in_order(nodes, number)
    counted = targets & (thresholds > 0)
    spent = np.unique(np.floor(allocations), axis=0)
    with np.errstate(invalid="ignore"):
        costs = sum(
            np.where(units[:, None] > 0, units[:, None] * weights, 0.0).sum(axis=2)  # (P, G)
            for units, weights in zip(np.moveaxis(spent, 1, 0), nodes.weights, strict=True)
        )
    left = np.array([(thresholds[counted] > cost[groups[counted]]).sum() for cost in costs])
    within = (spent.sum(axis=2)[None] <= budgets[:, None]).all(axis=2)  # (M, P)
    return np.where(within, left, counted.sum()).min(axis=1)


def _placed(
    found: CollectiveCertificate, places: np.ndarray, whole: CollectiveCertificate
) -> CollectiveCertificate:
    """A certificate of some budgets as one of all of them that claims nothing elsewhere.

    Its attacks are those of `whole`, which were looked for.
    """
    size, proof = len(whole.budgets), found.proof
    certified, roots = np.full(size, -1), np.zeros(size, dtype=np.int64)
    enumerated, ceiling = np.zeros(size, dtype=bool), np.full(size, whole.n_outputs)
    certified[places], roots[places] = found.certified, proof.roots
    enumerated[places], ceiling[places] = proof.enumerated, found.ceiling
    return replace(
        whole,
        certified=certified,
        ceiling=ceiling,
        proof=replace(proof, roots=roots, enumerated=enumerated),
    )


def _combined(
    fallback: CollectiveCertificate, settled: Settled, back: np.ndarray, total: int
) -> CollectiveCertificate:
    """Whichever proves more, budget by budget, in the caller's order: `back[m]` is budget m's place in `settled`."""
    certified = total - settled.bounds[back]
    ceiling = np.maximum(total - settled.hits[back], certified)
    status = [
        Status.OPTIMAL if one == most else settled.status[place]
        for one, most, place in zip(certified, ceiling, back, strict=True)
    ]
    return replace(
        fallback,
        certified=certified.astype(np.int64),
        ceiling=ceiling.astype(np.int64),
        allocation=settled.allocations[back].reshape(fallback.allocation.shape).astype(np.float64),
        proof=replace(fallback.proof, shares=certified > fallback.certified),
        method="exact",
        status=tuple(status),
    )
