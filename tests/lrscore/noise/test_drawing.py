"""Unit noise is what it claims to be: the ideal law rounded to a lattice, tails included."""

import numpy as np
import pytest
import torch
from scipy import stats

from lrscore.noise import additive_noise
from lrscore.noise.drawing import _PIECE, LATTICE, _fill_pieces, drawn_by, normal_law

NAMES = ["gaussian", "laplace", "uniform"]


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_the_tail_of_normal_noise_goes_on_where_single_precision_ends():
    """A model that says another class if any value lies beyond 5.768, on 1,920 copies of a picture of 180x240.

    Single-precision Box-Muller ends at sqrt(2 ln 2^24) = 5.768: it never shows one, where 1e-3 of the copies should.
    The tail beyond 5 must follow the law: a Kolmogorov test of about 140 numbers, and their count.
    """
    generator, tail, drawn = seeded(1), [], 0
    for _ in range(60):
        unit = additive_noise("gaussian").sample((32, 3, 180, 240), generator).abs_()
        tail.append(unit[unit > 5].double().numpy())
        drawn += unit.numel()
    beyond = np.concatenate(tail)
    expected = drawn * 2 * stats.norm.sf(5)
    assert abs(beyond.size - expected) < 4 * expected**0.5
    assert stats.kstest(stats.norm.sf(beyond) / stats.norm.sf(5), "uniform").pvalue > 1e-3
    assert (beyond > 5.768).sum() >= 1  # 2.0 expected


def test_the_tail_of_laplace_noise_goes_on_where_single_precision_ends():
    """-ln(2^-24) = 16.64 is the largest exponential of 24 bits, beyond it should lie 6e-8 of all numbers."""
    generator, largest, beyond, drawn = seeded(2), 0.0, 0, 0
    for _ in range(15):
        unit = additive_noise("laplace").sample((32, 3, 180, 240), generator).abs_()
        largest = max(largest, float(unit.max()))
        beyond += int((unit > 12).sum())
        drawn += unit.numel()
    expected = drawn * np.exp(-12)
    assert abs(beyond - expected) < 4 * expected**0.5
    assert largest > 16.64  # 3.7 expected beyond


@pytest.mark.parametrize("name", NAMES)
def test_noise_lies_on_the_lattice_and_fills_its_cells_by_their_probability(name):
    """Every number is a whole multiple of 2^-16; the last bits are even and odd as the law says, both signs alike."""
    unit = additive_noise(name).sample((1_000_000,), seeded(3)).double().numpy()
    steps = unit / LATTICE
    assert (steps == np.rint(steps)).all()
    last_bits = np.bincount(
        steps.astype(np.int64) & 255, minlength=256
    )  # a smooth law is level over 256 cells
    assert stats.chisquare(last_bits).pvalue > 1e-3
    assert stats.binomtest(int((unit > 0).sum()), int((unit != 0).sum())).pvalue > 1e-3


# Pinned: numbers of a seed may change only together with what `drawn_by` says, which every certificate records
STREAM = {
    "gaussian": [54060, 29654, -147653, -70828, -28974],
    "laplace": [59692, 29142, -233157, -82092, -26926],
    "uniform": [22068, -23619, -42377, 42610, 15781],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_numbers_of_its_stream(name):
    assert drawn_by(torch.device("cpu")) == "lattice tables, SFC64"
    unit = additive_noise(name).sample((300_000,), seeded(6)).double() / LATTICE
    assert unit[[0, 1, 131_071, 131_072, 299_999]].tolist() == STREAM[name]


def test_numbers_do_not_depend_on_the_number_of_threads():
    one, three = (np.empty(400_000, np.float32) for _ in range(2))
    _fill_pieces(one, [5], normal_law().fill, threads=1)
    _fill_pieces(three, [5], normal_law().fill, threads=3)
    assert np.array_equal(one, three)


@pytest.mark.parametrize("name", NAMES)
def test_pieces_and_draws_are_streams_of_their_own(name):
    generator = seeded(4)
    first, second = (additive_noise(name).sample((3 * _PIECE + 5,), generator).numpy() for _ in range(2))
    pieces = [*np.split(first[: 3 * _PIECE], 3), *np.split(second[: 3 * _PIECE], 3)]
    correlations = np.corrcoef(pieces)[np.triu_indices(6, 1)]
    assert np.abs(correlations).max() < 5 / _PIECE**0.5


@pytest.mark.parametrize("name", NAMES)
def test_empty_shapes_and_scalars_are_drawn(name):
    assert additive_noise(name).sample((0, 3), seeded(5)).shape == (0, 3)
    assert additive_noise(name).sample((), seeded(5)).shape == ()
