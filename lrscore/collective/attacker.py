"""Explicit allocations: what an adversary certainly achieves, hence a ceiling on every certificate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lrscore.collective.problem import SLACK, Problem, Reach
from lrscore.collective.steps import Floats, Integers, StepFunction


def attacked_counts(problem: Problem, allocations: Floats) -> Integers:
    """(...,) outputs of the raw problem that allocations (..., C) take down, up to rounding in near ties."""
    hits = np.zeros(allocations.shape[:-1], dtype=np.int64)
    finite = np.where(problem.forbidden, 0.0, problem.raw_weights)
    totals = allocations @ finite.T  # (..., I)
    broken = (allocations > 0) @ problem.forbidden.T
    for group, step in enumerate(problem.raw_steps):
        hits += np.where(broken[..., group], step.total, step(totals[..., group]))
    return hits


def exact_attack(problem: Problem, allocation: Floats) -> int:
    """Outputs of the raw problem that one allocation (C,) takes down, ties decided in rational arithmetic."""
    used = np.flatnonzero(allocation > 0)
    hits = 0
    for weights, step in zip(problem.raw_weights[:, used], problem.raw_steps, strict=True):
        if np.isinf(weights).any():
            hits += step.total
            continue
        total = weights @ allocation[used]
        sure, possible = step(np.array([total * (1 - SLACK), total * (1 + SLACK)]))
        hits += int(sure) if sure == possible else exact_step(step, weights, allocation[used])
    return hits


def exact_step(step: StepFunction, weights: Floats, shares: Floats) -> int:
    """`G(sum weights * shares)` without rounding."""
    total = sum((Fraction(w) * Fraction(b) for w, b in zip(weights.tolist(), shares.tolist(), strict=True)), Fraction(0))
    place = float(total)
    if Fraction(place) > total:
        place = float(np.nextafter(place, -np.inf))
    return int(step(np.array(place)))


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
