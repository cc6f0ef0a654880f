"""An upper bound on what falls once some clusters have their share: every group takes the rest at its worst, in turn.

While the adversary has `R` units left for the clusters `S`, a group outside `S` is hurt no more than by all of them in
the cluster of `S` that tells it most. A group of `S` sees `x` of them in its own cluster and `R - x` in others, no
worse than in the most telling one of those. The sum over groups of the second kind is bounded by the best way to share
the own units `x`, by dynamic programming. Where clusters matter only to themselves, that is the exact maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.graphs.neyman_pearson.attacked import Groups, Row
from lrscore.graphs.neyman_pearson.sharing import shared


@dataclass(frozen=True, eq=False)
class Prefixes:
    """Partial allocations: what clusters have, and what is left.

    Args:
        spent: (n, 2 J) whole attributes in the clusters that have their share.
        left: (n, 2) additions and deletions that are left.
    """

    spent: np.ndarray
    left: np.ndarray

    def __len__(self) -> int:
        return len(self.spent)


def most_fallen(groups: Groups, prefixes: Prefixes, open_clusters: frozenset[int]) -> np.ndarray:
    """(n,) upper bounds on the nodes that fall if what is left goes to the open clusters; exact if only one is open."""
    result = np.zeros(len(prefixes), dtype=np.int64)
    largest = prefixes.left.max(axis=0, initial=0)
    best = np.zeros((len(prefixes), *(largest + 1)), dtype=np.int64)
    for group, row in enumerate(groups.rows):
        if not row.levels.size:
            continue
        base = row.counts(prefixes.spent)
        if group not in open_clusters or len(open_clusters) == 1:
            kinds = [row.position(kind) for kind in groups.worst(group, open_clusters)]
            result += row.fallen(_with(base, kinds, prefixes.left))[:, 1]
            continue
        best = shared(best, own_gains(groups, group, row, base, prefixes, open_clusters))
    where = np.arange(len(prefixes))
    return result + best[where, prefixes.left[:, 0], prefixes.left[:, 1]]


def suggested(groups: Groups, budgets: np.ndarray) -> np.ndarray:
    """(M, 2 J) the allocations behind the bounds if no cluster has its share yet: attacks worth a try.

    Args:
        budgets: (M, 2) whole numbers.
    """
    places = groups.clusters
    everywhere, prefixes = (
        frozenset(range(places)),
        Prefixes(np.zeros((len(budgets), 2 * places), dtype=np.int64), budgets),
    )
    best = np.zeros((len(budgets), *(budgets.max(axis=0, initial=0) + 1)), dtype=np.int64)
    steps = []
    for group, row in enumerate(groups.rows):
        if row.levels.size and places > 1:
            gains = own_gains(groups, group, row, row.counts(prefixes.spent), prefixes, everywhere)
            steps.append((group, best, gains))
            best = shared(best, gains)
    allocations, left = np.zeros((len(budgets), 2 * places), dtype=np.int64), budgets.copy()
    for group, before, gains in reversed(steps):
        for number, (adds, deletes) in enumerate(left.tolist()):
            here = (
                before[number, : adds + 1, : deletes + 1][::-1, ::-1]
                + gains[number, : adds + 1, : deletes + 1]
            )
            share = np.unravel_index(int(here.argmax()), here.shape)  # the smallest among the best
            allocations[number, [group, group + places]] = share
        left = left - allocations[:, [group, group + places]]
    largest = int(np.argmax([levels.size for levels in groups.levels]))
    allocations[:, [largest, largest + places]] += left
    return allocations


def own_gains(
    groups: Groups, group: int, row: Row, base: np.ndarray, prefixes: Prefixes, open_clusters: frozenset[int]
) -> np.ndarray:
    """(n, A + 1, D + 1) most of the group's nodes that fall if so many of the units that are left are its own.

    Beyond what is left, the entries repeat the last ones.
    """
    everything = prefixes.left.max(axis=0, initial=0)
    largest = np.minimum(everything, groups.alone[group])  # more of its own units take no more down
    own = [row.position(int(kind)) for kind in groups.own(group)]
    others = [row.position(kind) for kind in groups.worst(group, open_clusters - {group})]
    steps = np.stack(np.meshgrid(*(np.arange(most + 1) for most in largest), indexing="ij"), axis=-1)
    taken = np.minimum(steps.reshape(1, -1, 2), prefixes.left[:, None])  # (n, steps, 2)
    rest = prefixes.left[:, None] - taken
    repeated = np.repeat(base, taken.shape[1], axis=0)
    counts = _with(_with(repeated, own, taken.reshape(-1, 2)), others, rest.reshape(-1, 2))
    gains = row.fallen(counts)[:, 1].reshape(len(prefixes), *(largest + 1))
    gains = np.maximum.accumulate(np.maximum.accumulate(gains, axis=1), axis=2)
    more = everything - largest
    return np.pad(gains, ((0, 0), (0, int(more[0])), (0, int(more[1]))), mode="edge")


def _with(counts: np.ndarray, kinds: list[int], units: np.ndarray) -> np.ndarray:
    """Counts (n, K) with units (n, 2) of two kinds more; position K stands for attributes that tell nothing."""
    result = np.column_stack([counts, np.zeros(len(counts), dtype=np.int64)])
    for kind, more in zip(kinds, units.T, strict=True):
        result[:, kind] += more
    return result[:, :-1]
