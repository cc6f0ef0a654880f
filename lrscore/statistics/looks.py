"""Preset looks at a growing sample: certificates that hold while sampling runs and wherever it is stopped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lrscore.errors import InputError, SettingsError
from lrscore.statistics.arrays import FloatArray, IntArray, as_counts

# Share of the error probability kept for the last look. Level 0.75 alpha instead of alpha costs the final
# radius 0.7 % at n = 1000, p = 0.7, and leaves the earlier looks enough to be worth showing
# (docs/statistics.md).
LAST_SHARE = 0.75


@dataclass(frozen=True)
class LookSchedule:
    """Sample sizes at which results may be shown, and the share of alpha that each look may spend.

    By the union bound all bounds of all looks hold at once if look `l` works at level `fractions[l] * alpha /
    N`: the reader may stop at any look, for any reason, and may keep the best bound seen so far.
    Both are fixed before sampling begins.

    Attributes:
        sizes: sample sizes, strictly increasing, at least 1.
        fractions: positive shares of alpha, one per look, summing to at most 1.
    """

    sizes: tuple[int, ...]
    fractions: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(int(size) for size in self.sizes))
        object.__setattr__(self, "fractions", tuple(float(share) for share in self.fractions))
        if (
            not self.sizes
            or self.sizes[0] < 1
            or any(b <= a for a, b in zip(self.sizes, self.sizes[1:], strict=False))
        ):
            raise SettingsError(
                f"looks: expected strictly increasing sample sizes of at least 1, got {self.sizes}"
            )
        if len(self.fractions) != len(self.sizes):
            raise SettingsError(
                f"spending: expected one share per look ({len(self.sizes)}), got {len(self.fractions)}"
            )
        if not all(share > 0.0 for share in self.fractions) or math.fsum(self.fractions) > 1.0:
            raise SettingsError(
                f"spending: expected positive shares of alpha with a sum of at most 1, got {self.fractions}"
            )

    @classmethod
    def spread(cls, sizes: Sequence[int]) -> LookSchedule:
        """Return the default spending: 3/4 of alpha for the last look, the rest in equal parts before it."""
        count = len(sizes)
        if count <= 1:
            return cls(tuple(sizes), (1.0,) * count)
        # One part in 10^15 is left unspent, so that rounded shares cannot sum to more than 1.
        early = (1.0 - LAST_SHARE) * (1.0 - 1e-15) / (count - 1)
        return cls(tuple(sizes), (early,) * (count - 1) + (LAST_SHARE,))

    @classmethod
    def geometric(cls, samples: int, *, looks: int = 5, ratio: float = 2.0) -> LookSchedule:
        """Return up to `looks` sizes ending at `samples`, each `ratio` times the last; default spending."""
        if samples < 1 or looks < 1 or not ratio > 1.0:
            raise SettingsError(
                "samples, looks, ratio: expected at least 1 sample, at least 1 look and a ratio above 1, "
                f"got {samples}, {looks}, {ratio}"
            )
        sizes = {math.ceil(samples / ratio**back) for back in range(looks)}
        return cls.spread(sorted(sizes))

    def indices(self, trials: ArrayLike) -> IntArray:
        """Return which look each sample size is; raise `InputError` for a size that is no preset look."""
        n = as_counts("trials", trials)
        found = np.minimum(np.searchsorted(self.sizes, n), len(self.sizes) - 1)
        wrong = np.asarray(self.sizes)[found] != n
        if np.any(wrong):
            stray = np.atleast_1d(n)[np.atleast_1d(wrong)][0]
            raise InputError(f"trials: expected one of the preset looks {self.sizes}, got {stray}")
        return found.astype(np.int64)

    def shares(self, trials: ArrayLike) -> FloatArray:
        """Return the share of alpha for each sample size in `trials` (any shape)."""
        return np.asarray(self.fractions)[self.indices(trials)]
