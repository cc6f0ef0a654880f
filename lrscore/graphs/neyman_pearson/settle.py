"""Proven attack bounds and explicit attacks at many budgets, each helping the others."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lrscore.collective import Limits, Status
from lrscore.graphs.neyman_pearson.attacked import Groups
from lrscore.graphs.neyman_pearson.attackers import exchanged, strongest
from lrscore.graphs.neyman_pearson.relaxation import suggested
from lrscore.graphs.neyman_pearson.search import Branching, Found, suffixes
from lrscore.graphs.neyman_pearson.sharing import every_allocation, ways
from lrscore.graphs.pairs import cluster_pairs

LONGEST = 240
"""Whole units of one budget, of all kinds together, up to which shares are computed."""
STATES = 1 << 14
"""Ways to spend at most one budget on a single place, up to which shares are computed; two kinds never have more."""
LISTED = 20_000
"""Allocations of one budget that are listed rather than searched."""
_LISTED_PER_BOX = 10
_AT_ONCE = 30_000
_TOGETHER = 1 << 22
_EXCHANGED_FROM = 500  # boxes


@dataclass
class Settled:
    """What is known at every budget.

    Args:
        bounds: (M,) proven: no allocation takes down more nodes.
        hits: (M,) nodes that `allocations` (M, K P) surely take down.
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


def place_order(groups: Groups) -> list[int]:
    """Places in the order in which a search shares out: the clusters of the largest groups first, then pairs of them.

    Places without room are left out.
    """
    sizes = [levels.size for levels in groups.levels]
    first, second = cluster_pairs(groups.size).T[:, : groups.places]
    weight = [(a != b, -(sizes[a] + sizes[b])) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    order = sorted(range(groups.places), key=weight.__getitem__)
    return [place for place in order if groups.room[:, place].any()] or order[:1]


def relaxed(groups: Groups, budgets: np.ndarray) -> np.ndarray:
    """(M,) bounds on the attack at budgets (M, K) of whole numbers without a search; makes the rows of the groups."""
    order = place_order(groups)
    groups.prepare(suffixes(order))
    branching, bounds = Branching(groups, order), np.full(len(budgets), groups.total)
    for some in _alike(budgets, _near(budgets)):
        bounds[some] = branching.roots(budgets[some])
    return bounds


def _near(budgets: np.ndarray) -> list[int]:
    """Numbers of the budgets up to which shares are computed."""
    few = (budgets.sum(axis=1) <= LONGEST) & (np.prod(budgets + 1.0, axis=1) <= STATES)
    near: list[int] = np.flatnonzero(few).tolist()
    return near


def settle(
    groups: Groups, budgets: np.ndarray, bounds: np.ndarray, given: np.ndarray, limits: Limits
) -> Settled:
    """Bound the attack at every budget.

    Args:
        groups: the nodes that are counted, as `relaxed` left them.
        budgets: (M, K) whole numbers, in ascending lexicographic order.
        bounds: (M,) bounds on the attack that are proven already, those of `relaxed` among them.
        given: (M, K P) whole allocations to begin with.
        limits: of the search at each budget.
    """
    branching = Branching(groups, place_order(groups))
    hits, allocations = strongest(groups, budgets, given)
    known = Settled(bounds.copy(), hits, allocations, [Status.ROUNDING] * len(budgets))
    near = _near(budgets)
    known.inherit(budgets)
    most = min(LISTED, _LISTED_PER_BOX * limits.node_limit)
    rooms = (groups.room > 0).sum(axis=1).tolist()
    lengths = [
        math.prod(ways(int(units), max(places, 1)) for units, places in zip(budget, rooms, strict=True))
        for budget in budgets
    ]
    for some in _alike(budgets, [number for number in near if known.open(number)]):
        tries = suggested(groups, budgets[some])
        fallen = groups.fallen(tries)[:, 0].tolist()
        for number, allocation, hit in zip(some, tries, fallen, strict=True):
            known.attack(number, hit, allocation)
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


def _alike(budgets: np.ndarray, numbers: list[int]) -> Iterator[list[int]]:
    """Numbers of budgets in lots that are computed together: of the same kinds, and not too many states in all."""
    lots: dict[tuple[bool, ...], list[list[int]]] = {}
    for number in numbers:
        found = lots.setdefault(tuple((budgets[number] > 0).tolist()), [[]])
        lot = [*found[-1], number]
        if len(lot) > 1 and len(lot) * np.prod(budgets[lot].max(axis=0) + 1.0) > _TOGETHER:
            found.append([number])
        else:
            found[-1] = lot
    return itertools.chain.from_iterable(lots.values())


def _list(groups: Groups, budgets: np.ndarray, wanted: list[int], known: Settled) -> None:
    """Settle short budgets by listing their allocations, several budgets at once."""
    while wanted:
        tries: list[np.ndarray] = []
        owners: list[int] = []
        while wanted and sum(len(part) for part in tries) < _AT_ONCE:
            number = wanted.pop()
            tries.append(every_allocation(budgets[number].tolist(), groups.room))
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
