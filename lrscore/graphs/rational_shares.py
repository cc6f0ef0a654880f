"""Needed vote shares in rational arithmetic, for `verify` only: shares no code with `neyman_pearson`.

Flip probabilities are whole multiples of 2^-32, so the mass of every joint outcome is a whole multiple of a power of
2^-32, and all sums are sums of integers. Floats choose a multiplier or an order; what they choose wrongly weakens a
bound, never the truth of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from lrscore.collective.verify_work import spend
from lrscore.errors import CertificateError

GRID = 2**32
OUTCOMES = 1 << 13
"""Outcomes that are told apart; where there are more, nothing is known to survive."""
_BITS = 44  # of the multiplier

Bit = tuple[int, int]
"""Chances of a one in a noisy attribute, before and after the perturbation, in units of `1 / GRID`; before <= after."""


def whole(level: float) -> int:
    """A flip probability in units of `1 / GRID`.

    Raises:
        CertificateError: it is no whole multiple, or outside [0, 1).
    """
    units = Fraction(level) * GRID
    if units.denominator != 1 or not 0 <= units < GRID:
        raise CertificateError(f"a flip probability is not a multiple of 2^-32 in [0, 1): {level!r}")
    return int(units)


def added(to_one: int, to_zero: int) -> Bit | None:
    """What an added attribute shows; None if nothing."""
    return _bit(to_one, GRID - to_zero)


def deleted(to_one: int, to_zero: int) -> Bit | None:
    """What a deleted attribute shows; None if nothing."""
    return _bit(GRID - to_zero, to_one)


def _bit(before: int, after: int) -> Bit | None:
    if before == after:
        return None
    return (before, after) if before < after else (GRID - before, GRID - after)


def at_least_as_telling(bit: Bit, other: Bit) -> bool:
    """Whether some noise on the outcome of `bit` makes `other`: keep a one with chance k1, turn a zero to one with k0.

    `k1 before + k0 (1 - before) = other before` and the same after are two linear equations in the two chances.
    """
    (p, q), (x, y) = bit, other
    kept = Fraction(y * (GRID - p) - x * (GRID - q), q * (GRID - p) - p * (GRID - q))
    turned = Fraction(q * x - p * y, q * (GRID - p) - p * (GRID - q))
    return 0 <= kept <= 1 and 0 <= turned <= 1


def most_telling(bits: Iterable[Bit | None]) -> Bit | None:
    """One of the bits from which all others can be made; if there is none, the rarest before and likeliest after."""
    some = sorted({bit for bit in bits if bit is not None})
    for bit in some:
        if all(at_least_as_telling(bit, other) for other in some):
            return bit
    return (min(before for before, _ in some), max(after for _, after in some)) if some else None


Bits = tuple[tuple[Bit, int], ...]
"""Different bits and how many there are of each, sorted."""


def collected(bits: Iterable[tuple[Bit | None, int]]) -> Bits:
    """Equal bits counted together; those that tell nothing left out."""
    counts: Counter[Bit] = Counter()
    for bit, count in bits:
        if bit is not None and count:
            counts[bit] += count
    return tuple(sorted(counts.items()))


@lru_cache(maxsize=1 << 18)
def needed_at_most(bits: Bits) -> float:
    """An upper bound on the share that a label needs, at most 1e-12 above it; 1 where there are too many outcomes.

    For every `t >= 0`: a test that accepts 1/2 after the perturbation accepts at most `t / 2 + sum max(before - t
    after, 0)` before it. The smallest of these is the value; `t` is taken from floats.
    """
    if not bits:
        return 0.5
    outcomes = math.prod(count + 1 for _, count in bits)
    if outcomes > OUTCOMES:
        return 1.0
    spend(1 + outcomes // 16)
    before, after, total = _masses(bits)
    order = sorted(range(len(before)), key=lambda place: _ratio(after[place], before[place]))
    filled, last = 0, order[-1]
    for place in order:
        filled += after[place]
        if 2 * filled >= total:
            last = place
            break
    multiplier = 0 if after[last] == 0 else (before[last] << _BITS) // after[last]
    rest = sum(
        gain
        for one, other in zip(before, after, strict=True)
        if (gain := (one << _BITS) - multiplier * other) > 0
    )
    value = Fraction(multiplier, 2 << _BITS) + Fraction(rest, total << _BITS)
    return math.nextafter(float(min(value, Fraction(1))), math.inf)


def needed_at_least(bits: Bits) -> Fraction:
    """A lower bound on that share: what one explicit test accepts before, if it accepts at most 1/2 after."""
    if not bits:
        return Fraction(1, 2)
    kept: list[tuple[Bit, int]] = []
    for bit, count in sorted(bits, key=lambda pair: -abs(pair[0][1] - pair[0][0])):
        if math.prod(have + 1 for _, have in kept) * (count + 1) <= OUTCOMES:
            kept.append((bit, count))
    before, after, total = _masses(tuple(kept))
    left, value = Fraction(total, 2), Fraction(0)
    for place in sorted(range(len(before)), key=lambda place: _ratio(after[place], before[place])):
        if after[place] <= left:
            value += before[place]
            left -= after[place]
        else:
            value += before[place] * left / after[place]
            break
    return max(value / total, Fraction(1, 2))


def _masses(bits: Bits) -> tuple[list[int], list[int], int]:
    """Masses of all joint outcomes before and after, in units of the inverse of the number returned last."""
    before, after, total = [1], [1], 1
    for (low, high), count in bits:
        ours, theirs = (
            [
                math.comb(count, ones) * chance**ones * (GRID - chance) ** (count - ones)
                for ones in range(count + 1)
            ]
            for chance in (low, high)
        )
        before = [one * other for one in before for other in ours]
        after = [one * other for one in after for other in theirs]
        total *= GRID**count
    return before, after, total


def _ratio(after: int, before: int) -> float:
    """after / before, infinite where before is 0: an order, not a value."""
    try:
        return after / before
    except (ZeroDivisionError, OverflowError):
        return math.inf
