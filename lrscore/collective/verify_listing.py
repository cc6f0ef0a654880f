"""Whole units listed again, for `verify` only: shares no code with `listing`.

Groups are joined if some region (of some kind) costs both of them something. Groups that are not joined are attacked
with units of different regions, so the most that falls is the best way to share the units among the joined groups.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from lrscore.collective.certificate import COMBINABLE, LISTABLE
from lrscore.collective.verify_inputs import ROUNDING, Claim, Floats, require
from lrscore.collective.verify_work import spend

Units = tuple[int, ...]  # how many of each kind
LONGEST = 50 * LISTABLE  # at most so many allocations are listed for a file, whoever wrote it


def listed_attack(claim: Claim, spent: list[Fraction], caps: Floats) -> int:
    """Most outputs that fall over all ways to spend at most so many whole units (K); near ties fall."""
    limits = tuple(int(total) for total in spent)
    best: dict[Units, int] = {(0,) * len(limits): 0}
    clusters = joined_groups(claim)
    steps = math.prod(limit + 1 for limit in limits) ** 2 * len(clusters)
    require(len(clusters) == 1 or steps <= COMBINABLE, "proof: too many whole units to combine")
    for groups in clusters:
        fresh: dict[Units, int] = {}
        gains = most_per_units(claim, groups, limits, caps)
        spend(len(best) * len(gains))
        for (used, before), (units, hits) in itertools.product(best.items(), gains.items()):
            total = tuple(map(sum, zip(used, units, strict=True)))
            if all(map(int.__le__, total, limits)):
                fresh[total] = max(fresh.get(total, 0), before + hits)
        best = fresh
    return max(best.values())


def joined_groups(claim: Claim) -> list[list[int]]:
    """Groups that are not free, in clusters that have no region of any kind in common."""
    costs = claim.rounded.transpose(1, 0, 2).reshape(claim.n_groups, -1) > 0  # (I, K * J); infinite ones too
    clusters: list[list[int]] = []
    reach = {group: costs[group] for group in range(claim.n_groups) if costs[group].any()}
    while reach:
        first = min(reach)
        members, regions = [first], reach.pop(first)
        while more := [group for group, row in reach.items() if (row & regions).any()]:
            members += more
            regions = np.logical_or.reduce([regions, *(reach.pop(group) for group in more)])
        clusters.append(members)
    return clusters


def most_per_units(claim: Claim, groups: list[int], limits: Units, caps: Floats) -> dict[Units, int]:
    """Most outputs of some groups that fall, for every number of units (of each kind) spent on them."""
    touched = [(claim.rounded[kind][groups] > 0).any(axis=0) for kind in range(len(limits))]
    length = math.prod(
        math.comb(limit + int(mine.sum()), limit) for limit, mine in zip(limits, touched, strict=True)
    )
    require(length <= LONGEST, "proof: too many whole units to list")
    spend(length)
    lists = [
        np.array(list(compositions(limit, [*row[mine].tolist(), np.inf])), dtype=np.float64)[:, :-1]
        for limit, row, mine in zip(limits, caps, touched, strict=True)
    ]
    shape = tuple(len(tries) for tries in lists)
    hits = np.zeros(shape, dtype=np.int64)
    for group in groups:
        rows = [claim.rounded[kind, group][mine] for kind, mine in enumerate(touched)]
        reached, lost = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
        for kind, (tries, row) in enumerate(zip(lists, rows, strict=True)):
            along = [1] * len(shape)
            along[kind] = -1
            reached = reached + (tries @ np.where(np.isinf(row), 0.0, row)).reshape(along)
            lost = lost | (tries[:, np.isinf(row)] > 0).any(axis=1).reshape(along)
        size = sum(row.size for row in rows) + len(rows)
        levels = claim.levels[group]
        fallen = levels.searchsorted(reached * (1 + ROUNDING * (size + 1)), side="right")
        hits += np.where(lost, levels.size, fallen)
    return best_by_total(hits, [tries.sum(axis=1).astype(int) for tries in lists])


def best_by_total(hits: np.ndarray, totals: list[np.ndarray]) -> dict[Units, int]:
    """The largest entry of `hits` for every combination of totals, one list of totals per axis."""
    result: dict[Units, int] = {}
    for units in itertools.product(*(np.unique(total).tolist() for total in totals)):
        mine = np.ix_(*(total == unit for total, unit in zip(totals, units, strict=True)))
        result[units] = int(hits[mine].max())
    return result


def compositions(units: int, caps: list[float]) -> Iterator[Units]:
    """All ways to write `units` as a sum of one whole number per cap, each within its cap."""
    if len(caps) == 1:
        if units <= caps[0]:
            yield (units,)
        return
    for first in range(int(min(units, caps[0])) + 1):
        for rest in compositions(units - first, caps[1:]):
            yield (first, *rest)
