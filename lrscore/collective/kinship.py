"""Rows of weights that hardly differ: next to each other on a grid, windows do, and so do the sums over them.

The weights of windows take few values, and moving a window by one cell changes only those at its rims. Written as
differences of related rows, the rows of a linear program are sparse, which its solver likes (docs/collective.md).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from lrscore.collective.steps import Floats, Integers

MOST_VALUES = 2**15
"""Different weights up to which rows are compared; beyond that they hardly share any."""


def kin(weights: Floats) -> Integers:
    """(I,) for every row of weights (I, C) another one that differs from it in few places; -1 where none does.

    A spanning tree of least differences (Prim 1957): following it leads from every row to one that stands for itself.
    """
    n_rows = len(weights)
    parents = np.full(n_rows, -1)
    values, codes = np.unique(weights, return_inverse=True)
    if values.size > MOST_VALUES:
        return parents
    codes = codes.reshape(weights.shape).astype(np.int8 if values.size < 2**7 else np.int16)
    least = np.count_nonzero(weights, axis=1)
    placed = np.zeros(n_rows, dtype=np.bool_)
    for _ in range(n_rows):
        row = int(np.where(placed, np.iinfo(np.int64).max, least).argmin())
        placed[row] = True
        apart = np.count_nonzero(codes != codes[row], axis=1)
        nearer = ~placed & (apart < least)
        least[nearer], parents[nearer] = apart[nearer], row
    return parents


class Differences:
    """Replaces chosen rows (R,) by their differences from their kin; K rows that follow stay as they are.

    A row whose kin is not among the chosen ones stays as it is, too. parents: (I,) as from `kin`.
    """

    def __init__(self, parents: Integers, rows: Integers, n_others: int) -> None:
        place = np.full(parents.size + 1, -1)  # the last one stands for no kin
        place[rows] = np.arange(rows.size)
        found = place[parents[rows]]
        self.mine = np.flatnonzero(found >= 0)
        self.kin = found[self.mine]
        size = rows.size + n_others
        entries = np.concatenate([np.ones(size), -np.ones(self.mine.size)])
        where = np.append(np.arange(size), self.mine), np.append(np.arange(size), self.kin)
        self.matrix = sparse.csr_array((entries, where), shape=(size, size))

    def of_dense(self, rows: Floats) -> Floats:
        """Rows (R + K, ...): where one holds the same number as its kin, the difference is exactly 0."""
        result = rows.copy()
        result[self.mine] -= rows[self.kin]
        return result

    def of_entries(self, owners: Integers, values: Floats) -> sparse.csc_array:
        """(R + K, E) columns of one entry each, in row `owners` (E,)."""
        shape = self.matrix.shape[0], owners.size
        return sparse.csc_array(
            self.matrix @ sparse.csc_array((values, owners, np.arange(owners.size + 1)), shape)
        )

    def back(self, duals: Floats) -> Floats:
        """Dual vector (R + K,) of the rows themselves, from one of the differences."""
        return np.asarray(self.matrix.T @ duals)
