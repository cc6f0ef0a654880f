"""Where further samples help the collective certificate, and when they stop helping.

Weak duality turns this into arithmetic. For any dual vector `y` the attack is at most
`sum_i max_s (G_i(s) - y_i s) + (a term without thresholds)`, with `G_i(s)` the number of group `i`'s outputs
whose threshold is at most `s`. Take the `y` of the certificate for the thresholds expected *later*: there the
bound is attained, and for the thresholds of *now* it still holds. So the certified count can rise by no more
than the sum of the differences of the group terms, and each difference says what its group contributes.

The choice of samples never enters a guarantee: the bounds of "anytime" and "mixture" plans hold at every look
of every group, whatever made sampling go on or stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lrscore.errors import InputError, SettingsError
from lrscore.statistics.arrays import FloatArray, IntArray, as_counts, check_counts
from lrscore.statistics.plan import ConfidencePlan


@dataclass(frozen=True)
class CollectiveView:
    """What the collective certificate says about M budgets: the inputs of `certify_collectively` and its dual vectors.

    Attributes:
        groups: (N,) group of each output, in [0, I).
        weights: (K, I, J) weights, one matrix per budget kind; (I, J) is taken as one kind.
        budgets: (M, K) budgets in additive form; (M,) is taken as one kind.
        multipliers: (M, I) dual vector of the certificate at each budget.
    """

    groups: IntArray
    weights: FloatArray
    budgets: FloatArray
    multipliers: FloatArray

    def __post_init__(self) -> None:
        weights, budgets = np.asarray(self.weights, dtype=float), np.asarray(self.budgets, dtype=float)
        weights = weights[None] if weights.ndim == 2 else weights
        budgets = budgets[:, None] if budgets.ndim == 1 else budgets
        multipliers = np.asarray(self.multipliers, dtype=float)
        groups = as_counts("groups", self.groups)
        if weights.ndim != 3 or budgets.ndim != 2 or budgets.shape[1] != weights.shape[0]:
            raise InputError(
                f"weights, budgets: expected (K, I, J) and (M, K), got {weights.shape} and {budgets.shape}"
            )
        if multipliers.shape != (budgets.shape[0], weights.shape[1]):
            raise InputError(
                f"multipliers: expected one per budget and group, {(budgets.shape[0], weights.shape[1])}, "
                f"got {multipliers.shape}"
            )
        if groups.ndim != 1 or (groups.size and groups.max() >= weights.shape[1]):
            raise InputError(
                f"groups: expected (N,) numbers below I = {weights.shape[1]}, got {groups.shape}"
            )
        for name, value in (("weights", weights), ("budgets", budgets), ("multipliers", multipliers)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "groups", groups)

    @property
    def reach(self) -> tuple[FloatArray, FloatArray]:
        """Smallest and largest weighted budget (M, I) that the adversary can spend against each group."""
        with np.errstate(invalid="ignore"):
            # No budget of a kind costs nothing, even where its weight is infinite.
            spent = np.nan_to_num(self.budgets[:, :, None, None] * self.weights, nan=0.0, posinf=np.inf)
        return spent.min(axis=3).sum(axis=1), spent.max(axis=3).sum(axis=1)


@dataclass(frozen=True)
class SamplingChoice:
    """Further samples per group, and what they may bring.

    Attributes:
        samples: (I,) further samples to draw for each group; 0 for groups that are left as they are.
        gains: (I,) most that each group can still add to the certified count at any of the budgets.
        stop: whether nothing is left to draw: `samples` is 0 everywhere.
    """

    samples: IntArray
    gains: FloatArray
    stop: bool


def projected_bounds(
    successes: ArrayLike, trials: ArrayLike, plan: ConfidencePlan, final_size: int
) -> FloatArray:
    """Return the lower bounds (N,) that the plan would give if every output went on to agree at its present rate.

    A forecast for `choose_samples`, not a guarantee.

    Args:
        successes, trials: counts so far, as in `ConfidencePlan.lower`.
        plan: correction "anytime" (`final_size` one of its looks) or "mixture".
        final_size: sample size to project to, at least `trials`.
    """
    if not plan.sequential:
        raise SettingsError(f"plan: expected correction anytime or mixture, got {plan.correction}")
    k, n = check_counts(successes, trials)
    if n.size and n.max() > final_size:
        raise InputError(
            f"final_size: expected at least the {n.max()} samples drawn already, got {final_size}"
        )
    expected = np.floor(k * (final_size / n) * (1.0 + 1e-12)).astype(np.int64)
    return plan.lower(np.minimum(expected, final_size), final_size)


def group_gains(now: ArrayLike, later: ArrayLike, view: CollectiveView) -> FloatArray:
    """Return (M, I): what each group's better thresholds can add to the certified count at each budget, at most.

    If `view.multipliers` belong to the certificate for the thresholds `later`, the certified count at budget
    `m` rises by at most `gains[m].sum()` when the thresholds (N,) go from `now` to `later`; with the
    multipliers of the certificate for `now` it rises by at least `gains[m].sum()` (up to rounding to whole
    outputs).
    """
    before, after = (np.asarray(values, dtype=np.float64) for values in (now, later))
    for name, values in (("now", before), ("later", after)):
        if values.shape != view.groups.shape or np.any(np.isnan(values)):
            raise InputError(
                f"{name}: expected one threshold per output, {view.groups.shape}, got {values.shape}"
            )
    return np.maximum(_group_terms(before, view) - _group_terms(after, view), 0.0)


def choose_samples(
    gains: ArrayLike, trials: ArrayLike, sizes: Sequence[int], *, tolerance: float
) -> SamplingChoice:
    """Return the groups to sample on: all but those that together can change the certified count too little.

    Groups are left as they are, least gain first, as long as their gains add up to less than `tolerance`
    outputs. The others go on to the next size. If all are left, the certified count can change by less than
    `tolerance`: stop.

    Args:
        gains: (M, I) from `group_gains`; the largest over the budgets counts.
        trials: (I,) samples drawn for each group so far.
        sizes: sample sizes at which looks are taken, increasing; groups at the last one are complete.
        tolerance: number of outputs, above 0.
    """
    if not tolerance > 0.0:
        raise SettingsError(f"tolerance: expected a number of outputs above 0, got {tolerance}")
    most, drawn = np.asarray(gains, dtype=np.float64).max(axis=0), as_counts("trials", trials)
    if drawn.shape != most.shape:
        raise InputError(f"trials: expected one count per group, {most.shape}, got {drawn.shape}")
    place = np.searchsorted(sizes, drawn, side="right")
    open_groups = place < len(sizes)
    most = np.where(open_groups, most, 0.0)
    order = np.argsort(most, kind="stable")
    wanted = np.zeros(most.size, dtype=bool)
    wanted[order] = np.cumsum(most[order]) >= tolerance
    ahead = np.asarray(sizes)[np.minimum(place, len(sizes) - 1)] - drawn
    samples = np.where(wanted & open_groups, ahead, 0)
    return SamplingChoice(samples, most, not samples.any())


def _group_terms(thresholds: FloatArray, view: CollectiveView) -> FloatArray:
    """Return `max_s (G_i(s) - y_i s)` (M, I) over each group's reach: at its ends or where `G_i` steps."""
    lowest, highest = view.reach
    terms = np.zeros_like(view.multipliers)
    for group in range(terms.shape[1]):
        steps = np.sort(thresholds[view.groups == group])
        low, high, slope = lowest[:, group], highest[:, group], view.multipliers[:, group]
        doomed = np.isinf(high)
        low, high = np.where(doomed, 0.0, low), np.where(doomed, 0.0, high)
        best = np.maximum(
            np.searchsorted(steps, low, side="right") - slope * low,
            np.searchsorted(steps, high, side="right") - slope * high,
        )
        finite = np.where(np.isfinite(steps), steps, 0.0)
        inside = (steps > low[:, None]) & (steps <= high[:, None])
        climbed = np.where(inside, np.arange(1, steps.size + 1) - slope[:, None] * finite, -np.inf)
        # A group within infinite reach falls whatever its thresholds: nothing to gain.
        terms[:, group] = np.where(doomed, 0.0, np.maximum(best, climbed.max(axis=1, initial=-np.inf)))
    return terms
