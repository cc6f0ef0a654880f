"""What an allocation of perturbed bits takes down: groups of nodes, their shares, and the table behind them.

Bits are attributes, and edges where those are flipped. There are `K` kinds of budget (2 or 4: added and deleted) to be
spent in `P` places: clusters, or pairs of clusters of which the first `J` are the clusters themselves. Allocations are
flat, (n, K P).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrscore.graphs.neyman_pearson.bit_kinds import NOTHING, BitKinds
from lrscore.graphs.neyman_pearson.needed_shares import LARGEST, ROUGH, NeededShares
from lrscore.graphs.neyman_pearson.withstood import Thresholds, Withstood
from lrscore.noise.flips import FlipNoise

ENDLESS = 1 << 40
"""Room of a place without a limit; many of them still add up."""
_MOST = 128  # bits of one kind alone that are tried


@dataclass(frozen=True, eq=False)
class Row:
    """How one group sees perturbed bits.

    Args:
        kinds: (T,) the kinds it tells apart, ascending.
        columns: (K P,) position in `kinds` of a bit of every budget and place; T where it tells nothing.
        table: needed shares over counts of these kinds, shared with all groups that tell the same kinds apart.
        rough: the same values, lower bounds less sharp and sooner at hand.
        levels: what the group's nodes that are counted withstand.
        prices: (T, A) what a bit of every kind costs in every order of thresholds; None where there are none.
    """

    kinds: np.ndarray
    columns: np.ndarray
    table: NeededShares
    rough: NeededShares
    levels: Withstood
    prices: np.ndarray | None = None

    def counts(self, allocations: np.ndarray) -> np.ndarray:
        """(n, T) perturbed bits by kind, for allocations (n, K P)."""
        result = np.zeros((len(allocations), self.kinds.size + 1), dtype=np.int64)
        for column in np.flatnonzero(allocations.any(axis=0)).tolist():
            result[:, self.columns[column]] += allocations[:, column]
        return result[:, :-1]

    def position(self, kind: int) -> int:
        """Where a kind stands in `kinds`; T for `NOTHING`."""
        return self.kinds.size if kind == NOTHING else int(np.searchsorted(self.kinds, kind))

    def enough(self, position: int) -> int:
        """How many bits of one kind alone surely take the whole group down; at most `_MOST`."""
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
        """(n, 2) nodes that fall, at least and at most, under counts (n, T) of bits by kind."""
        table = self.rough if rough else self.table
        return self.levels.fallen(table.between(counts), self.costs(counts))

    def costs(self, counts: np.ndarray) -> np.ndarray | None:
        """(n, A) what bits by kind (n, T) cost in every order; None without thresholds."""
        if self.prices is None:
            return None
        total = np.zeros((len(counts), self.prices.shape[1]))
        for number, price in zip(counts.T, self.prices, strict=True):
            some = np.flatnonzero(number)  # no bit of a kind costs nothing, even where one costs infinity
            total[some] += number[some, None] * price
        return total


class Groups:
    """All groups under one noise: what an adversary of whole attributes and edges faces.

    Args:
        noises: of every group and cluster, and (edges) of every group and pair of clusters.
        probabilities: (n,) lower bounds on vote shares (or mean scores).
        clusters: (n,) group of every node.
        counted: (n,) bool; nodes with a bound of 1/2 or less are never counted.
        caps: (K, P) most units that can be spent in a place, infinite where there is no limit; None: none has one.
        thresholds: that hold together with the shares. Then a node is counted if its threshold is above 0, and falls
            only where both bounds let it fall. None: the shares decide alone.
        enough: needed shares above this are not told apart; None: the largest share of a node that is counted.

    Attributes:
        size, budgets, places: number of groups, of kinds of budget (K) and of places (P).
        rows: of every group, made by `prepare`.
        alone: of every group, units of each kind of budget alone in its own cluster that surely take all of it down.
        room: (K, P) int64, most units that can be spent in a place.
    """

    def __init__(
        self,
        noises: Sequence[FlipNoise],
        probabilities: np.ndarray,
        clusters: np.ndarray,
        counted: np.ndarray,
        caps: np.ndarray | None = None,
        thresholds: Thresholds | None = None,
        enough: float | None = None,
    ) -> None:
        self.bits = BitKinds(*noises)
        self.size, self.budgets, self.places = self.bits.kinds.shape
        limits = np.full((self.budgets, self.places), np.inf) if caps is None else caps
        self.room = np.minimum(limits, ENDLESS).astype(np.int64)
        counted = counted & (probabilities > 0.5 if thresholds is None else thresholds.values > 0)
        self._enough = float(probabilities[counted].max(initial=0.5)) if enough is None else enough
        self.total = int(counted.sum())
        self._thresholds = thresholds
        members = [counted & (clusters == group) for group in range(self.size)]
        self.levels = [
            Withstood(probabilities[some])
            if thresholds is None
            else Withstood(probabilities[some], thresholds.values[some], thresholds.orders[some])
            for some in members
        ]
        self._worst: dict[tuple[int, frozenset[int]], tuple[int, ...]] = {}
        self.rows: list[Row] = []
        self.alone: list[tuple[int, ...]] = []
        self._sharing: list[list[Row]] = []  # rows with nodes, by their table: asked together

    @property
    def everywhere(self) -> frozenset[int]:
        """All places."""
        return frozenset(range(self.places))

    def worst(self, group: int, places: frozenset[int]) -> tuple[int, ...]:
        """Kinds that bound a bit of every budget, spent anywhere in these places, as the group sees it."""
        key = (group, places)
        if key not in self._worst:
            some = np.isin(np.arange(self.places), list(places))
            self._worst[key] = tuple(
                self.bits.worst(kinds[some & (room > 0)].tolist())
                for kinds, room in zip(self.bits.kinds[group], self.room, strict=True)
            )
        return self._worst[key]

    def own(self, group: int) -> tuple[int, ...]:
        """Kinds of a bit of every budget in the group's own cluster."""
        return tuple(self.bits.kinds[group, :, group].tolist())

    def within(self, units: np.ndarray, places: frozenset[int]) -> np.ndarray:
        """Units (n, K), no more than have room in these places."""
        return np.minimum(units, self.room[:, sorted(places)].sum(axis=1))

    def prepare(self, suffixes: list[frozenset[int]]) -> None:
        """Make the rows, with the bounding kinds that searches through these sets of places will ask for."""
        wanted = [set(kinds.ravel().tolist()) for kinds in self.bits.kinds]
        for places in suffixes:
            for group in range(self.size):
                wanted[group] |= {*self.worst(group, places), *self.worst(group, places - {group})}
        tables: dict[tuple[int, ...], tuple[NeededShares, NeededShares]] = {}
        self.rows = []
        for group, kinds in enumerate(wanted):
            own = tuple(sorted(kinds - {NOTHING}))
            coins = [self.bits.coins[kind] for kind in own]
            if own not in tables:
                sharp, rough = (NeededShares(coins, self._enough, size) for size in (LARGEST, ROUGH))
                tables[own] = sharp, rough
            told, seen = np.array(own, dtype=np.int64), self.bits.kinds[group].ravel()
            columns = np.where(seen == NOTHING, len(own), np.searchsorted(told, seen))
            prices = None if self._thresholds is None else self._thresholds.costs(coins)
            row = Row(told, columns, *tables[own], self.levels[group], prices)
            self.rows.append(row)
            self.alone.append(tuple(row.enough(row.position(kind)) for kind in self.own(group)))
        filled = [row for row in self.rows if row.levels.size]
        self._sharing = [[row for row in filled if row.table is table] for table, _ in tables.values()]
        self._sharing = [rows for rows in self._sharing if rows]

    def fallen(self, allocations: np.ndarray, *, rough: bool = False) -> np.ndarray:
        """(n, 2) nodes that fall, at least and at most, under allocations (n, K P) of whole units."""
        result = np.zeros((len(allocations), 2), dtype=np.int64)
        for rows in self._sharing:
            table = rows[0].rough if rough else rows[0].table
            counts = [row.counts(allocations) for row in rows]
            needed = table.between(np.concatenate(counts))
            for row, own, shares in zip(rows, counts, np.split(needed, len(rows)), strict=True):
                result += row.levels.fallen(shares, row.costs(own))
        return result
