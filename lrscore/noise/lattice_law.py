"""A law on a lattice, drawn exactly and fast: most numbers cost one look into a table of 2^16 entries.

The lattice is cut into blocks of 512 steps. A block whose steps have probabilities of at least `p` owns
`floor(2^16 512 p)` of the table's entries. A random entry names a block and nine random bits the step in it: that
alone gives each step of the block *exactly* `entries / (2^16 512) <= p`. What the law has beyond it, about a hundredth,
belongs to the entries that no block owns: there it is drawn by rejection, from blocks that an alias table proposes.
What rounding does there: docs/theory.md, 9.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lrscore.noise.alias_table import AliasTable

BLOCK = 512
"""Steps of the lattice in a block."""
ENTRIES = 1 << 16
"""Of the table."""

_GUARD = 1e-12  # of a probability: far more than its rounding, far less than an entry
_MANTISSA = 52

Probability = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class LatticeLaw:
    """A symmetric law on the whole numbers, less likely the farther from 0.

    Args:
        probability: of whole numbers (any shape, float64), right to a relative 1e-14.
        blocks: on either side of 0; the law is cut off beyond them.
        starts: (ENTRIES,) float32, first step of the block that owns an entry; the last ones are owned by none.
        entries: how many are owned.
        owned: (2 * blocks,) what the table gives each step of a block, exact.
        most: (2 * blocks,) what the likeliest step of a block has beyond that.
        proposals: blocks in proportion to `most`.
        accepted: share of the proposals that are accepted.
    """

    probability: Probability
    blocks: int
    starts: np.ndarray
    entries: int
    owned: np.ndarray
    most: np.ndarray
    proposals: AliasTable
    accepted: float

    @classmethod
    def of(cls, probability: Probability, blocks: int) -> LatticeLaw:
        """The tables of a law."""
        first = np.arange(-blocks, blocks) * float(BLOCK)
        least, likeliest = np.sort(probability(np.stack([first, first + (BLOCK - 1)])), axis=0)
        counts = np.floor(ENTRIES * BLOCK * least * (1 - _GUARD)).astype(np.int64)
        entries = int(counts.sum())
        starts = np.zeros(ENTRIES, dtype=np.float32)
        starts[:entries] = np.repeat(first, counts)
        owned = counts / (ENTRIES * BLOCK)  # exact: a power of two
        most = likeliest - owned
        accepted = (1 - entries / ENTRIES) / (BLOCK * float(most.sum()))
        return cls(probability, blocks, starts, entries, owned, most, AliasTable.of(most), accepted)

    def fill(self, source: np.random.Generator, values: np.ndarray) -> None:
        """Fill an array (n,) float32 with independent whole numbers."""
        count = values.size
        halves = random_words(source, -(-count // 2)).view(np.uint16)
        entry, within = halves[:count], halves[count : 2 * count] & np.uint16(BLOCK - 1)
        np.take(self.starts, entry, out=values, mode="clip")  # none is clipped: this mode makes no copy
        values += within
        left = np.flatnonzero(entry >= self.entries)
        values[left] = self._beyond(source, left.size)

    def _beyond(self, source: np.random.Generator, count: int) -> np.ndarray:
        """Numbers (count,) of what the law has beyond the table."""
        drawn = np.empty(count)
        done = 0
        while done < count:
            words = random_words(source, 2 * (int(1.1 * (count - done) / self.accepted) + 16)).reshape(2, -1)
            block = self.proposals.draw(words[0])
            step = (block - self.blocks) * float(BLOCK) + (words[1] & np.uint64(BLOCK - 1))
            share = (words[1] >> np.uint64(64 - _MANTISSA)) * 2.0**-_MANTISSA
            kept = step[share * self.most[block] < self.probability(step) - self.owned[block]][: count - done]
            drawn[done : done + kept.size] = kept
            done += kept.size
        return drawn


def random_words(source: np.random.Generator, count: int) -> np.ndarray:
    """Random bits (count,) uint64; drawn without holding the interpreter."""
    return source.integers(0, 1 << 64, count, dtype=np.uint64)
