"""Proven attack bounds and explicit attacks at many budgets, each helping the others."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrscore.collective import Limits, Status
from lrscore.graphs.neyman_pearson.attacked import Groups
from lrscore.graphs.neyman_pearson.attackers import exchanged, strongest
from lrscore.graphs.neyman_pearson.relaxation import suggested
from lrscore.graphs.neyman_pearson.search import Branching, Found, suffixes
from lrscore.graphs.neyman_pearson.sharing import every_allocation, ways

LONGEST = 240
"""Whole attributes of one budget, of both kinds together, up to which shares are computed."""
LISTED = 20_000
"""Allocations of one budget that are listed rather than searched."""
_LISTED_PER_BOX = 10
_AT_ONCE = 30_000
_EXCHANGED_FROM = 500  # boxes


@dataclass
class Settled:
    """What is known at every budget.

    Args:
        bounds: (M,) proven: no allocation takes down more nodes.
        hits: (M,) nodes that `allocations` (M, 2 J) surely take down.
        status: why bound and hits differ where they do.
    """

    bounds: np.ndarray
    hits: np.ndarray
    allocations: np.ndarray
    status: list[Status]

    def open(self, number: int) -> bool:
        """Whether the bound at a budget is larger than the attack found."""
        return bool(self.bounds[number] > self.hits[number])

    def attack(self, number: int, hits: int, allocation: np.ndarray) -> None:
        """Keep an attack if it is stronger than the one known."""
        if hits > self.hits[number]:
            self.hits[number], self.allocations[number] = hits, allocation

    def inherit(self, budgets: np.ndarray) -> None:
        """What holds at a larger budget holds at a smaller one; an attack within a smaller one is one at a larger."""
        for number, budget in enumerate(budgets):
            below = np.flatnonzero((budgets <= budget).all(axis=1))
            best = below[self.hits[below].argmax()]
            self.attack(number, int(self.hits[best]), self.allocations[best])
        self.bounds[:] = [self.bounds[(budgets >= budget).all(axis=1)].min() for budget in budgets]


def cluster_order(groups: Groups) -> list[int]:
    """Clusters in the order in which a search shares out: the largest groups first."""
    return sorted(range(groups.clusters), key=lambda cluster: -groups.levels[cluster].size)


def settle(
    groups: Groups, budgets: np.ndarray, bounds: np.ndarray, given: np.ndarray, limits: Limits
) -> Settled:
    """Bound the attack at every budget.

    Args:
        groups: the nodes that are counted; their rows are made here.
        budgets: (M, 2) whole numbers, in ascending lexicographic order.
        bounds: (M,) bounds on the attack that are proven already.
        given: (M, 2 J) whole allocations to begin with.
        limits: of the search at each budget.
    """
    order = cluster_order(groups)
    groups.prepare(suffixes(order))
    branching = Branching(groups, order)
    hits, allocations = strongest(groups, budgets, given)
    known = Settled(bounds.copy(), hits, allocations, [Status.ROUNDING] * len(budgets))
    near: list[int] = np.flatnonzero(budgets.sum(axis=1) <= LONGEST).tolist()
    known.bounds[near] = np.minimum(known.bounds[near], branching.roots(budgets[near]))
    known.inherit(budgets)
    most = min(LISTED, _LISTED_PER_BOX * limits.node_limit)
    lengths = [math.prod(ways(int(units), groups.clusters) for units in budget) for budget in budgets]
    unsettled = [number for number in near if known.open(number)]
    tries = suggested(groups, budgets[unsettled])
    for number, allocation, fallen in zip(unsettled, tries, groups.fallen(tries)[:, 0].tolist(), strict=True):
        known.attack(number, fallen, allocation)
    _list(groups, budgets, [m for m in near if known.open(m) and lengths[m] <= most], known)
    known.inherit(budgets)
    for number in reversed(near):
        if limits.cancelled():
            break
        known.bounds[number] = known.bounds[(budgets >= budgets[number]).all(axis=1)].min()
        if known.open(number) and lengths[number] > most:
            if branching.affordable(budgets[number], limits):
                _branch(branching, budgets[number], number, known, limits)
            else:
                known.status[number] = Status.NODE_LIMIT
    known.inherit(budgets)
    return known


def _list(groups: Groups, budgets: np.ndarray, wanted: list[int], known: Settled) -> None:
    """Settle short budgets by listing their allocations, several budgets at once."""
    while wanted:
        tries: list[np.ndarray] = []
        owners: list[int] = []
        while wanted and sum(len(part) for part in tries) < _AT_ONCE:
            number = wanted.pop()
            tries.append(every_allocation(int(budgets[number, 0]), int(budgets[number, 1]), groups.clusters))
            owners.append(number)
        fallen = groups.fallen(np.concatenate(tries))
        ends = np.cumsum([len(part) for part in tries])[:-1]
        for number, part, found in zip(owners, tries, np.split(fallen, ends), strict=True):
            best = int(found[:, 0].argmax())
            known.attack(number, int(found[best, 0]), part[best])
            known.bounds[number] = min(int(known.bounds[number]), int(found[:, 1].max()))


def _branch(branching: Branching, budget: np.ndarray, number: int, known: Settled, limits: Limits) -> None:
    """Improve the attack by exchanges if the limits allow that much, then search."""
    if limits.node_limit >= _EXCHANGED_FROM:
        known.attack(number, *exchanged(branching.groups, known.allocations[number], int(known.hits[number])))
    if known.open(number):
        before = Found(
            int(known.bounds[number]), int(known.hits[number]), known.allocations[number], Status.ROUNDING
        )
        found = branching.run(budget, before, limits)
        known.attack(number, found.hits, found.allocation)
        known.bounds[number], known.status[number] = found.bound, found.status
