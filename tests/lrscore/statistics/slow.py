"""Slow, independent definitions that the statistics tests compare with."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb

import numpy as np
from hypothesis import settings
from scipy.stats import binom

# Wall-clock time says nothing about correctness, and other work may share the machine.
unhurried = settings(deadline=None)


def exact_tail(successes: int, trials: int, probability: float | Fraction) -> Fraction:
    """P[Bin(trials, probability) >= successes] in rational arithmetic (a float is taken at its exact value)."""
    p = Fraction(probability)
    return sum(
        (comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(successes, trials + 1)), Fraction(0)
    )


def too_many_errors(errors: int, repetitions: int, level: float) -> bool:
    """Whether that many errors would happen with probability below 1e-6 if each had probability `level`."""
    return bool(binom.sf(errors - 1, repetitions, level) < 1e-6)


def crossing_probability(lower: Callable[[np.ndarray, int], np.ndarray], sizes: list[int], p: float) -> float:
    """Exact probability that a lower bound exceeds the true `p` at one of the increasing sample sizes `sizes`.

    Carries the distribution of the count over the paths that have not crossed so far from size to size.
    """
    alive, at, crossed = np.ones(1), 0, 0.0
    for size in sizes:
        step = binom.pmf(np.arange(size - at + 1), size - at, p)
        alive, at = np.convolve(alive, step), size
        wrong = lower(np.arange(size + 1), size) > p
        crossed += alive[wrong].sum()
        alive = np.where(wrong, 0.0, alive)
    return crossed
