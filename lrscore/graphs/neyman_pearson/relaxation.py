"""An upper bound on what falls once some places have their share: every group takes the rest at its worst, in turn.

While the adversary has `R` units left for the places `S`, a group whose own cluster is not in `S` is hurt no more than
by all of them in the place of `S` that tells it most. Any other group sees `x` of them in its own cluster and `R - x`
in others, no worse than in the most telling one of those. The sum over groups of the second kind is bounded by the
best way to share the own units `x`, by dynamic programming. Where clusters matter only to themselves, that is the
exact maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.graphs.neyman_pearson.attacked import Groups, Row
from lrscore.graphs.neyman_pearson.sharing import shared


@dataclass(frozen=True, eq=False)
class Prefixes:
    """Partial allocations: what places have, and what is left.

    Args:
        spent: (n, K P) whole units in the places that have their share.
        left: (n, K) units of every budget that are left.
    """

    spent: np.ndarray
    left: np.ndarray

    def __len__(self) -> int:
        return len(self.spent)


def most_fallen(groups: Groups, prefixes: Prefixes, open_places: frozenset[int]) -> np.ndarray:
    """(n,) upper bounds on the nodes that fall if what is left goes to the open places; exact if only one is open."""
    result = np.zeros(len(prefixes), dtype=np.int64)
    prefixes = Prefixes(prefixes.spent, groups.within(prefixes.left, open_places))
    largest = prefixes.left.max(axis=0, initial=0)
    best = np.zeros((len(prefixes), *(largest + 1)), dtype=np.int64)
    for group, row in enumerate(groups.rows):
        if not row.levels.size:
            continue
        base = row.counts(prefixes.spent)
        if group not in open_places or len(open_places) == 1:
            kinds = [row.position(kind) for kind in groups.worst(group, open_places)]
            result += row.fallen(_with(base, kinds, prefixes.left))[:, 1]
            continue
        best = shared(best, own_gains(groups, group, row, base, prefixes, open_places))
    return result + best[(np.arange(len(prefixes)), *prefixes.left.T)]


def suggested(groups: Groups, budgets: np.ndarray) -> np.ndarray:
    """(M, K P) the allocations behind the bounds if no place has its share yet: attacks worth a try.

    Args:
        budgets: (M, K) whole numbers.
    """
    size, places = len(budgets), groups.places
    budgets = groups.within(budgets, groups.everywhere)
    prefixes = Prefixes(np.zeros((size, groups.budgets * places), dtype=np.int64), budgets)
    best = np.zeros((size, *(budgets.max(axis=0, initial=0) + 1)), dtype=np.int64)
    steps = []
    for group, row in enumerate(groups.rows):
        if row.levels.size and places > 1:
            gains = own_gains(groups, group, row, row.counts(prefixes.spent), prefixes, groups.everywhere)
            steps.append((group, best, gains))
            best = shared(best, gains)
    allocations, left = np.zeros((size, groups.budgets, places), dtype=np.int64), budgets.copy()
    for group, before, gains in reversed(steps):
        for number, units in enumerate(left.tolist()):
            within = (number, *(slice(most + 1) for most in units))
            here = np.flip(before[within]) + gains[within]
            share = np.unravel_index(int(here.argmax()), here.shape)  # the smallest among the best
            allocations[number, :, group] = share
        left = left - allocations[:, :, group]
    largest = int(np.argmax([levels.size for levels in groups.levels]))
    allocations[:, :, largest] += left
    return np.minimum(allocations, groups.room).reshape(size, -1)


def own_gains(
    groups: Groups, group: int, row: Row, base: np.ndarray, prefixes: Prefixes, open_places: frozenset[int]
) -> np.ndarray:
    """(n, A + 1, D + 1, ...) most of the group's nodes that fall if so many of the units that are left are its own.

    One axis for every budget. Beyond what is left, the entries repeat the last ones.
    """
    everything = prefixes.left.max(axis=0, initial=0)
    enough = np.minimum(groups.alone[group], groups.room[:, group])
    largest = np.minimum(everything, enough)  # more of its own units take no more down, or do not fit
    own = [row.position(kind) for kind in groups.own(group)]
    others = [row.position(kind) for kind in groups.worst(group, open_places - {group})]
    steps = np.stack(np.meshgrid(*(np.arange(most + 1) for most in largest), indexing="ij"), axis=-1)
    taken = np.minimum(steps.reshape(1, -1, largest.size), prefixes.left[:, None])  # (n, steps, K)
    rest = prefixes.left[:, None] - taken
    repeated = np.repeat(base, taken.shape[1], axis=0)
    counts = _with(
        _with(repeated, own, taken.reshape(-1, largest.size)), others, rest.reshape(-1, largest.size)
    )
    gains = row.fallen(counts)[:, 1].reshape(len(prefixes), *(largest + 1))
    for axis in range(1, gains.ndim):
        gains = np.maximum.accumulate(gains, axis=axis)
    return np.pad(gains, [(0, 0), *((0, int(more)) for more in everything - largest)], mode="edge")


def _with(counts: np.ndarray, kinds: list[int], units: np.ndarray) -> np.ndarray:
    """Counts (n, T) with units (n, K) of some kinds more; position T stands for bits that tell nothing."""
    result = np.column_stack([counts, np.zeros(len(counts), dtype=np.int64)])
    for kind, more in zip(kinds, units.T, strict=True):
        result[:, kind] += more
    return result[:, :-1]
