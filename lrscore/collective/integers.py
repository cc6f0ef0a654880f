"""Budgets that are spent in whole units raise thresholds to what whole units can reach."""

from __future__ import annotations

import numpy as np

from lrscore.collective.certificate import LISTABLE
from lrscore.collective.steps import SLACK, Floats, Integers


def snapped(levels: Floats, members: Integers, weights: Floats, kinds: Integers, budgets: Floats) -> Floats:
    """Thresholds (N,) raised to the smallest weighted budget at or above them that whole units can reach.

    Valid because an output of group i falls only if `s_i >= threshold`, and `s_i` is one of the reachable numbers. The
    raised threshold is lowered again by a rounding margin, never below the given one. A group with more than `LISTABLE`
    reachable numbers keeps its thresholds. weights: (I, C) finite; kinds: (C,); budgets: (K,) largest whole budgets.
    """
    result = levels.copy()
    for group in range(len(weights)):
        sums = reachable_sums(weights[group], kinds, budgets)
        if sums is None:
            continue
        mine = np.flatnonzero(members == group)
        place = np.searchsorted(sums * (1 + SLACK), levels[mine], side="left")
        raised = np.append(sums * (1 - SLACK), np.inf)[place]
        result[mine] = np.maximum(levels[mine], raised)
    return result


def reachable_sums(row: Floats, kinds: Integers, budgets: Floats) -> Floats | None:
    """All sums of at most `budgets[k]` weights of kind k, repetition allowed, ascending; None if too many."""
    sums = np.zeros(1)
    for kind, budget in enumerate(budgets.tolist()):
        distinct = np.unique(row[kinds == kind])
        if sums.size * ways(int(budget), distinct.size + 1) > LISTABLE:
            return None
        own, left = np.zeros(1), np.array([int(budget)])
        for weight in distinct:
            source, units = spread(left)
            own, left = own[source] + units * weight, left[source] - units
        sums = np.add.outer(sums, own).ravel()
    return np.unique(sums)


def spread(left: Integers) -> tuple[Integers, Integers]:
    """Every way to go on from partial lists with `left` (T,) units to give: which list, and how many units next."""
    source = np.repeat(np.arange(left.size), left + 1)
    first = np.cumsum(left + 1) - (left + 1)
    return source, np.arange(source.size) - first[source]


def ways(units: int, places: int) -> int:
    """In how many ways equal units can be distributed over places; `LISTABLE + 1` stands for everything above it."""
    count = 1
    for place in range(1, places):
        count = count * (units + place) // place
        if count > LISTABLE:
            return LISTABLE + 1
    return count
