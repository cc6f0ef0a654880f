"""What an allocation of perturbed attributes takes down: groups of nodes, their shares, and the table behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.graphs.neyman_pearson.bit_kinds import NOTHING, BitKinds
from lrscore.graphs.neyman_pearson.needed_shares import LARGEST, ROUGH, NeededShares
from lrscore.noise.flips import FlipNoise

_MOST = 128  # attributes of one kind alone that are tried


@dataclass(frozen=True, eq=False)
class Row:
    """How one group sees perturbed attributes.

    Args:
        kinds: (K,) the kinds it tells apart, ascending.
        columns: (2 J,) position in `kinds` of an attribute added or deleted in cluster `j`; K where it tells nothing.
        table: needed shares over counts of these kinds, shared with all groups that tell the same kinds apart.
        rough: the same values, lower bounds less sharp and sooner at hand.
        levels: lower bounds on the vote shares of the group's nodes that are counted, ascending.
    """

    kinds: np.ndarray
    columns: np.ndarray
    table: NeededShares
    rough: NeededShares
    levels: np.ndarray

    def counts(self, allocations: np.ndarray) -> np.ndarray:
        """(n, K) perturbed attributes by kind, for allocations (n, 2 J)."""
        result = np.zeros((len(allocations), self.kinds.size + 1), dtype=np.int64)
        for column, kind in enumerate(self.columns.tolist()):
            result[:, kind] += allocations[:, column]
        return result[:, :-1]

    def position(self, kind: int) -> int:
        """Where a kind stands in `kinds`; K for `NOTHING`."""
        return self.kinds.size if kind == NOTHING else int(np.searchsorted(self.kinds, kind))

    def enough(self, position: int) -> int:
        """How many attributes of one kind alone surely take the whole group down; at most `_MOST`."""
        counts = np.zeros((_MOST, self.kinds.size + 1), dtype=np.int64)
        counts[:, position] = np.arange(_MOST)
        if position == self.kinds.size:
            return _MOST
        done, step = 0, 8
        while done < _MOST:  # few are needed as a rule
            least = self.fallen(counts[done : done + step, :-1])[:, 0]
            if (least == self.levels.size).any():
                return done + int((least == self.levels.size).argmax())
            done, step = done + step, 2 * step
        return _MOST

    def fallen(self, counts: np.ndarray, *, rough: bool = False) -> np.ndarray:
        """(n, 2) nodes that fall, at least and at most, under counts (n, K) of attributes by kind."""
        table = self.rough if rough else self.table
        return self.levels.searchsorted(table.between(counts), side="right")


class Groups:
    """All groups under one noise: what an adversary of whole attributes faces.

    Args:
        noise: of every group and cluster.
        probabilities: (n,) lower bounds on vote shares (or mean scores).
        clusters: (n,) group of every node.
        counted: (n,) bool; nodes with a bound of 1/2 or less are never counted.

    Attributes:
        rows: of every group, made by `prepare`.
        alone: additions alone, and deletions alone, in its own cluster that surely take a whole group down.
    """

    def __init__(
        self, noise: FlipNoise, probabilities: np.ndarray, clusters: np.ndarray, counted: np.ndarray
    ) -> None:
        self.bits = BitKinds(noise)
        self.size = noise.to_one.shape[0]
        self.clusters = noise.to_one.shape[1]
        self._enough = float(probabilities.max(initial=0.5))
        counted = counted & (probabilities > 0.5)
        self.total = int(counted.sum())
        self.levels = [np.sort(probabilities[counted & (clusters == group)]) for group in range(self.size)]
        halves = self.bits.kinds[:, : self.clusters], self.bits.kinds[:, self.clusters :]
        self._halves = halves
        self._worst: dict[tuple[int, frozenset[int]], tuple[int, int]] = {}
        self.rows: list[Row] = []
        self.alone: list[tuple[int, int]] = []
        self._sharing: list[list[Row]] = []  # rows with nodes, by their table: asked together

    def worst(self, group: int, places: frozenset[int]) -> tuple[int, int]:
        """Kinds that bound an attribute added, and one deleted, anywhere in these clusters, as the group sees it."""
        key = (group, places)
        if key not in self._worst:
            added, deleted = (half[group, sorted(places)].tolist() for half in self._halves)
            self._worst[key] = self.bits.worst(added), self.bits.worst(deleted)
        return self._worst[key]

    def own(self, group: int) -> tuple[int, int]:
        """Kinds of an attribute added, and one deleted, in the group's own cluster."""
        added, deleted = (int(half[group, group]) for half in self._halves)
        return added, deleted

    def prepare(self, suffixes: list[frozenset[int]]) -> None:
        """Make the rows, with the bounding kinds that searches through these sets of clusters will ask for."""
        wanted = [set(row.tolist()) for row in self.bits.kinds]
        for places in suffixes:
            for group in range(self.size):
                wanted[group] |= {*self.worst(group, places), *self.worst(group, places - {group})}
        tables: dict[tuple[int, ...], tuple[NeededShares, NeededShares]] = {}
        self.rows = []
        for group, kinds in enumerate(wanted):
            own = tuple(sorted(kinds - {NOTHING}))
            if own not in tables:
                coins = [self.bits.coins[kind] for kind in own]
                sharp, rough = (NeededShares(coins, self._enough, size) for size in (LARGEST, ROUGH))
                tables[own] = sharp, rough
            told = np.array(own, dtype=np.int64)
            columns = np.where(
                self.bits.kinds[group] == NOTHING, len(own), np.searchsorted(told, self.bits.kinds[group])
            )
            row = Row(told, columns, *tables[own], self.levels[group])
            self.rows.append(row)
            added, deleted = (row.enough(row.position(kind)) for kind in self.own(group))
            self.alone.append((added, deleted))
        filled = [row for row in self.rows if row.levels.size]
        self._sharing = [[row for row in filled if row.table is table] for table, _ in tables.values()]
        self._sharing = [rows for rows in self._sharing if rows]

    def fallen(self, allocations: np.ndarray, *, rough: bool = False) -> np.ndarray:
        """(n, 2) nodes that fall, at least and at most, under allocations (n, 2 J) of whole attributes."""
        result = np.zeros((len(allocations), 2), dtype=np.int64)
        for rows in self._sharing:
            table = rows[0].rough if rough else rows[0].table
            needed = table.between(np.concatenate([row.counts(allocations) for row in rows]))
            for row, shares in zip(rows, np.split(needed, len(rows)), strict=True):
                result += row.levels.searchsorted(shares, side="right")
        return result
