"""Sparse flip sampling: shape of the result, and frequencies per region by chi-square tests."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from lrscore.errors import InputError
from lrscore.graphs.noisy_attributes import NoisyAttributes, bernoulli_positions, merge_sorted
from lrscore.graphs.sampler import dense_rows
from lrscore.noise.flips import FlipNoise, quantise

NODES, WIDTH = 12, 9


@pytest.fixture
def clean() -> np.ndarray:
    return (np.random.default_rng(3).random((NODES, WIDTH)) < 0.3).astype(np.float32)


@pytest.fixture
def clusters() -> np.ndarray:
    return np.array([0, 1, 2] * 4)  # interleaved: rows of a cluster are not contiguous


def prepare(clean: np.ndarray, clusters: np.ndarray) -> NoisyAttributes:
    rows, columns = np.nonzero(clean)
    return NoisyAttributes.build(rows, columns, clean.shape, clusters, torch.device("cpu"))


def draw(attributes: NoisyAttributes, to_one, to_zero, copies: int, seed: int = 0) -> np.ndarray:
    """(copies, n, d) dense samples."""
    generator = torch.Generator().manual_seed(seed)
    levels = quantise(np.array(to_one)), quantise(np.array(to_zero))
    noise = FlipNoise(levels[0][None], levels[1][None])
    return dense_rows(attributes.sample(noise, 0, copies, generator)).numpy().reshape(copies, NODES, WIDTH)


@pytest.mark.parametrize("to_one", [(0.02, 0.02, 0.02), (0.3, 0.05, 0.3), (0.0, 0.5, 0.01)])
def test_flip_frequencies_in_every_cluster(clean, clusters, to_one):
    to_zero, copies = (0.1, 0.6, 0.95), 4000
    flipped = draw(prepare(clean, clusters), to_one, to_zero, copies) != clean
    for cluster in range(3):
        rows = clusters == cluster
        for ones, probability in ((clean[rows] == 1, to_zero[cluster]), (clean[rows] == 0, to_one[cluster])):
            counts = flipped[:, rows][:, ones].sum(axis=0)  # flips of every attribute, out of `copies`
            if probability == 0:
                assert counts.sum() == 0
                continue
            expected = np.full(counts.size, copies * probability)
            statistic = ((counts - expected) ** 2 / (expected * (1 - probability))).sum()
            assert 1e-4 < stats.chi2.sf(statistic, counts.size) < 1 - 1e-4


def test_flips_of_two_attributes_are_independent(clean, clusters):
    samples = draw(prepare(clean, clusters), (0.4,) * 3, (0.5,) * 3, 20_000)
    pairs = samples[:, 0, :2], samples[:, 5, 3:5], samples[:, 11, 7:9]
    for pair in pairs:
        table = np.array([[((pair[:, 0] == a) & (pair[:, 1] == b)).sum() for b in (0, 1)] for a in (0, 1)])
        assert stats.chi2_contingency(table).pvalue > 1e-4


def test_copies_are_independent(clean, clusters):
    samples = draw(prepare(clean, clusters), (0.3,) * 3, (0.3,) * 3, 2, seed=5)
    assert (samples[0] != samples[1]).any()


def test_result_is_a_csr_matrix_of_ones_without_repeats(clean, clusters):
    generator = torch.Generator().manual_seed(1)
    noise = FlipNoise(np.array([[0.2, 0.1, 0.3]] * 2), np.array([[0.3, 0.2, 0.1]] * 2))
    x = prepare(clean, clusters).sample(noise, 1, 50, generator)
    assert x.layout == torch.sparse_csr
    assert x.shape == (50 * NODES, WIDTH)
    assert (x.values() == 1).all()
    starts, columns = x.crow_indices().numpy(), x.col_indices().numpy()
    for row in range(
        x.shape[0]
    ):  # ascending: one matrix for the same attributes, whatever the clean ones were
        assert (np.diff(columns[starts[row] : starts[row + 1]]) > 0).all()
    assert torch.equal(dense_rows(x), x.to_dense())


def test_group_number_selects_the_row_of_the_noise(clean, clusters):
    noise = FlipNoise(np.zeros((2, 3)), np.array([[0.0, 0.0, 0.0], [0.0, 0.9999, 0.0]]))
    attributes, generator = prepare(clean, clusters), torch.Generator().manual_seed(0)
    untouched = dense_rows(attributes.sample(noise, 0, 1, generator)).numpy()
    np.testing.assert_array_equal(untouched, clean)
    emptied = dense_rows(attributes.sample(noise, 1, 1, generator)).numpy()
    np.testing.assert_array_equal(emptied[clusters != 1], clean[clusters != 1])
    assert emptied[clusters == 1].sum() == 0


def test_no_ones_and_no_noise(clusters):
    attributes = prepare(np.zeros((NODES, WIDTH), dtype=np.float32), clusters)
    assert draw(attributes, (0.0,) * 3, (0.0,) * 3, 3).sum() == 0
    assert draw(attributes, (0.5,) * 3, (0.5,) * 3, 3).sum() > 0


@pytest.mark.parametrize(("count", "probability"), [(1, 0.5), (7, 0.999), (1000, 0.001), (5000, 0.3)])
def test_positions_of_successes(count, probability):
    generator = torch.Generator().manual_seed(2)
    hits = np.zeros(count)
    repeats = 3000 if count < 1000 else 300
    for _ in range(repeats):
        positions = bernoulli_positions(count, probability, generator).numpy()
        assert (np.diff(positions) > 0).all()
        assert positions.size == 0 or (positions[0] >= 0 and positions[-1] < count)
        hits[positions] += 1
    expected = repeats * probability
    if count <= 7:
        pvalues = [stats.binomtest(int(hit), repeats, probability).pvalue for hit in hits]
        assert min(pvalues) > 1e-5
    total = stats.binomtest(int(hits.sum()), repeats * count, probability)
    assert total.pvalue > 1e-4
    first, second = hits[: count // 2].sum(), hits[count - count // 2 :].sum()
    assert abs(first - second) < 5 * np.sqrt(expected * count + 1)


@pytest.mark.parametrize(("few", "many"), [(0, 5), (3, 3), (10, 200), (200, 10)])
def test_merging_is_sorting(few, many):
    mixed = torch.randperm(1000, generator=torch.Generator().manual_seed(4))[: few + many]
    first, second = mixed[:few].sort().values, mixed[few:].sort().values
    assert torch.equal(merge_sorted(first, second), mixed.sort().values)


def test_quotients_by_floating_point_are_exact():
    from lrscore.graphs.noisy_attributes import floor_divide

    divisors = torch.tensor([1, 3, 7, 3703, 7_813_330, 2**31 - 1])
    for divisor in divisors.tolist():
        quotients = torch.tensor([1, 2, 5, 1000, 2**20 + 1])
        values = torch.cat([quotients * divisor, quotients * divisor - 1])
        values = values[values < 2**53]
        assert torch.equal(floor_divide(values, divisor), torch.div(values, divisor, rounding_mode="floor"))


def test_refuses_tables_that_do_not_fit():
    with pytest.raises(InputError, match="nodes x attributes"):
        NoisyAttributes.build(
            np.empty(0), np.empty(0), (100_000, 100_000), np.zeros(100_000), torch.device("cpu")
        )
