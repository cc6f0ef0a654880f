"""Strong explicit attacks: every one is a ceiling that no certificate from the same bounds can exceed."""

from __future__ import annotations

import numpy as np

from lrscore.graphs.neyman_pearson.attacked import Groups

_ROUNDS = 12  # of exchanges


def strongest(groups: Groups, budgets: np.ndarray, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Attacks found at budgets (M, K): those of smaller budgets, with what is left spent in one place.

    Args:
        budgets: whole numbers.
        given: (M, K P) whole allocations to begin with, within their budgets.

    Returns:
        (M,) nodes that surely fall, and (M, K P) the allocations.
    """
    hits, found = np.zeros(len(budgets), dtype=np.int64), np.zeros(given.shape, dtype=np.int64)
    totals = budgets.sum(axis=1)
    for total in np.unique(totals):
        level: list[int] = np.flatnonzero(totals == total).tolist()
        starts = [
            np.concatenate([given[number][None], *_starts(groups, budgets, number, hits, found)])
            for number in level
        ]
        fallen = groups.fallen(np.concatenate(starts).astype(np.int64), rough=True)[:, 0]
        ends = np.cumsum([len(part) for part in starts])[:-1]
        for number, part, counts in zip(level, starts, np.split(fallen, ends), strict=True):
            hits[number], found[number] = counts.max(), part[counts.argmax()]
    return groups.fallen(found)[:, 0], found


def _starts(
    groups: Groups, budgets: np.ndarray, number: int, hits: np.ndarray, found: np.ndarray
) -> list[np.ndarray]:
    """Allocations worth a try at one budget, once those of smaller totals are known."""
    places, budget = groups.places, budgets[number]
    # (P, K P): everything in one place, as far as it fits
    both = np.tile(np.eye(places, dtype=np.int64), groups.budgets)
    tries = [_fitting(groups, both * np.repeat(budget, places))]
    smaller = np.flatnonzero((budgets <= budget).all(axis=1) & (budgets.sum(axis=1) < budget.sum()))
    if smaller.size:
        nearest = smaller[np.lexsort((-hits[smaller], -budgets[smaller].sum(axis=1)))[:3]]
        for base in {*nearest.tolist(), int(smaller[hits[smaller].argmax()])}:
            left = budget - found[base].reshape(groups.budgets, -1).sum(axis=1)
            tries.append(_fitting(groups, found[base] + both * np.repeat(left, places)))
    return tries


def _fitting(groups: Groups, allocations: np.ndarray) -> np.ndarray:
    """Allocations (n, K P) as far as they fit into their places."""
    return np.minimum(allocations, groups.room.ravel())


def exchanged(groups: Groups, allocation: np.ndarray, hits: int) -> tuple[int, np.ndarray]:
    """The attack after moving units between places, one at a time, as long as more nodes fall."""
    places, room = groups.places, groups.room.ravel()
    for _ in range(_ROUNDS):
        moves = []
        for source in np.flatnonzero(allocation).tolist():
            kind = source // places
            for target in range(kind * places, (kind + 1) * places):
                for units in {1, int(allocation[source])} if target != source else ():
                    moved = allocation.copy()
                    moved[source] -= units
                    moved[target] += units
                    if moved[target] <= room[target]:
                        moves.append(moved)
        if not moves:
            break
        tries = np.array(moves)
        best = int(groups.fallen(tries, rough=True)[:, 0].argmax())
        fallen = int(groups.fallen(tries[best : best + 1])[0, 0])
        if fallen <= hits:
            break
        hits, allocation = fallen, tries[best]
    return hits, allocation
