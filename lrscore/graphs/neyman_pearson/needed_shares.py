"""How large a vote share must be to survive a perturbation: exact Neyman-Pearson values, in batches.

For perturbed attributes of known kinds, the joint outcomes are sorted by their likelihood ratio (perturbed over clean,
ascending) and filled until their mass under the perturbed noise is 1/2; their mass under the clean noise is the share
`p*` that a label needs to exceed (docs/theory.md, 2.6).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from lrscore.graphs.neyman_pearson.bit_kinds import Coin
from lrscore.noise.flips import RESOLUTION

MARGIN = 1e-10
"""More than what the sums err by: at most `LARGEST` outcomes, each a product of at most 600 factors that are exact or
rounded once, err by less than 2e-13 each and their running sums by less than 1e-11 (a slope of at most 2 included)."""
LARGEST = 1 << 12
ROUGH = 1 << 8
"""Outcomes that are told apart, at most, and in a first look for attacks."""
_LONG = 48  # outcomes from which on a row is first tried with half of its attributes
_MOST = 255  # attributes of one kind that are told apart
_AT_ONCE = 1 << 20


class NeededShares:
    """Values `p*` for counts of perturbed attributes by kind, each computed once.

    Args:
        coins: of the kinds that count vectors refer to, in their order.
        enough: larger values are not told apart: the upper bound may be 1 where the lower one is at least that much.
        largest: outcomes that are told apart; beyond it, upper bounds are 1 and lower bounds leave attributes out.
    """

    def __init__(self, coins: Sequence[Coin], enough: float = 1.0, largest: int = LARGEST) -> None:
        self._enough, self._largest = enough, largest
        corners = np.array(coins, dtype=np.float64).reshape(-1, 2) / RESOLUTION
        self._clean, self._perturbed = corners[:, 0], corners[:, 1]
        self._known: dict[bytes, tuple[float, float]] = {}

    def between(self, counts: np.ndarray) -> np.ndarray:
        """Bounds on `p*` for count vectors.

        Args:
            counts: (n, kinds) whole numbers of attributes of each kind.

        Returns:
            (n, 2) lower and upper bounds, `MARGIN` outward; 1/2 exactly where nothing is perturbed.
        """
        if counts.shape[1] == 0:
            return np.full((len(counts), 2), 0.5)
        rows = np.minimum(counts, _MOST).astype(np.uint8)
        keys = rows.view(np.dtype((np.void, rows.shape[1]))).ravel().tolist()
        fresh = {key: row for row, key in enumerate(keys) if key not in self._known}
        if fresh:
            found = self._compute(rows[list(fresh.values())])
            self._known.update(zip(fresh, map(tuple, found.tolist()), strict=True))
        result = np.array([self._known[key] for key in keys]).reshape(-1, 2)
        result[(counts > _MOST).any(axis=1), 1] = 1.0
        return result

    def _compute(self, counts: np.ndarray) -> np.ndarray:
        """Long rows through their halves first: leaving attributes out gives lower bounds, and those may be enough."""
        result = np.empty((len(counts), 2))
        with np.errstate(over="ignore"):
            long = np.prod(counts + 1.0, axis=1) > _LONG
        if long.any():
            result[long, 0], result[long, 1] = self.between(counts[long] // 2)[:, 0], 1.0
            long[long] = result[long, 0] >= self._enough
        result[~long] = self._fill(counts[~long])
        return result

    def _fill(self, counts: np.ndarray) -> np.ndarray:
        """Rows of one shape (the same counts, of other kinds) have as many outcomes and are filled together."""
        order = np.argsort(-counts.astype(np.int64), axis=1, kind="stable")
        sizes = np.take_along_axis(counts, order, axis=1)
        shapes, members = np.unique(sizes, axis=0, return_inverse=True)
        result = np.empty((len(counts), 2))
        for number, shape in enumerate(shapes.tolist()):
            rows = np.flatnonzero(members.ravel() == number)
            kept, outcomes = 0, 1
            while kept < len(shape) and shape[kept] and outcomes * (shape[kept] + 1) <= self._largest:
                outcomes *= shape[kept] + 1
                kept += 1
            whole = kept == len(shape) or not shape[kept]
            for start in range(0, rows.size, max(1, _AT_ONCE // outcomes)):
                some = rows[start : start + max(1, _AT_ONCE // outcomes)]
                result[some, 0] = self._filled(order[some, :kept], shape[:kept])
            result[rows, 1] = result[rows, 0] + MARGIN if whole else 1.0
        touched = counts.any(axis=1)
        result[touched, 0] -= MARGIN
        result[~touched] = 0.5
        return np.clip(result, 0.5, 1.0)

    def _filled(self, kinds: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
        """(n,) clean mass of what is filled, for `sizes[e]` attributes of `kinds[:, e]`."""
        clean = perturbed = np.ones((len(kinds), 1))
        for column, size in enumerate(sizes):
            clean = _joined(clean, _binomial(self._clean[kinds[:, column]], size))
            perturbed = _joined(perturbed, _binomial(self._perturbed[kinds[:, column]], size))
        with np.errstate(divide="ignore", invalid="ignore"):
            order = np.argsort(
                perturbed / clean, axis=1, kind="stable"
            )  # where both are 0: last, without weight
        rows = np.arange(len(kinds))
        clean, perturbed = clean[rows[:, None], order], perturbed[rows[:, None], order]
        mass = np.cumsum(perturbed, axis=1)
        last = np.minimum((mass < 0.5).sum(axis=1), mass.shape[1] - 1)
        ours, theirs = clean[rows, last], perturbed[rows, last]
        missing = 0.5 - (mass[rows, last] - theirs)
        part = np.divide(missing, theirs, out=np.ones(len(rows)), where=theirs > 0)
        before = np.cumsum(clean, axis=1)[rows, last] - ours
        return before + np.clip(part, 0.0, 1.0) * ours


def _joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Masses (n, a * b) of pairs of outcomes from those (n, a) and (n, b) of two independent parts."""
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)


def _binomial(chance: np.ndarray, size: int) -> np.ndarray:
    """(n, size + 1) masses of the number of successes in `size` trials, for success probabilities (n,)."""
    if size == 1:
        return np.stack([1.0 - chance, chance], axis=1)
    hits = np.arange(size + 1)
    return _coefficients(size) * chance[:, None] ** hits * (1.0 - chance[:, None]) ** (size - hits)


@cache
def _coefficients(size: int) -> np.ndarray:
    return np.array([math.comb(size, hits) for hits in range(size + 1)], dtype=np.float64)
