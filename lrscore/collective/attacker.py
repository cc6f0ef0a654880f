"""Explicit allocations: what an adversary certainly achieves, hence a ceiling on every certificate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lrscore.collective.problem import Problem
from lrscore.collective.reach import SLACK, Reach
from lrscore.collective.steps import Floats, Integers


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
    used = np.flatnonzero(allocation > 0)
    weights, shares, steps = problem.raw_weights[:, used], allocation[used], problem.raw_steps
    broken = np.isinf(weights).any(axis=1)
    spent = np.where(np.isinf(weights), 0.0, weights) @ shares
    sure = steps(spent * (1 - SLACK))
    for group in np.flatnonzero((sure != steps(spent * (1 + SLACK))) & ~broken):
        spent[group] = exact_product(weights[group], shares)
    return int(np.where(broken, steps.totals, steps(spent)).sum())


def exact_product(weights: Floats, shares: Floats) -> float:
    """`sum weights * shares`, rounded down once: it passes the same thresholds as the exact sum."""
    pairs = zip(weights.tolist(), shares.tolist(), strict=True)
    total = sum((Fraction(weight) * Fraction(share) for weight, share in pairs), Fraction(0))
    place = float(total)
    return place if Fraction(place) <= total else float(np.nextafter(place, -np.inf))


def affordable(problem: Problem, allocation: Floats, budgets: Floats) -> Floats:
    """The allocation (C,) within caps and budgets (K,) exactly: the largest share of a kind gives way."""
    fitted = np.clip(allocation, 0.0, problem.caps)
    for kind, budget in enumerate(budgets.tolist()):
        mine = np.flatnonzero(problem.kinds == kind)
        excess = sum(map(Fraction, fitted[mine].tolist()), Fraction(0)) - Fraction(budget)
        while excess > 0:
            largest = mine[fitted[mine].argmax()]
            lowered = np.nextafter(max(float(fitted[largest]) - float(excess), 0.0), -np.inf)
            fitted[largest] = max(lowered, 0.0)
            excess = sum(map(Fraction, fitted[mine].tolist()), Fraction(0)) - Fraction(budget)
    return fitted


def strongest_attacks(problem: Problem, reached: Reach, found: Floats) -> tuple[Floats, Integers]:
    """Best allocations (M, C) from candidates (M, C), one per budget, and how many outputs they take down exactly."""
    chosen = found.copy()
    per_channel = reached.spent[:, problem.kinds]  # (M, C)
    with np.errstate(divide="ignore", invalid="ignore"):
        profiles = np.where(per_channel > 0, found / per_channel, 0.0)  # (M, C)
    for budget in range(len(found)):
        tries = np.minimum(profiles * per_channel[budget], problem.caps)
        tries = np.concatenate([found[budget][None], tries])
        chosen[budget] = tries[attacked_counts(problem, tries).argmax()]
    fitted = [affordable(problem, row, budgets) for row, budgets in zip(chosen, problem.budgets, strict=True)]
    hits = [exact_attack(problem, row) for row in fitted]
    return np.array(fitted).reshape(found.shape), np.array(hits, dtype=np.int64)
