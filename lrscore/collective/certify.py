"""`certify_collectively`: inputs to a certificate with proof and ceiling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lrscore.collective.attacker import strongest_attacks
from lrscore.collective.bounds import proven_counts, relaxed_bounds, step_bounds
from lrscore.collective.certificate import METHODS, CollectiveCertificate, Proof, Status
from lrscore.collective.envelope import solve_envelope
from lrscore.collective.paper import solve_paper
from lrscore.collective.problem import Problem, build_problem
from lrscore.collective.reach import Reach, whole_reach
from lrscore.collective.steps import Floats, Integers
from lrscore.errors import SettingsError


def certify_collectively(
    weights: ArrayLike | Sequence[ArrayLike],
    thresholds: ArrayLike,
    groups: ArrayLike,
    budgets: ArrayLike,
    *,
    method: str = "envelope",
    caps: ArrayLike | None = None,
    time_limit: float | None = None,
) -> CollectiveCertificate:
    """Certify."""
    if method not in METHODS:
        raise SettingsError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    problem = build_problem(weights, thresholds, groups, budgets, caps)
    reached = whole_reach(problem)
    multipliers, allocations = relaxation_duals(problem, reached, method)
    certified, roots = best_duals(problem, reached, multipliers, method)
    allocations, attacked = strongest_attacks(problem, reached, allocations)
    ceiling = problem.n_targets - attacked
    single = np.ndim(weights) == 2
    n_budgets, n_kinds = problem.budgets.shape
    shape = (n_budgets, -1) if single else (n_budgets, n_kinds, problem.kinds.size // n_kinds)
    return CollectiveCertificate(
        budgets=problem.budgets[:, 0] if single else problem.budgets,
        certified=certified,
        ceiling=ceiling,
        allocation=allocations.reshape(shape) if n_budgets else np.zeros((0, *shape[1:])),
        proof=plain_proof(problem, multipliers, roots, caps),
        method=method,
        n_outputs=int(np.size(thresholds)),
        status=tuple(Status.OPTIMAL if low == high else Status.RELAXED for low, high in zip(certified, ceiling, strict=True)),
    )


def relaxation_duals(problem: Problem, reached: Reach, method: str) -> tuple[Floats, Floats]:
    """(P, I) dual vectors, the first of them 0 (the naive bound), and one candidate allocation per budget (M, C)."""
    vectors = [np.zeros(problem.steps.n_groups)]
    allocations = np.zeros((len(problem.budgets), problem.kinds.size))
    solve = solve_paper if method == "paper" else solve_envelope
    for budget in range(len(problem.budgets)):
        solution = solve(problem, reached, budget)
        if solution is None:
            continue
        allocations[budget] = solution.allocation
        if method != "naive":
            vectors.append(np.maximum(solution.multipliers, 0.0))
    return np.array(vectors), allocations


def best_duals(problem: Problem, reached: Reach, multipliers: Floats, method: str) -> tuple[Integers, Integers]:
    """Certified counts (M,), monotone in the budget, and which dual vector proves each."""
    bounds = [step_bounds(problem, reached, multipliers[0])]
    evaluate = relaxed_bounds if method == "paper" else step_bounds
    bounds += [evaluate(problem, reached, vector) for vector in multipliers[1:]]
    counts = proven_counts(problem, np.array(bounds))
    return counts.max(axis=0), counts.argmax(axis=0)


def plain_proof(problem: Problem, multipliers: Floats, roots: Integers, caps: ArrayLike | None) -> Proof:
    """A proof without branching: one leaf per dual vector."""
    n_leaves, n_kinds = len(multipliers), problem.budgets.shape[1]
    shape = (n_kinds, problem.kinds.size // n_kinds)
    return Proof(
        multipliers=multipliers,
        roots=roots.astype(np.int64),
        split_groups=np.full(n_leaves, -1, dtype=np.int64),
        split_values=np.zeros(n_leaves),
        children=np.full((n_leaves, 2), -1, dtype=np.int64),
        leaf_multipliers=np.arange(n_leaves, dtype=np.int64),
        enumerated=np.zeros(len(problem.budgets), dtype=np.bool_),
        caps=np.full(shape, np.inf) if caps is None else np.array(caps, dtype=np.float64).reshape(shape),
        integer=False,
    )
