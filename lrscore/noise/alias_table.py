"""Draws from a finite law at one look into a table (Walker 1977, by Vose's 1991 construction), in whole numbers.

Weights are rounded once, to whole shares of 2^64; from there on nothing is: a word of 64 random bits gives every
outcome with exactly its share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_WORD = 64


@dataclass(frozen=True)
class AliasTable:
    """A finite law, ready to be drawn from.

    Args:
        own: (columns,) uint64; a column, named by the upper bits of a word, is the outcome if the lower bits are less.
        other: (columns,) int64, the outcome else.
        lower: number of lower bits; 2 ** (64 - lower) columns.
    """

    own: np.ndarray
    other: np.ndarray
    lower: int

    @classmethod
    def of(cls, weights: np.ndarray) -> AliasTable:
        """The table of a law in proportion to weights (n,) of at least 0, not all 0.

        Each share is right to 2^-52 of itself; what rounding leaves of the sum goes to the heaviest outcome.
        """
        columns = max(2, 1 << (len(weights) - 1).bit_length())
        lower = _WORD - (columns.bit_length() - 1)
        scaled = weights * (2.0**_WORD / weights.sum())
        shares = [int(share) for share in scaled] + [0] * (columns - len(weights))
        shares[int(np.argmax(weights))] += (1 << _WORD) - sum(shares)
        capacity = 1 << lower
        own, other = list(shares), list(range(columns))
        small = [column for column, share in enumerate(shares) if share < capacity]
        large = [column for column, share in enumerate(shares) if share >= capacity]
        while small:
            lacking, giving = small.pop(), large[-1]
            other[lacking] = giving
            own[giving] -= capacity - own[lacking]
            if own[giving] < capacity:
                small.append(large.pop())
        return cls(np.array(own, dtype=np.uint64), np.array(other), lower)

    def draw(self, words: np.ndarray) -> np.ndarray:
        """Outcomes, int64, of random words (uint64) of the same shape."""
        column = (words >> np.uint64(self.lower)).astype(np.int64)
        itself = (words & np.uint64((1 << self.lower) - 1)) < self.own[column]
        return np.where(itself, column, self.other[column])
