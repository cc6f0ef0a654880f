"""Few whole units: list every allocation, or those of each separate part, and put the parts together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrscore.collective.certificate import COMBINABLE, LISTABLE
from lrscore.collective.integers import spread, ways
from lrscore.collective.problem import Problem
from lrscore.collective.steps import SLACK, Booleans, Floats, Integers


def listed_attack(problem: Problem, spent: Floats) -> tuple[int, Floats] | None:
    """Most outputs that whole units can take down, and how (C,); None if there are too many allocations to list."""
    everything = Part(np.arange(problem.steps.n_groups), np.arange(problem.kinds.size))
    tries = listed_allocations(problem, everything, spent, exactly=True)
    if tries is None:
        return attack_by_parts(problem, spent)
    counts = hits_within(problem, everything, tries)
    return int(counts.max()), tries[counts.argmax()]


@dataclass(frozen=True)
class Part:
    """groups: those that no other part's channels cost anything; channels: all that cost one of them something."""

    groups: Integers
    channels: Integers


def separate_parts(touches: Booleans) -> list[Part]:
    """The connected parts of groups and channels, `touches` (I, C) saying which belong together.

    Groups that nothing touches never fall, and channels that touch nothing are not worth a unit: both are left out.
    """
    parts: list[tuple[set[int], set[int]]] = []
    for group, row in enumerate(touches):
        channels, groups = set(np.flatnonzero(row).tolist()), {group}
        if not channels:
            continue
        for part in [part for part in parts if part[1] & channels]:
            parts.remove(part)
            groups, channels = groups | part[0], channels | part[1]
        parts.append((groups, channels))
    return [Part(np.array(sorted(groups)), np.array(sorted(channels))) for groups, channels in parts]


def attack_by_parts(problem: Problem, spent: Floats) -> tuple[int, Floats] | None:
    """The same from the best attack on every part for every spending, combined part by part; None if too many."""
    parts = separate_parts((problem.weights > 0) | problem.forbidden)
    states = math.prod(int(units) + 1 for units in spent.tolist())
    if states**2 * len(parts) > COMBINABLE:
        return None
    shape = tuple(int(units) + 1 for units in spent.tolist())
    best = np.zeros(shape, dtype=np.int64)  # most hits in the parts so far for at most so many units
    steps: list[tuple[Part, Floats, Integers]] = []
    for part in parts:
        tries = listed_allocations(problem, part, spent, exactly=False)
        if tries is None:
            return None
        totals = np.array(
            [tries[:, problem.kinds[part.channels] == kind].sum(axis=1) for kind in range(len(shape))]
        )
        best, rows = combined(best, totals.astype(np.int64), hits_within(problem, part, tries))
        steps.append((part, tries, rows))
    return int(best[(-1,) * len(shape)]), traced(problem, spent, steps)


def combined(best: Integers, totals: Integers, hits: Integers) -> tuple[Integers, Integers]:
    """`best` with one more part, whose allocations (T,) use `totals` (K, T) units and take down `hits` (T,).

    Returns it and the row that is taken for every number of units. A row is tried only if no other row with as many
    units or fewer hits as many.
    """
    fresh, rows = np.full(best.shape, -1), np.zeros(best.shape, dtype=np.int64)
    order = np.lexsort((-hits, *totals[::-1]))  # fewest units first, then most hits
    reached = np.full(best.shape, -1)  # most hits of the rows tried so far, for at most so many units
    for row in order.tolist():
        units = tuple(totals[:, row].tolist())
        if reached[units] >= hits[row]:
            continue
        above = tuple(slice(unit, None) for unit in units)
        reached[above] = np.maximum(reached[above], hits[row])
        left = tuple(slice(0, size - unit) for size, unit in zip(best.shape, units, strict=True))
        total = best[left] + hits[row]
        better = total > fresh[above]
        fresh[above][better], rows[above][better] = total[better], row
    return fresh, rows


def traced(problem: Problem, spent: Floats, steps: list[tuple[Part, Floats, Integers]]) -> Floats:
    """The allocation (C,) behind the best combination at full spending."""
    allocation, left = np.zeros(problem.kinds.size), spent.astype(np.int64)
    for part, tries, rows in reversed(steps):
        taken = tries[rows[tuple(left)]]
        allocation[part.channels] = taken
        left = left - np.bincount(problem.kinds[part.channels], taken, spent.size).astype(np.int64)
    return allocation


def hits_within(problem: Problem, part: Part, tries: Floats) -> Integers:
    """(T,) outputs of the part's groups that fall under allocations (T, part's channels)."""
    steps, counts = problem.steps, np.zeros(len(tries), dtype=np.int64)
    for group in part.groups.tolist():
        values = steps.values[steps.offsets[group] : steps.offsets[group + 1]]
        place = tries @ problem.weights[group, part.channels] * (1 + SLACK)
        fallen = steps.heights[steps.bases[group] + values.searchsorted(place, side="right")]
        broken = (tries[:, problem.forbidden[group, part.channels]] > 0).any(axis=1)
        counts += np.where(broken, steps.totals[group], fallen)
    return counts


def listed_allocations(problem: Problem, part: Part, spent: Floats, *, exactly: bool) -> Floats | None:
    """(T, part's channels) all ways to spend whole units within the caps; None if there are too many.

    spent: (K,) units of each kind, all of them spent if `exactly`, else at most so many.
    """
    kinds = problem.kinds[part.channels]
    result, columns = np.zeros((1, 0)), []
    for kind, units in enumerate(spent.tolist()):
        mine = np.flatnonzero(kinds == kind)
        caps = problem.caps[part.channels[mine]]
        if not exactly:
            caps = np.append(caps, np.inf)  # what is not spent goes into a last place of its own
        if len(result) * ways(int(units), caps.size) > LISTABLE:
            return None
        own = whole_splits(caps, int(units))[:, : mine.size]
        result = np.column_stack([np.repeat(result, len(own), axis=0), np.tile(own, (len(result), 1))])
        columns.append(mine)
    return result[:, np.argsort(np.concatenate(columns), kind="stable")]


def whole_splits(caps: Floats, units: int) -> Floats:
    """(T, places) all ways to write `units` as a sum of one whole number per place, each within its cap."""
    own, left = np.zeros((1, 0)), np.array([units])
    for cap in caps[:-1]:
        source, taken = spread(left)
        legal = taken <= cap
        source, taken = source[legal], taken[legal]
        own, left = np.column_stack([own[source], taken]), left[source] - taken
    return np.column_stack([own, left])[left <= caps[-1]]
