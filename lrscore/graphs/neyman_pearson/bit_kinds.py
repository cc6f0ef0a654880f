"""Perturbed attributes and edges that tell the same, in kinds: what one shows about a perturbation, exactly.

A perturbed attribute (or edge) is a coin: it shows the outcome that speaks for the perturbation with probability `u`
under the noise around the clean graph and `v >= u` under the noise around the perturbed one. Those with the same
`(u, v)` are exchangeable, wherever they lie and whether they were added or deleted. All numbers here are whole
multiples of `1 / RESOLUTION`, and all comparisons are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from lrscore.noise.flips import RESOLUTION, FlipNoise

Coin = tuple[int, int]
"""`(u, v)` in units of `1 / RESOLUTION`."""

NOTHING = -1
"""The kind of attributes that tell nothing: their noise is the same before and after."""


class BitKinds:
    """Kinds of perturbed bits under one noise, or two: of attributes in `J` clusters, of edges in `P` pairs of them.

    Attributes:
        coins: list of the kinds' coins; grows when `worst` needs an upper bound of several.
        kinds: (I, K, P) int, for group `i` the kind of an attribute added in place `j`, deleted there, and, if there
            are two noises, of an edge added and of one deleted; `NOTHING` where it tells nothing, or where there is
            none: clusters are the first places, those after them have no attributes.
    """

    def __init__(self, *noises: FlipNoise) -> None:
        self.coins: list[Coin] = []
        self._numbers: dict[Coin, int] = {}
        blocks = [self._of(noise, coin) for noise in noises for coin in (added_coin, deleted_coin)]
        places = max(block.shape[1] for block in blocks)
        self.kinds = np.stack(
            [
                np.pad(block, ((0, 0), (0, places - block.shape[1])), constant_values=NOTHING)
                for block in blocks
            ],
            axis=1,
        )

    def _of(self, noise: FlipNoise, coin: Callable[[int, int], Coin]) -> np.ndarray:
        """(I, places) kinds of the bits of one noise, added or deleted."""
        to_one, to_zero = (
            np.rint(matrix * RESOLUTION).astype(np.int64).tolist() for matrix in (noise.to_one, noise.to_zero)
        )
        return np.array(
            [
                [self._kind(coin(*pair)) for pair in zip(ones, zeros, strict=True)]
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
    """An added attribute (or edge) shows a one with `q+` if it was a zero, with `1 - q-` now that it is a one."""
    return _facing(to_one, RESOLUTION - to_zero)


def deleted_coin(to_one: int, to_zero: int) -> Coin:
    """A deleted attribute (or edge) shows a zero with `q-` if it was a one, with `1 - q+` now that it is a zero."""
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
