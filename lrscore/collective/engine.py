"""From a problem to counts, proof and ceiling: the relaxations first, then, for "exact", what remains open."""

from __future__ import annotations

import numpy as np

from lrscore.collective.attacker import admissible, attacked_counts, settled_attacks, strongest_attacks
from lrscore.collective.bounds import proven_counts, step_bounds
from lrscore.collective.branching import Branching, Limits
from lrscore.collective.certificate import CollectiveCertificate, Status
from lrscore.collective.concave import envelopes
from lrscore.collective.curve import Curve, Relaxation, solve_curve
from lrscore.collective.enumeration import listed_attack
from lrscore.collective.paper import paper_relaxation
from lrscore.collective.problem import Problem
from lrscore.collective.program import AllocationProgram, Solution
from lrscore.collective.proving import ProofBuilder
from lrscore.collective.reach import Reach, whole_reach
from lrscore.collective.steps import Booleans, Floats, Integers


class Engine:
    """One call of `certify_collectively`. Budgets of the problem are in ascending lexicographic order."""

    def __init__(
        self, problem: Problem, method: str, bins: int | None = None, *, attacks: bool = True
    ) -> None:
        self.problem, self.method = problem, method
        self.reached = whole_reach(problem)
        curve = self._relaxed_curve(bins)
        self.certified = curve.certified.copy()
        self.proof = ProofBuilder(curve)
        find = strongest_attacks if attacks else _as_relaxed
        self.allocations = find(problem, self.reached, curve.allocations)
        self.status = [Status.RELAXED] * len(problem.budgets)
        self.vectors = curve.vectors[curve.chosen]  # (M, I)

    def _relaxed_curve(self, bins: int | None) -> Curve:
        if self.method == "paper":
            return solve_curve(self.problem, self.reached, paper_relaxation(self.problem, bins))
        curve = solve_curve(
            self.problem, self.reached, Relaxation(_solve_envelope, step_bounds, _envelope_attained)
        )
        if self.method != "naive":
            return curve
        vectors, chosen = curve.vectors[:1], np.zeros_like(curve.chosen)
        counts = proven_counts(self.problem, step_bounds(self.problem, self.reached, vectors[0]))
        return Curve(vectors, chosen, counts, curve.allocations)

    def refine(self, limits: Limits) -> None:
        """Branch, or list whole units, wherever the count is below the ceiling, until somebody cancels.

        Largest budgets first, because what they prove holds at smaller ones.
        """
        hits = attacked_counts(self.problem, self.allocations)
        for budget in reversed(range(len(self.certified))):
            if limits.cancelled():
                return
            inherited = self.certified[self.larger(budget)].max()
            if max(inherited, self.certified[budget]) + hits[budget] >= self.problem.n_targets:
                # Unless fractions find the attack as strong as floats do
                self.status[budget] = Status.ROUNDING
                continue
            if not self._list(budget):
                self._branch(budget, limits)

    def larger(self, budget: int) -> Booleans:
        """(M,) budgets that allow at least as much of every kind."""
        return (self.problem.budgets >= self.problem.budgets[budget]).all(axis=1)

    def _list(self, budget: int) -> bool:
        listed = listed_attack(self.problem, self.reached.spent[budget]) if self.problem.integer else None
        if listed is None:
            return False
        self._adopt(budget, listed[0], Status.ROUNDING)
        self.proof.enumerated[budget] = True
        self.allocations[budget] = listed[1]
        return True

    def _branch(self, budget: int, limits: Limits) -> None:
        branching = Branching(self.problem, self.reached, budget, self.allocations[budget])
        found = branching.run(self.vectors[budget], limits)
        self.proof.plant(budget, found.tree)
        self._adopt(budget, found.bound, found.status)
        self.allocations[budget] = found.allocation

    def _adopt(self, budget: int, bound: int, status: Status) -> None:
        self.certified[budget] = max(self.certified[budget], self.problem.n_targets - bound)
        self.status[budget] = status

    def certificate(self, order: Integers, n_outputs: int) -> CollectiveCertificate:
        """The result, budgets back in the caller's order: `order[m]` is the position of its budget m here."""
        problem, (n_budgets, n_kinds) = self.problem, self.problem.budgets.shape
        allocations, hits = settled_attacks(problem, self.allocations)
        certified = np.array([self.certified[self.larger(m)].max() for m in range(n_budgets)], dtype=np.int64)
        ceiling = problem.n_targets - hits
        done = certified == ceiling
        status = [Status.OPTIMAL if good else self._open_status(m) for m, good in enumerate(done)]
        n_regions = problem.kinds.size // n_kinds
        shape = (n_budgets, n_regions) if problem.single else (n_budgets, n_kinds, n_regions)
        return CollectiveCertificate(
            budgets=problem.budgets[order, 0] if problem.single else problem.budgets[order],
            certified=certified[order],
            ceiling=ceiling[order],
            allocation=allocations[order].reshape(shape),
            proof=self.proof.finish(order, problem.limits, problem.integer),
            method=self.method,
            n_outputs=n_outputs,
            status=tuple(status[m] for m in order),
        )

    def _open_status(self, budget: int) -> Status:
        """Why a gap is left; a finished search leaves one only by rounding."""
        own = self.status[budget]
        return Status.ROUNDING if own is Status.OPTIMAL else own


def _as_relaxed(problem: Problem, reached: Reach, found: Floats) -> Floats:
    """The relaxed adversary's allocations (M, C), made admissible and no better."""
    return admissible(problem, np.minimum(found, problem.caps))


def _solve_envelope(problem: Problem, reached: Reach, budget: int) -> Solution | None:
    """Best allocation and dual vector of the envelope relaxation at one budget."""
    return AllocationProgram(problem, reached, budget).solve(envelopes(problem.steps, reached, budget))


def _envelope_attained(problem: Problem, reached: Reach, budget: int, allocations: Floats) -> Floats:
    """(T,) what the envelopes allow at one budget to an adversary that spends as given (T, C)."""
    gains = envelopes(problem.steps, reached, budget)
    places = allocations @ problem.weights.T
    totals = np.where(reached.doomed[budget], problem.steps.totals, 0).sum()
    kept = ~reached.doomed[budget]
    return np.array([totals + gains(row)[kept].sum() for row in places])
