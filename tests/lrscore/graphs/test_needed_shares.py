"""Needed vote shares against their definition: all outcomes enumerated, in rational arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrscore.graphs.exact_flips import needed_probability
from lrscore.graphs.neyman_pearson.bit_kinds import NOTHING, BitKinds, tells_all
from lrscore.graphs.neyman_pearson.needed_shares import MARGIN, NeededShares
from lrscore.graphs.rational_shares import at_least_as_telling, collected, needed_at_least, needed_at_most
from lrscore.noise.flips import RESOLUTION, FlipNoise
from tests.lrscore.graphs.slow_shares import slow_share

UNITS = st.integers(0, RESOLUTION - 1)
COIN = st.tuples(UNITS, UNITS).map(sorted).map(tuple).filter(lambda coin: coin[0] < coin[1])


def fractions(coin: tuple[int, int]) -> tuple[Fraction, Fraction]:
    return Fraction(coin[0], RESOLUTION), Fraction(coin[1], RESOLUTION)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(COIN, st.integers(0, 3)), min_size=1, max_size=3, unique_by=lambda pair: pair[0]))
def test_shares_are_those_of_the_definition(pairs):
    exact = slow_share(tuple(sorted(fractions(coin) for coin, count in pairs for _ in range(count))))
    table = NeededShares([coin for coin, _ in pairs])
    lower, upper = table.between(np.array([[count for _, count in pairs]]))[0]
    assert Fraction(lower) <= max(exact, Fraction(1, 2)) <= Fraction(upper)
    assert upper - lower <= 2 * MARGIN + 1e-15
    bits = collected([(coin, count) for coin, count in pairs])
    assert needed_at_least(bits) == exact
    assert exact <= Fraction(needed_at_most(bits)) <= exact + Fraction(1, 10**12)


@pytest.mark.parametrize(("to_one", "to_zero"), [(0.01, 0.6), (0.3, 0.3), (0.0, 0.4), (0.2, 0.0), (0.7, 0.8)])
def test_one_noise_everywhere_gives_the_isotropic_regions(to_one, to_zero):
    noise = FlipNoise.from_levels(np.array([[[to_one]], [[to_zero]]]))
    bits = BitKinds(noise)
    table = NeededShares(bits.coins)
    for additions in range(6):
        for deletions in range(6):
            counts = np.zeros((1, len(bits.coins)), dtype=int)
            for kind, units in zip(bits.kinds[0, :, 0], (additions, deletions), strict=True):
                counts[0, kind] += units
            isotropic = needed_probability(
                float(noise.to_one[0, 0]), float(noise.to_zero[0, 0]), additions, deletions
            )
            assert table.between(counts)[0, 1] == pytest.approx(isotropic, abs=2e-9)


@settings(max_examples=60, deadline=None)
@given(COIN, COIN)
def test_what_tells_more_is_told_by_two_definitions(coin, other):
    """The line through the corner, and the two chances of a channel that makes one coin from the other."""
    assert tells_all(coin, other) == at_least_as_telling(coin, other)
    if tells_all(coin, other):
        for count in (1, 2):
            assert slow_share((fractions(other),) * count) <= slow_share((fractions(coin),) * count)


def test_attributes_that_tell_the_same_are_one_kind():
    levels = np.array([[[0.25, 0.5, 0.75], [0.5, 0.25, 0.25], [0.5, 0.5, 0.5]]] * 2)
    levels[1] = [[0.5, 0.25, 0.25], [0.25, 0.5, 0.5], [0.5, 0.5, 0.5]]
    bits = BitKinds(FlipNoise.from_levels(levels))
    added, deleted = bits.kinds[:, 0], bits.kinds[:, 1]
    assert added[0, 0] == deleted[0, 1]  # an addition at (1/4, 1/2) is a deletion at (1/2, 1/4)
    assert added[0, 2] == deleted[0, 2] == NOTHING  # 3/4 + 1/4 = 1
    assert (bits.kinds[2] == NOTHING).all()
    assert len(bits.coins) == 2


def test_long_rows_are_bounded_from_both_sides():
    coins = [(RESOLUTION // 4 + step, RESOLUTION // 4 * 3 - step * step) for step in range(8)]
    few, many = NeededShares(coins, largest=64), NeededShares(coins)
    counts = np.full((1, 8), 1)
    counts[0, :2] = 3
    low, high = few.between(counts)[0]
    assert high == 1.0
    assert low <= many.between(counts)[0, 0]
    assert low > 0.9
    enough = NeededShares(coins, enough=0.9).between(counts)[0]
    assert 0.9 <= enough[0] <= many.between(counts)[0, 1]
    assert NeededShares(coins).between(counts * 200).tolist()[0][1] == 1.0


@pytest.mark.parametrize("enough", [0.6, 0.8, 0.95, 0.999])
def test_shares_below_what_is_enough_are_the_same_and_others_are_known_to_be_enough(enough: float):
    """In whatever order they are asked for: rows that hold a row with enough are not filled."""
    rng = np.random.default_rng(7)
    coins = [(RESOLUTION // 100, RESOLUTION // 3), (RESOLUTION // 3, RESOLUTION // 2), (7, RESOLUTION // 9)]
    counts = rng.integers(0, 12, (400, 3))
    plain, limited = NeededShares(coins), NeededShares(coins, enough)
    expected = plain.between(counts)
    for some in np.split(np.arange(400), [5, 100, 250]):
        found = limited.between(counts[some])
        below = found[:, 1] < 1
        np.testing.assert_allclose(found[below], expected[some][below], rtol=0, atol=1e-13)
        assert (found[~below, 0] >= enough).all()
        assert (expected[some][~below, 1] >= enough).all()
        assert below[expected[some][:, 1] < enough].all()
    assert 0 < below.sum() < below.size
