"""Needed shares and worst allocations by definition: every outcome of every perturbed attribute, every allocation."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import cache

import numpy as np


@cache
def slow_share(coins: tuple[tuple[Fraction, Fraction], ...]) -> Fraction:
    """`p*` of attributes with these chances of a one before and after the perturbation, each told apart.

    All `2 ** len(coins)` outcomes, sorted by their likelihood ratio and filled until 1/2 after the perturbation.
    """
    outcomes = []
    for ones in itertools.product((0, 1), repeat=len(coins)):
        before = after = Fraction(1)
        for one, (p, q) in zip(ones, coins, strict=True):
            before *= p if one else 1 - p
            after *= q if one else 1 - q
        if before:
            outcomes.append((after / before, before, after))
    left, share = Fraction(1, 2), Fraction(0)
    for _, before, after in sorted(outcomes):
        part = min(Fraction(1), left / after) if after else Fraction(1)
        share += part * before
        left -= part * after
    return share


def coins_of(levels: np.ndarray, group: int, allocation: np.ndarray) -> tuple[tuple[Fraction, Fraction], ...]:
    """Coins of an allocation (2, J), as one group sees them."""
    coins = []
    for cluster, (additions, deletions) in enumerate(allocation.T.tolist()):
        to_one, to_zero = (Fraction(float(kind[group, cluster])) for kind in levels)
        coins += [(to_one, 1 - to_zero)] * int(additions) + [(1 - to_zero, to_one)] * int(deletions)
    return tuple(sorted(coins))


def allocations(additions: int, deletions: int, clusters: int):
    """Every way to spend at most so many whole units, as arrays (2, J)."""
    added, deleted = (
        [one for one in itertools.product(range(most + 1), repeat=clusters) if sum(one) <= most]
        for most in (additions, deletions)
    )
    for pair in itertools.product(added, deleted):
        yield np.array(pair)


def slow_attack(
    levels: np.ndarray, shares: np.ndarray, clusters: np.ndarray, additions: int, deletions: int
) -> int:
    """Most nodes (with a share above 1/2) that any whole allocation takes down."""
    worst = 0
    for allocation in allocations(additions, deletions, levels.shape[2]):
        needed = [slow_share(coins_of(levels, group, allocation)) for group in range(levels.shape[1])]
        hits = sum(
            share > 0.5 and Fraction(float(share)) <= needed[group]
            for share, group in zip(shares, clusters, strict=True)
        )
        worst = max(worst, hits)
    return worst
