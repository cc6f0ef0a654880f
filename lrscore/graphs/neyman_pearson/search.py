"""What the worst whole allocation takes down at one budget, by branch and bound.

The places get their shares one after the other, in a fixed order, and a bound is kept for what the places without a
share can still do (`relaxation`). Whenever the search stops, the largest open bound is proven.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from dataclasses import dataclass, field

import numpy as np

from lrscore.collective import Limits, Status
from lrscore.graphs.neyman_pearson.attacked import Groups
from lrscore.graphs.neyman_pearson.needed_shares import LARGEST
from lrscore.graphs.neyman_pearson.relaxation import Prefixes, most_fallen

_PER_BOX = 1500
"""Outcomes told apart, per box that the limit allows, that one step of the search may ask for."""


@dataclass(frozen=True)
class Found:
    """bound: proven, no allocation takes down more; hits: what `allocation` (K P,) surely takes down; why it ended."""

    bound: int
    hits: int
    allocation: np.ndarray
    status: Status


@dataclass(order=True)
class _Box:
    """Allocations that begin alike, sorted by their negated bound: `depth` places of the order have their share."""

    key: int
    number: int
    depth: int = field(compare=False)
    spent: np.ndarray = field(compare=False)
    left: np.ndarray = field(compare=False)


class Branching:
    """Searches at one budget after the other, for groups that were prepared for `suffixes(order)`.

    Args:
        groups: with rows.
        order: the places in the order in which they get their share.
    """

    def __init__(self, groups: Groups, order: list[int]) -> None:
        self.groups, self.order = groups, order
        self.open = suffixes(order)

    def roots(self, budgets: np.ndarray) -> np.ndarray:
        """(M,) upper bounds on what falls at budgets (M, K), without a search."""
        empty = np.zeros((len(budgets), self.groups.budgets * self.groups.places), dtype=np.int64)
        return most_fallen(self.groups, Prefixes(empty, budgets), self.open[0])

    def affordable(self, budget: np.ndarray, limits: Limits) -> bool:
        """Whether the limits allow a first step at this budget."""
        empty = np.zeros(self.groups.budgets * self.groups.places, dtype=np.int64)
        return self._work(_Box(0, 0, 0, empty, budget)) <= _PER_BOX * limits.node_limit

    def run(self, budget: np.ndarray, best: Found, limits: Limits) -> Found:
        """Search until the bound and the attack of what is known, `best`, meet, or until a limit."""
        deadline = time.monotonic() + (math.inf if limits.time_limit is None else limits.time_limit)
        numbers, boxes, settled = itertools.count(), 1, best.hits
        hits, allocation, status = best.hits, best.allocation, Status.ROUNDING
        empty = np.zeros(self.groups.budgets * self.groups.places, dtype=np.int64)
        heap = [_Box(-best.bound, next(numbers), 0, empty, budget)]
        while heap and -heap[0].key > settled:
            if boxes >= limits.node_limit or self._work(heap[0]) > _PER_BOX * limits.node_limit:
                status = Status.NODE_LIMIT
                break
            if time.monotonic() > deadline or limits.cancelled():
                status = Status.TIME_LIMIT
                break
            box = heapq.heappop(heap)
            children = self._children(box)
            boxes += len(children)
            open_places = self.open[box.depth + 1]
            bounds = np.minimum(most_fallen(self.groups, children, open_places), -box.key)
            if len(open_places) == 1:
                whole = self._completed(children)
                least = self.groups.fallen(whole)[:, 0]
                if least.max() > hits:
                    hits, allocation = int(least.max()), whole[least.argmax()]
                settled = max(settled, int(bounds.max()), hits)
                continue
            for child in np.flatnonzero(bounds > settled).tolist():
                spent, left = children.spent[child], children.left[child]
                heapq.heappush(heap, _Box(-int(bounds[child]), next(numbers), box.depth + 1, spent, left))
        bound = max(settled, -heap[0].key if heap else 0)
        return Found(min(bound, best.bound), hits, allocation, status)

    def _work(self, box: _Box) -> int:
        """About how many outcomes have to be told apart for the children of a box."""
        shares = math.prod(int(units) + 1 for units in self._fitting(box))
        own = 1
        for group in self.open[box.depth + 1]:
            if group < self.groups.size:
                most = zip(box.left, self.groups.alone[group], strict=True)
                own += math.prod(min(int(units), enough) + 1 for units, enough in most)
        seen = float(np.prod(1.0 + box.left / 2) * np.prod(1.0 + box.spent))
        return int(shares * own * min(seen, LARGEST))

    def _fitting(self, box: _Box) -> np.ndarray:
        """(K,) what is left, as far as it fits into the next place."""
        return np.minimum(box.left, self.groups.room[:, self.order[box.depth]])

    def _children(self, box: _Box) -> Prefixes:
        """Every share of what is left for the next place."""
        place = self.order[box.depth]
        grid = [np.arange(int(units) + 1) for units in self._fitting(box)]
        shares = np.stack(np.meshgrid(*grid, indexing="ij"), axis=-1).reshape(-1, self.groups.budgets)
        rows = np.repeat(box.spent[None], len(shares), axis=0)
        rows[:, place :: self.groups.places] = shares
        return Prefixes(rows, box.left - shares)

    def _completed(self, prefixes: Prefixes) -> np.ndarray:
        """Allocations (n, K P) in which the last place takes what is left, as far as it fits."""
        last, whole = self.order[-1], prefixes.spent.copy()
        whole[:, last :: self.groups.places] = np.minimum(prefixes.left, self.groups.room[:, last])
        return whole


def suffixes(order: list[int]) -> list[frozenset[int]]:
    """The places that have no share yet, after 0, 1, ... of them got theirs."""
    return [frozenset(order[depth:]) for depth in range(len(order))]
