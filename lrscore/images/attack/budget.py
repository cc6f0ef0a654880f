"""Perturbations within a budget: steepest directions, projections, and rounding that never exceeds it.

A budget is additive: `b` allows a block of pixels perturbations with `sum |delta| ** kappa <= b`, kappa = 2 for l2 and
1 for l1. The blocks are the regions if every region has a share of its own, or the whole image if the adversary may
spend as it likes. All arithmetic is in float64.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lrscore.errors import InputError

_SPARE = 1e-9  # share of every budget left unspent, far above the rounding of a sum in float64
_SPREAD = (
    0.01  # share of a block's values that one l1 step moves: the steepest single one would soon be saturated
)


@dataclass(frozen=True, eq=False)
class Allowance:
    """How much may be spent on every block of an image.

    Args:
        blocks: (H, W) number of the block that a pixel belongs to, from 0.
        budgets: (blocks,) additive budget of each, at least 0.
        exponent: kappa, 2 or 1.

    Raises:
        InputError: a budget is negative or not finite, or a block has none.
    """

    blocks: np.ndarray
    budgets: np.ndarray
    exponent: int

    def __post_init__(self) -> None:
        budgets = np.asarray(self.budgets)
        if not (np.isfinite(budgets).all() and (budgets >= 0).all()):
            raise InputError(f"budgets must be finite and at least 0, got {budgets.tolist()}")
        if budgets.ndim != 1 or int(self.blocks.max()) >= budgets.size:
            raise InputError(
                f"budgets must be one per block ({int(self.blocks.max()) + 1}), got {budgets.size}"
            )

    def steepest(self, gradient: np.ndarray) -> np.ndarray:
        """The perturbation (C, H, W) that raises a linear objective most, as far as the budgets allow.

        For l1 the budget is spread evenly over the hundredth of the block's values with the largest derivatives.
        Blocks without any derivative get nothing.
        """
        step = np.zeros_like(gradient, dtype=np.float64)
        for inside, budget in self._members():
            own = gradient[:, inside].astype(np.float64)
            step[:, inside] = _steepest(own, budget, self.exponent)
        return step

    def project(self, perturbation: np.ndarray) -> np.ndarray:
        """The nearest perturbation (C, H, W) within the budgets, in Euclidean distance, a billionth inside."""
        nearest = np.array(perturbation, dtype=np.float64)
        for inside, budget in self._members():
            nearest[:, inside] = _project(nearest[:, inside], budget * (1 - _SPARE), self.exponent)
        return nearest

    def _members(self) -> list[tuple[np.ndarray, float]]:
        return [(self.blocks == number, float(budget)) for number, budget in enumerate(self.budgets)]


def apply_perturbation(image: np.ndarray, perturbation: np.ndarray) -> np.ndarray:
    """The perturbed image in float32, every value rounded towards the clean one.

    So the change that really arrives is in no value larger than the perturbation asked for: what was within a budget
    stays within it.

    Args:
        image: (C, H, W) float32.
        perturbation: (C, H, W) float64.
    """
    exact = image.astype(np.float64)
    moved = (exact + perturbation).astype(np.float32)
    too_far = np.abs(moved.astype(np.float64) - exact) > np.abs(perturbation)
    return np.where(too_far, np.nextafter(moved, image), moved)


def spent_budget(clean: np.ndarray, perturbed: np.ndarray, blocks: np.ndarray, exponent: int) -> np.ndarray:
    """(blocks,) additive budget that a perturbed image (C, H, W) has used, rounded up."""
    change = np.abs(perturbed.astype(np.float64) - clean.astype(np.float64)) ** exponent
    totals = [math.fsum(change[:, blocks == block].ravel()) for block in range(blocks.max() + 1)]
    return np.array(totals) * (1 + 4 * np.finfo(np.float64).eps)  # each term is off by two roundings at most


def _steepest(gradient: np.ndarray, budget: float, exponent: int) -> np.ndarray:
    size = np.abs(gradient)
    if not size.any() or budget == 0:
        return np.zeros_like(gradient)
    if exponent == 2:
        unit = gradient / size.max()  # no overflow or underflow in the squares
        return unit * (math.sqrt(budget) / np.linalg.norm(unit))
    moved = size >= np.partition(size.ravel(), -_fewest(size.size))[-_fewest(size.size)]
    moved &= size > 0
    return np.where(moved, np.sign(gradient) * (budget / moved.sum()), 0.0)


def _fewest(count: int) -> int:
    return max(1, round(_SPREAD * count))


def _project(values: np.ndarray, budget: float, exponent: int) -> np.ndarray:
    """Onto the ball `sum |x| ** exponent <= budget`."""
    size = np.abs(values)
    total = float((size**exponent).sum())
    if total <= budget:
        return values
    if exponent == 2:
        return values * math.sqrt(budget / total)
    # Duchi et al. 2008: shrink every value by the same amount, to 0 at most
    ordered = np.sort(size.ravel())[::-1]
    excess = np.cumsum(ordered) - budget
    last = np.flatnonzero(ordered * np.arange(1, ordered.size + 1) > excess)
    shrink = excess[last[-1]] / (last[-1] + 1) if last.size else np.inf
    shrunk = np.sign(values) * np.maximum(size - shrink, 0.0)
    total = float(np.abs(shrunk).sum())  # rounding in the sums above may leave a little too much
    return shrunk * (budget / total) if total > budget else shrunk
