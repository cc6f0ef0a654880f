"""What is asked, in outward-rounded arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from lrscore.collective.certificate import SMALLEST
from lrscore.collective.inputs import (
    Matrices,
    checked_budgets,
    checked_caps,
    checked_groups,
    checked_thresholds,
    checked_weights,
)
from lrscore.collective.integers import snapped
from lrscore.collective.kinship import Differences, kin
from lrscore.collective.steps import Booleans, Floats, Integers, Steps

FINE = 100
"""Groups from which on a grid is a fine one."""


@dataclass(frozen=True)
class Problem:
    """One adversary against `I` groups, with `K` budget kinds over `J` regions: `C = K * J` *channels* to spend in.

    weights: (I, C) rounded up, 0 where infinite; forbidden: (I, C) where they are infinite; kinds: (C,) kind of
    every channel; caps: (C,) finite, at most the largest budget of the kind; limits: (K, J) caps as given; budgets:
    (M, K); integer: only whole units are spent; single: one matrix was given, not a sequence; steps: of the
    thresholds rounded down (and, for whole units, raised to what those can reach). raw_weights (I, C) and raw_steps
    hold the numbers as given: the ceiling is counted on them.
    """

    weights: Floats
    forbidden: Booleans
    kinds: Integers
    caps: Floats
    limits: Floats
    budgets: Floats
    integer: bool
    single: bool
    steps: Steps
    raw_weights: Floats
    raw_steps: Steps

    @cached_property
    def roomy(self) -> list[bool]:
        """(K,) whether every channel of a kind can take the largest budget of it: no cap binds."""
        largest = self.budgets.max(axis=0, initial=0.0)
        return [bool((self.caps[self.kinds == k] >= most).all()) for k, most in enumerate(largest.tolist())]

    @property
    def fine(self) -> bool:
        """Whether there are so many groups that effort counts: a curve may stop short of what solving it would add."""
        return self.steps.n_groups >= FINE

    @cached_property
    def kin(self) -> Integers:
        """(I,) for every group one whose weights differ in few places, or -1."""
        return kin(self.weights)

    @cached_property
    def parted(self) -> sparse.csc_array:
        """(I, C) weights as differences from the `kin` of every group."""
        return sparse.csc_array(
            Differences(self.kin, np.arange(self.steps.n_groups), 0).of_dense(self.weights)
        )

    @cached_property
    def values(self) -> tuple[Floats, Integers]:
        """(D,) different weights, ascending, and which of them (I, C) every weight is."""
        values, codes = np.unique(self.weights, return_inverse=True)
        return values, codes.reshape(self.weights.shape)

    @property
    def n_targets(self) -> int:
        """Outputs that are counted: those that do not abstain."""
        return int(self.steps.totals.sum())


@dataclass(frozen=True)
class Threat:
    """What the adversary may do beside its budgets, and which outputs it is after.

    Args:
        caps: (J,) or (K, J), most that can be spent in a region; None for no limit.
        targets: (N,) booleans, outputs to count (for example those that are also correct); None for all.
        integer: whether only whole units are spent (counts); budgets and caps are rounded down.
    """

    caps: ArrayLike | None = None
    targets: ArrayLike | None = None
    integer: bool = False


def build_problem(
    weights: Matrices, thresholds: ArrayLike, groups: ArrayLike, budgets: ArrayLike, threat: Threat
) -> Problem:
    """Check and round the inputs of `certify_collectively`; see there for shapes."""
    stack, single = checked_weights(weights)
    n_kinds, n_groups, n_regions = stack.shape
    rows = checked_budgets(budgets, n_kinds, single)
    levels = checked_thresholds(thresholds, threat.targets)
    members = checked_groups(groups, levels.size, n_groups)
    limits = checked_caps(threat.caps, n_kinds, n_regions)
    raw = stack.transpose(1, 0, 2).reshape(n_groups, n_kinds * n_regions)
    rounded = np.where(np.isinf(raw) | (raw == 0), 0.0, np.nextafter(raw, np.inf))
    kinds = np.repeat(np.arange(n_kinds), n_regions)
    counted = levels >= SMALLEST
    levels, members = levels[counted], members[counted]
    lowered = np.where(np.isinf(levels), levels, np.nextafter(levels, 0.0))
    if threat.integer:
        rows, limits = np.floor(rows), np.floor(limits)
        lowered = snapped(lowered, members, rounded, kinds, rows.max(axis=0, initial=0.0))
    return Problem(
        weights=rounded,
        forbidden=np.isinf(raw),
        kinds=kinds,
        caps=np.minimum(limits, rows.max(axis=0, initial=0.0)[:, None]).ravel(),
        limits=limits,
        budgets=rows,
        integer=threat.integer,
        single=single,
        steps=Steps.of(lowered, members, n_groups),
        raw_weights=raw,
        raw_steps=Steps.of(levels, members, n_groups),
    )
