"""Perturbed attributes that tell the same, in kinds: what one of them shows about a perturbation, exactly.

A perturbed attribute is a coin: it shows the outcome that speaks for the perturbation with probability `u` under the
noise around the clean graph and `v >= u` under the noise around the perturbed one. Attributes with the same `(u, v)`
are exchangeable, whichever cluster they lie in and whether they were added or deleted. All numbers here are whole
multiples of `1 / RESOLUTION`, and all comparisons are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lrscore.noise.flips import RESOLUTION, FlipNoise

Coin = tuple[int, int]
"""`(u, v)` in units of `1 / RESOLUTION`."""

NOTHING = -1
"""The kind of attributes that tell nothing: their noise is the same before and after."""


class BitKinds:
    """Kinds of perturbed attributes under one noise.

    Attributes:
        coins: list of the kinds' coins; grows when `worst` needs an upper bound of several.
        kinds: (I, 2 J) int, for group `i` the kind of an attribute added in cluster `j` (columns `0 .. J - 1`), or
            deleted there (columns `J .. 2 J - 1`); `NOTHING` where it tells nothing.
    """

    def __init__(self, noise: FlipNoise) -> None:
        to_one, to_zero = (
            np.rint(matrix * RESOLUTION).astype(np.int64).tolist() for matrix in (noise.to_one, noise.to_zero)
        )
        self.coins: list[Coin] = []
        self._numbers: dict[Coin, int] = {}
        self.kinds = np.array(
            [
                [self._kind(added_coin(*pair)) for pair in zip(ones, zeros, strict=True)]
                + [self._kind(deleted_coin(*pair)) for pair in zip(ones, zeros, strict=True)]
                for ones, zeros in zip(to_one, to_zero, strict=True)
            ],
            dtype=np.int64,
        )

    def _kind(self, coin: Coin) -> int:
        if coin[0] == coin[1]:
            return NOTHING
        if coin not in self._numbers:
            self._numbers[coin] = len(self.coins)
            self.coins.append(coin)
        return self._numbers[coin]

    def worst(self, kinds: Iterable[int]) -> int:
        """A kind that tells at least as much as each of these: one of them if there is such a one.

        Otherwise a coin that is at least as telling as all: the smallest `u` with the largest `v`.
        """
        coins = [self.coins[kind] for kind in sorted(set(kinds) - {NOTHING})]
        if not coins:
            return NOTHING
        join = (min(u for u, _ in coins), max(v for _, v in coins))
        return self._kind(
            next((coin for coin in coins if all(tells_all(coin, other) for other in coins)), join)
        )

    def ordered(self, kinds: Sequence[int]) -> bool:
        """Whether one of these kinds tells at least as much as each of the others."""
        return self.worst(kinds) in {NOTHING, *kinds}


def added_coin(to_one: int, to_zero: int) -> Coin:
    """An added attribute shows a one with `q+` if it was a zero, with `1 - q-` now that it is a one."""
    return _facing(to_one, RESOLUTION - to_zero)


def deleted_coin(to_one: int, to_zero: int) -> Coin:
    """A deleted attribute shows a zero with `q-` if it was a one, with `1 - q+` now that it is a zero."""
    return _facing(to_zero, RESOLUTION - to_one)


def _facing(clean: int, perturbed: int) -> Coin:
    """The coin turned to the side that speaks for the perturbation."""
    return (clean, perturbed) if clean <= perturbed else (RESOLUTION - clean, RESOLUTION - perturbed)


def tells_all(coin: Coin, other: Coin) -> bool:
    """Whether `other` can be made from `coin` by a random function of its outcome (Blackwell's order).

    So it is if and only if the point `(u, v)` of `other` lies on or below the broken line from (0, 0) over that of
    `coin` to (1, 1): then every test that `other` allows is allowed by `coin`.
    """
    (u, v), (x, y) = coin, other
    return y * u <= v * x and (RESOLUTION - y) * (RESOLUTION - u) >= (RESOLUTION - v) * (RESOLUTION - x)
