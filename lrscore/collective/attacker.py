"""Explicit allocations: what an adversary certainly achieves, hence a ceiling on every certificate."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from lrscore.collective.annealing import annealed, can_anneal
from lrscore.collective.problem import Problem
from lrscore.collective.reach import Reach
from lrscore.collective.steps import SLACK, Floats, Integers

# Of what a region holds, moved to another one
FRACTIONS = np.array([1.0, 0.5, 0.25, 0.125, 0.0625, 0.015625])
ANNEALED = 33  # budgets of a fine grid at which attacks are annealed
FEW = 6  # corners, and budgets that choose them, on fine grids
EFFORT = 2**15  # weighted budgets computed per round of moves
NEIGHBOURS = 6  # budgets on either side whose allocations are tried
ALMOST = 1e-6  # a share this close below a whole unit is one
# Allocations are also tried rounded to this fraction of the budget, for thresholds met exactly
GRID = 2.0**24
LISTED = 4  # times as many moves are looked at as are tried, on fine grids


def strongest_attacks(problem: Problem, reached: Reach, found: Floats) -> Floats:
    """Best allocations (M, C) from one candidate per budget (M, C); budgets in ascending lexicographic order."""
    chosen = found.copy()
    corners = strong_corners(problem, reached)
    polishing = np.arange(len(found))
    if problem.fine and can_anneal(problem):
        polishing = np.unique(np.linspace(0, len(found) - 1, min(ANNEALED, len(found))).astype(np.int64))
        chosen[polishing] = chosen_attacks(problem, reached.spent[polishing], chosen[polishing])
    for places, more, polish in ((polishing, corners, True), (np.arange(len(found)), corners[:0], False)):
        profiles = shares_of(problem, reached, chosen)
        for budget in places.tolist():
            near = profiles[max(budget - NEIGHBOURS, 0) : budget + NEIGHBOURS + 1]
            tries = candidates(problem, reached.spent[budget], np.concatenate([near, more]), chosen[budget])
            chosen[budget] = tries[attacked_counts(problem, tries).argmax()]
            if polish:
                chosen[budget] = polished(problem, chosen[budget])
    return chosen


def chosen_attacks(problem: Problem, spent: Floats, start: Floats) -> Floats:
    """The strongest allocations (M, C) on the way of an annealing from `start` (M, C) and from an even spread."""
    even = (
        np.broadcast_to(1 / np.bincount(problem.kinds)[problem.kinds], start.shape) * spent[:, problem.kinds]
    )
    tries = np.stack([start, *annealed(problem, spent, start), *annealed(problem, spent, even)])  # (T, M, C)
    counts = np.stack([attacked_counts(problem, row) for row in tries])
    return tries[counts.argmax(axis=0), np.arange(len(start))]


def strong_corners(problem: Problem, reached: Reach) -> Floats:
    """(P, C) profiles that spend everything in one region: all of them, or on fine grids the strongest ones."""
    n_kinds = problem.budgets.shape[1]
    corners = np.tile(np.eye(problem.kinds.size // n_kinds), n_kinds)
    if not problem.fine:
        return corners
    tried = np.unique(np.linspace(0, len(problem.budgets) - 1, FEW).astype(np.int64))
    best = [
        np.argsort(-attacked_counts(problem, corners * spent[problem.kinds]), kind="stable")[:FEW]
        for spent in reached.spent[tried]
    ]
    return corners[np.unique(np.concatenate(best))] if best else corners[:0]


def settled_attacks(problem: Problem, chosen: Floats) -> tuple[Floats, Integers]:
    """Allocations (M, C) made affordable to the last bit, and how many outputs (M,) they take down exactly.

    A larger budget may do what a smaller one can, so no budget keeps an allocation weaker than that of a smaller one.
    """
    fitted = np.array(
        [affordable(problem, row, limit) for row, limit in zip(chosen, problem.budgets, strict=True)]
    )
    fitted = fitted.reshape(chosen.shape)
    hits = np.array([exact_attack(problem, row) for row in fitted], dtype=np.int64)
    for budget, limit in enumerate(problem.budgets):
        smaller = np.flatnonzero((problem.budgets <= limit).all(axis=1))
        strongest = smaller[hits[smaller].argmax()]
        if hits[strongest] > hits[budget]:
            fitted[budget], hits[budget] = fitted[strongest], hits[strongest]
    return fitted, hits


def shares_of(problem: Problem, reached: Reach, allocations: Floats) -> Floats:
    """(M, C) allocations as shares of what is spent of each kind."""
    spent = reached.spent[:, problem.kinds]
    return np.divide(allocations, spent, out=np.zeros(spent.shape), where=spent > 0)


def candidates(problem: Problem, spent: Floats, profiles: Floats, own: Floats) -> Floats:
    """(T, C) allocations to try at one budget: own (C,), and profiles (P, C) as they are and rounded to a grid."""
    amounts = spent[problem.kinds]
    tries = np.concatenate([own[None], profiles * amounts, gridded(problem, profiles) * amounts])
    return admissible(problem, np.minimum(tries, problem.caps))


def gridded(problem: Problem, profiles: Floats) -> Floats:
    """Profiles (P, C) rounded to the grid, the largest share of each kind giving way so that totals do not grow."""
    result = np.rint(profiles * GRID) / GRID
    for kind in range(problem.budgets.shape[1]):
        mine = np.flatnonzero(problem.kinds == kind)
        excess = result[:, mine].sum(axis=1) - np.rint(profiles[:, mine].sum(axis=1) * GRID) / GRID
        largest = mine[result[:, mine].argmax(axis=1)]
        result[np.arange(len(result)), largest] -= np.maximum(excess, 0.0)
    return np.maximum(result, 0.0)


def admissible(problem: Problem, tries: Floats) -> Floats:
    """Allocations (T, C) as they are, or rounded to whole units by largest remainders where only those are spent."""
    if not problem.integer:
        return tries
    result = np.floor(tries + ALMOST)
    for kind in range(problem.budgets.shape[1]):
        mine = problem.kinds == kind
        missing = np.floor(tries[:, mine].sum(axis=1) + ALMOST) - result[:, mine].sum(axis=1)
        room = result[:, mine] + 1 <= problem.caps[mine]
        remainder = np.where(room, tries[:, mine] - result[:, mine], -np.inf)
        place = np.argsort(np.argsort(-remainder, axis=1), axis=1)
        result[:, mine] += (place < missing[:, None]) & room
    return result


def polished(problem: Problem, allocation: Floats, rounds: int = 3) -> Floats:
    """Local search: move part of what one region holds to another one of the same kind while that takes down more."""
    best = int(attacked_counts(problem, allocation[None])[0])
    for turn in range(rounds):
        tries = moves(problem, allocation, turn)
        if not len(tries):
            break
        counts = attacked_counts(problem, tries)
        if counts.max() <= best:
            break
        best, allocation = int(counts.max()), tries[counts.argmax()]
    return allocation


def moves(problem: Problem, allocation: Floats, turn: int) -> Floats:
    """(T, C) neighbours of an allocation; a regular subset, another one every turn, where there are too many."""
    givers = np.flatnonzero(allocation > 0)
    shape = (givers.size, allocation.size, FRACTIONS.size)
    every = apart(math.prod(shape) * problem.steps.n_groups // (LISTED * EFFORT)) if problem.fine else 1
    number = np.arange(turn % every, math.prod(shape), every)
    giver, taker, part = np.unravel_index(number, shape)
    giver, fraction = givers[giver], FRACTIONS[part]
    amount = np.minimum(allocation[giver] * fraction, problem.caps[taker] - allocation[taker])
    amount = np.ceil(amount) if problem.integer else amount
    legal = np.flatnonzero((problem.kinds[giver] == problem.kinds[taker]) & (giver != taker) & (amount > 0))
    stride = -(-legal.size * problem.steps.n_groups // EFFORT)
    legal = legal[turn % max(stride, 1) :: max(stride, 1)]
    tries = np.repeat(allocation[None], legal.size, axis=0)
    lines = np.arange(legal.size)
    tries[lines, taker[legal]] += amount[legal]
    tries[lines, giver[legal]] -= amount[legal]
    return np.maximum(tries, 0.0)


def apart(stride: int) -> int:
    """A stride at least as large that shares no factor with the numbers of fractions: all of them are met."""
    stride = max(1, stride)
    while math.gcd(stride, FRACTIONS.size) > 1:
        stride += 1
    return stride


def attacked_counts(problem: Problem, allocations: Floats) -> Integers:
    """(T,) outputs of the raw problem that allocations (T, C) take down, up to rounding in near ties."""
    steps = problem.raw_steps
    finite = np.where(problem.forbidden, 0.0, problem.raw_weights)
    hits = steps(allocations @ finite.T)  # (T, I)
    if problem.forbidden.any():
        broken = (allocations > 0).astype(np.float64) @ problem.forbidden.T > 0
        hits = np.where(broken, steps.totals, hits)
    return hits.sum(axis=1)


def exact_attack(problem: Problem, allocation: Floats) -> int:
    """Outputs of the raw problem that one allocation (C,) takes down, ties decided in rational arithmetic."""
    used, steps = np.flatnonzero(allocation > 0), problem.raw_steps
    broken = problem.forbidden[:, used].any(axis=1)
    bare = not problem.forbidden.any()
    spent = (
        problem.raw_weights if bare else np.where(problem.forbidden, 0.0, problem.raw_weights)
    ) @ allocation
    sure = steps(spent * (1 - SLACK))
    for group in np.flatnonzero((sure != steps(spent * (1 + SLACK))) & ~broken):
        spent[group] = exact_product(problem.raw_weights[group, used], allocation[used])
    return int(np.where(broken, steps.totals, steps(spent)).sum())


def exact_product(weights: Floats, shares: Floats) -> float:
    """`sum weights * shares`, rounded down once: it passes the same thresholds as the exact sum."""
    pairs = zip(weights.tolist(), shares.tolist(), strict=True)
    total = sum((Fraction(weight) * Fraction(share) for weight, share in pairs), Fraction(0))
    place = float(total)
    return place if Fraction(place) <= total else float(np.nextafter(place, -np.inf))


def affordable(problem: Problem, allocation: Floats, budgets: Floats) -> Floats:
    """The allocation (C,) within caps and budgets (K,) exactly: the largest share of a kind gives way.

    Whole units are exact in floating point, so nothing has to give way there.
    """
    fitted = np.clip(allocation, 0.0, problem.caps)
    for kind, budget in enumerate(budgets.tolist()):
        mine = np.flatnonzero(problem.kinds == kind)
        # The sum is rounded once, from its exact value: its sign is right
        while (excess := math.fsum([*fitted[mine].tolist(), -budget])) > 0:
            largest = mine[fitted[mine].argmax()]
            fitted[largest] = max(0.0, np.nextafter(float(fitted[largest]) - excess, -np.inf))
    return fitted
