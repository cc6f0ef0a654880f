"""How large a vote share must be to survive a perturbation: exact Neyman-Pearson values, in batches.

For perturbed attributes of known kinds, the joint outcomes are sorted by their likelihood ratio (perturbed over clean,
ascending) and filled until their mass under the perturbed noise is 1/2; their mass under the clean noise is the share
`p*` that a label needs to exceed (docs/theory.md, 2.6).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
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
_LONG = 48  # outcomes from which on a row is first held against others, and tried with half of its attributes
_LAYER = 1.15  # most attributes of a row of a layer by the fewest: rows that hold another are in a later one as a rule
_FEW, _KEPT = 64, 256  # rows that are not worth layers; smallest rows with enough that are remembered
_MOST = 255  # attributes of one kind that are told apart
_SHAPES = (0, 1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 255)  # sizes that are filled together
_AT_ONCE = 1 << 18
_ROUNDED_UP = np.array([next(shape for shape in _SHAPES if shape >= size) for size in range(_MOST + 1)])


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
        self._places: dict[bytes, int] = {}  # of count vectors in `_known`
        self._known = np.empty((0, 2))
        self._smallest = np.empty((0, len(coins)), dtype=np.uint8)  # rows with enough

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
        fresh = {key: row for row, key in enumerate(keys) if key not in self._places}
        if fresh:
            found = self._compute(rows[list(fresh.values())])
            self._places.update(
                zip(fresh, range(len(self._known), len(self._known) + len(fresh)), strict=True)
            )
            self._known = np.concatenate([self._known, found])
        result = self._known[np.fromiter(map(self._places.__getitem__, keys), np.int64, len(keys))]
        result[(counts > _MOST).any(axis=1), 1] = 1.0
        return result

    def _compute(self, counts: np.ndarray) -> np.ndarray:
        """Short rows, then long ones with few attributes first. A row that holds another one which is enough is enough.

        Leaving attributes out gives lower bounds (docs/theory.md, 2.6): those rows are not filled. Half of a row's
        attributes are tried before all of them.
        """
        result = np.empty((len(counts), 2))
        with np.errstate(over="ignore"):
            long = np.prod(counts + 1.0, axis=1) > _LONG
        result[~long] = self._fill(counts[~long])
        for some in _layers(np.flatnonzero(long), counts.sum(axis=1, dtype=np.int64)):
            fresh = some[~self._hold_enough(counts[some])]
            if fresh.size:
                self.between(counts[fresh] // 2)
                fresh = fresh[~self._hold_enough(counts[fresh])]
            result[some] = self._enough, 1.0
            result[fresh] = self._fill(counts[fresh])
        return result

    def _hold_enough(self, counts: np.ndarray) -> np.ndarray:
        """(n,) bool: rows that hold at least as many attributes of every kind as one that is known to be enough."""
        held, step = np.zeros(len(counts), dtype=bool), max(1, _AT_ONCE // max(len(self._smallest), 1))
        for start in range(0, len(counts), step):
            some = slice(start, start + step)
            held[some] = _each_at_least(counts[some], self._smallest).any(axis=1)
        return held

    def _remember(self, counts: np.ndarray) -> None:
        """Keep the smallest of rows that are enough, and not too many."""
        smallest = counts[np.argsort(counts.sum(axis=1, dtype=np.int64), kind="stable")[:_KEPT]]
        held = _each_at_least(smallest, smallest)
        np.fill_diagonal(held, val=False)
        self._smallest = np.concatenate([self._smallest, smallest[~held.any(axis=1)]])[:_KEPT]

    def _fill(self, counts: np.ndarray) -> np.ndarray:
        """Rows of similar shape (about the same counts, of other kinds) are filled together."""
        order = np.argsort(-counts.astype(np.int64), axis=1, kind="stable")
        sizes = np.take_along_axis(counts, order, axis=1).astype(np.int64)
        with np.errstate(over="ignore"):
            kept = (np.cumprod(sizes + 1.0, axis=1) <= self._largest) & (sizes > 0)  # the first ones
        whole = (kept | (sizes == 0)).all(axis=1)
        sizes = np.where(kept, sizes, 0)
        shapes, members = np.unique(_ROUNDED_UP[sizes], axis=0, return_inverse=True)
        filled = np.empty(len(counts))
        for number, shape in enumerate(shapes.tolist()):
            rows, some_kinds = np.flatnonzero(members.ravel() == number), len(shape) - shape.count(0)
            at_once = max(1, _AT_ONCE // math.prod(size + 1 for size in shape))
            for start in range(0, rows.size, at_once):
                some = rows[start : start + at_once]
                filled[some] = self._filled(order[some, :some_kinds], sizes[some, :some_kinds], shape)
        result = np.stack([filled - MARGIN, np.where(whole, filled + MARGIN, 1.0)], axis=1)
        result[~counts.any(axis=1)] = 0.5
        result = np.clip(result, 0.5, 1.0)
        if (enough := result[:, 0] >= self._enough).any():
            self._remember(counts[enough])
        return result

    def _filled(self, kinds: np.ndarray, sizes: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        """(n,) clean mass of what is filled, for `sizes` (n, e) attributes of `kinds` (n, e), at most `shape`."""
        clean = perturbed = np.ones((len(kinds), 1))
        for column, (numbers, most) in enumerate(zip(sizes.T, shape, strict=False)):
            clean = _joined(clean, _binomial(self._clean[kinds[:, column]], numbers, most))
            perturbed = _joined(perturbed, _binomial(self._perturbed[kinds[:, column]], numbers, most))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = perturbed / clean
        order = np.argsort(ratio, axis=1, kind="stable")  # where both are 0: last, without weight
        mass = np.cumsum(np.take_along_axis(perturbed, order, axis=1), axis=1)
        last = np.minimum((mass < 0.5).sum(axis=1), mass.shape[1] - 1)
        cut = np.take_along_axis(ratio, np.take_along_axis(order, last[:, None], axis=1), axis=1)
        full = ratio < cut
        missing = np.maximum(0.5 - (perturbed * full).sum(axis=1), 0.0)
        part = np.divide(missing, cut[:, 0], out=np.zeros(len(cut)), where=cut[:, 0] > 0)
        return (clean * full).sum(axis=1) + part


def _layers(rows: np.ndarray, totals: np.ndarray) -> Iterator[np.ndarray]:
    """Numbers of rows in lots of growing totals; a few are one lot."""
    if 0 < rows.size < _FEW:
        yield rows
        return
    rows = rows[np.argsort(totals[rows], kind="stable")]
    ascending, start = totals[rows], 0
    while start < rows.size:
        end = int(np.searchsorted(ascending, ascending[start] * _LAYER, side="right"))
        yield rows[start:end]
        start = end


def _each_at_least(counts: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, m) bool: whether rows (n, kinds) have at least as many of every kind as others (m, kinds)."""
    result = np.ones((len(counts), len(others)), dtype=bool)
    for own, other in zip(counts.T, others.T, strict=True):
        result &= own[:, None] >= other
    return result


def _joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Masses (n, a * b) of pairs of outcomes from those (n, a) and (n, b) of two independent parts."""
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)


def _binomial(chance: np.ndarray, sizes: np.ndarray, most: int) -> np.ndarray:
    """(n, most + 1) masses of the number of successes in `sizes` (n,) trials, for success probabilities (n,)."""
    if most == 1:
        return np.stack([1.0 - chance, chance], axis=1)  # where it is kept there is one
    hits = np.arange(most + 1)
    misses = np.maximum(sizes[:, None] - hits, 0)
    return _coefficients()[sizes, : most + 1] * chance[:, None] ** hits * (1.0 - chance[:, None]) ** misses


@cache
def _coefficients() -> np.ndarray:
    """(_MOST + 1, _MOST + 1) binomial coefficients, 0 beyond the size."""
    return np.array(
        [[math.comb(size, hits) for hits in range(_MOST + 1)] for size in range(_MOST + 1)], dtype=np.float64
    )
