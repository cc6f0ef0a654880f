"""Branch and bound on the intervals of the weighted budgets, with the envelope as bound: the exact method.

Falk & Soland (1969) branch on the arguments of separable non-concave functions; Udell & Boyd do it for sums of
sigmoids. Here the functions are step functions, the arguments few (one per group), and every open box keeps a proven
bound.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lrscore.collective.attacker import attacked_counts, candidates, polished
from lrscore.collective.bounds import step_bounds
from lrscore.collective.certificate import Status
from lrscore.collective.concave import Gains, envelopes
from lrscore.collective.floors import floored_bound, floored_vector, has_floors
from lrscore.collective.problem import Problem
from lrscore.collective.program import AllocationProgram
from lrscore.collective.reach import Reach
from lrscore.collective.reweighting import reweighted
from lrscore.collective.steps import Floats

PROMISING = 0.95  # share of the best attack from which an allocation is worth a local search


@dataclass(frozen=True)
class Limits:
    """When branch and bound stops, what it has proven by then in hand.

    time_limit: seconds per budget; node_limit: boxes per budget; cancel: asked before every box.
    """

    time_limit: float | None = None
    node_limit: int = 2000
    cancel: Callable[[], bool] | None = None

    def cancelled(self) -> bool:
        """Whether the caller has had enough."""
        return self.cancel is not None and self.cancel()


@dataclass
class Tree:
    """A growing proof: per node the split group (-1 at leaves), split value, children and dual vector."""

    split_groups: list[int] = field(default_factory=list)
    split_values: list[float] = field(default_factory=list)
    children: list[tuple[int, int]] = field(default_factory=list)
    multipliers: list[Floats] = field(default_factory=list)

    def add(self, multipliers: Floats) -> int:
        """A new leaf."""
        self.split_groups.append(-1)
        self.split_values.append(0.0)
        self.children.append((-1, -1))
        self.multipliers.append(multipliers)
        return len(self.split_groups) - 1

    def split(self, node: int, group: int, value: float, below: int, above: int) -> None:
        """Turn a leaf into a split at `value` of the weighted budget of `group`."""
        self.split_groups[node], self.split_values[node] = group, value
        self.children[node] = (below, above)


@dataclass(order=True)
class Box:
    """An open box, sorted by its negated bound; `where` (group, rank of a step) is the split its relaxation fears."""

    key: float
    node: int
    reached: Reach = field(compare=False)
    multipliers: Floats = field(compare=False)
    where: tuple[int, int] | None = field(compare=False)


@dataclass(frozen=True)
class Search:
    """What branch and bound leaves: a proof tree, the attack it bounds, the best allocation (C,) and its hits."""

    tree: Tree
    bound: int
    allocation: Floats
    hits: int
    status: Status


class Branching:
    """One search at one budget, from an allocation (C,) that should be beaten."""

    def __init__(self, problem: Problem, reached: Reach, budget: int, allocation: Floats) -> None:
        self.problem, self.root = problem, reached.at(slice(budget, budget + 1))
        self.program = AllocationProgram(problem, self.root, 0)
        self.floors = has_floors(problem)
        self.tree = Tree()
        self.allocation = allocation
        self.hits = int(attacked_counts(problem, allocation[None])[0])

    def run(self, multipliers: Floats, limits: Limits) -> Search:
        """Split the box with the largest bound until none exceeds the best attack found, or until a limit."""
        deadline = time.monotonic() + (math.inf if limits.time_limit is None else limits.time_limit)

        def late() -> bool:
            return time.monotonic() > deadline or limits.cancelled()

        if self.problem.fine:
            self._strengthen(late)
        if self.floors and (tighter := floored_vector(self.problem, self.root)) is not None:
            multipliers = min(multipliers, tighter, key=lambda vector: self._bound(self.root, vector))
        open_boxes = [self._box(self.root, multipliers)]
        stuck = 0  # attack bound of boxes that no split can improve
        status = Status.OPTIMAL
        while open_boxes and math.floor(-open_boxes[0].key) > max(self.hits, stuck):
            if len(self.tree.split_groups) + 2 > limits.node_limit:
                status = Status.NODE_LIMIT
                break
            if late():
                status = Status.TIME_LIMIT
                break
            box = heapq.heappop(open_boxes)
            if box.where is None:
                stuck = max(stuck, math.floor(-box.key))
                continue
            halves = [self._box(half, box.multipliers) for half in box.reached.cut(*box.where)]
            group, value = box.where[0], halves[1].reached.lower[0, box.where[0]]
            self.tree.split(box.node, group, float(value), halves[0].node, halves[1].node)
            for half in halves:
                heapq.heappush(open_boxes, half)
        bound = max(self.hits, stuck, *(math.floor(-box.key) for box in open_boxes[:1]))
        if status is Status.OPTIMAL and bound > self.hits:
            status = Status.ROUNDING
        return Search(self.tree, bound, self.allocation, self.hits, status)

    def _box(self, reached: Reach, inherited: Floats) -> Box:
        """Bound one box with its own dual vector or its parent's, and try the allocation behind the bound."""
        gains = envelopes(self.problem.steps, reached)
        boxed = (reached.lower[0] > self.root.lower[0]) | (reached.upper[0] < self.root.upper[0])
        solution = self.program.solve(gains, boxed)
        vectors = [inherited] if solution is None else [inherited, solution.multipliers]
        bounds = [self._bound(reached, vector) for vector in vectors]
        best = int(np.argmin(bounds))
        node = self.tree.add(vectors[best])
        where = None
        if solution is not None:
            self._attack(solution.allocation)
            where = worst_split(reached, gains, self.problem.weights @ solution.allocation)
        return Box(-bounds[best], node, reached, vectors[best], where)

    def _bound(self, box: Reach, vector: Floats) -> float:
        bound = float(step_bounds(self.problem, box, vector)[0])
        return min(bound, floored_bound(self.problem, box, vector)) if self.floors else bound

    def _strengthen(self, late: Callable[[], bool]) -> None:
        """Try what reweighted programs find: on fine grids boxes find little."""
        tries = reweighted(self.problem, self.root.spent[0], self.allocation, late)
        if tries:
            counts = attacked_counts(self.problem, np.stack(tries))
            self._attack(tries[counts.argmax()])

    def _attack(self, allocation: Floats) -> None:
        """Try the relaxed adversary's allocation, and polish it if it is nearly as good as the best."""
        spent = self.root.spent[0, self.problem.kinds]
        profile = np.divide(allocation, spent, out=np.zeros(spent.size), where=spent > 0)
        tries = candidates(self.problem, self.root.spent[0], profile[None], allocation)
        counts = attacked_counts(self.problem, tries)
        if counts.max() >= PROMISING * self.hits:
            attempt = polished(self.problem, tries[counts.argmax()])
            hits = int(attacked_counts(self.problem, attempt[None])[0])
            if hits > self.hits:
                self.hits, self.allocation = hits, attempt


def worst_split(reached: Reach, gains: Gains, spent: Floats) -> tuple[int, int] | None:
    """The group whose envelope promises most above its step function, and its first step above that place.

    Cutting there lowers the envelope to the steps just left of the place; cutting at the envelope's next corner instead
    was measured to close less of the gap on every problem of the benchmark.
    """
    steps = reached.steps
    lower, upper = reached.lower[0], reached.upper[0]
    places = np.clip(spent, lower, upper)
    ranks = np.clip(steps.ranks(places), reached.start[0], reached.stop[0])
    gaps = gains(places) - steps.heights[steps.bases + ranks]
    # At least one step must lie above the place, inside the box: only there can a split lower the envelope.
    splittable = (ranks < reached.stop[0]) & ~reached.doomed[0]
    if not splittable.any():
        return None
    group = int(np.where(splittable, gaps, -1.0).argmax())
    if gaps[group] <= 0:
        return None
    return group, int(ranks[group])
