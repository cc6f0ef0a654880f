"""Laws on a lattice: what the tables draw, worked out step by step, is the law; and the drawing does what they say."""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from lrscore.noise.alias_table import AliasTable
from lrscore.noise.drawing import LATTICE, fill_uniform, laplace_law, normal_law
from lrscore.noise.lattice_law import BLOCK, ENTRIES, LatticeLaw

LAWS = {"gaussian": (normal_law, stats.norm, 12), "laplace": (laplace_law, stats.laplace, 40)}


def shares_of(table):
    """Exact share of 2^64 that every outcome of an alias table has."""
    capacity, shares = 1 << table.lower, [0] * len(table.own)
    for column, (own, other) in enumerate(zip(table.own.tolist(), table.other.tolist(), strict=True)):
        shares[column] += own
        shares[other] += capacity - own
    return shares


def drawn_probabilities(law):
    """What one number of `fill` is, from the tables alone: (steps, probabilities), both (2 * blocks, BLOCK)."""
    proposed = np.array(shares_of(law.proposals)[: 2 * law.blocks], dtype=np.float64)[:, None] / 2.0**64
    steps = (np.arange(-law.blocks, law.blocks)[:, None] * BLOCK + np.arange(BLOCK)).astype(np.float64)
    accepted = (law.probability(steps) - law.owned[:, None]) / law.most[:, None]
    beyond = proposed / BLOCK * accepted
    table = np.bincount(
        ((law.starts[: law.entries] + law.blocks * BLOCK) // BLOCK).astype(np.int64),
        minlength=2 * law.blocks,
    )
    left = 1 - law.entries / ENTRIES
    return steps, table[:, None] / (ENTRIES * BLOCK) + left * beyond / beyond.sum()


@pytest.mark.parametrize("name", LAWS)
def test_steps_have_the_probability_of_their_cell(name):
    """Against the density, integrated over the cell."""
    law, ideal, far = LAWS[name]
    steps = np.unique(np.concatenate([[0, 1, 2, 511, 512], np.geomspace(1, far / LATTICE, 60).round()]))
    for step in [*steps, *-steps]:
        # The density has a corner at 0
        ends = [(step - 0.5) * LATTICE, step * LATTICE, (step + 0.5) * LATTICE]
        halves = [integrate.fixed_quad(ideal.pdf, *half, n=5)[0] for half in itertools.pairwise(ends)]
        assert law().probability(np.array(step)) == pytest.approx(sum(halves), rel=1e-14, abs=0)


@pytest.mark.parametrize("name", LAWS)
def test_the_tables_draw_the_law(name):
    """Added up over all steps, drawn and ideal law differ by less than 1e-16, and of no step's probability by 1e-13.

    The farthest blocks apart, which the alias table rounds to whole shares of 2^64.
    """
    law, ideal, _ = LAWS[name]
    steps, drawn = drawn_probabilities(law())
    true = law().probability(steps)
    assert np.abs(drawn - true).sum() / 2 < 1e-16
    assert true[(drawn == 0).all(axis=1)].sum() < 5e-19  # of tails that are cut off
    near = np.abs(steps * LATTICE) < (4 if name == "gaussian" else 10)
    assert np.abs(drawn[near] / true[near] - 1).max() < 1e-13
    for border in (1, 3, 5, 8):
        tail = drawn[np.abs(steps * LATTICE) > border].sum()
        assert tail == pytest.approx(2 * ideal.sf(border), rel=1e-3)


@pytest.mark.parametrize("name", LAWS)
def test_the_table_never_gives_more_than_the_law(name):
    law = LAWS[name][0]()
    ends = (np.arange(-law.blocks, law.blocks)[:, None] + [[0, 1]]) * float(BLOCK) - [[0, 1]]
    assert (law.owned[:, None] < law.probability(ends)).all()
    assert law.owned.sum() * BLOCK == law.entries / ENTRIES


class Words:
    """A source of given words."""

    def __init__(self, words):
        self.words = np.asarray(words, dtype=np.uint64)

    def integers(self, low, high, count, dtype):
        assert (low, high, dtype) == (0, 1 << 64, np.uint64)
        given, self.words = self.words[:count], self.words[count:]
        return given


def test_every_entry_is_drawn_as_it_is_owned(monkeypatch):
    """All 2^16 entries, each with some step of its block; what no block owns, from the first such entry on, is left."""
    monkeypatch.setattr(LatticeLaw, "_beyond", lambda law, source, count: np.full(count, 1e6))
    law, entries = normal_law(), np.arange(ENTRIES)
    within = (entries * 7 + 3) % BLOCK
    halves = np.concatenate([entries, within + 512 * (entries % 5)]).astype(np.uint16)
    drawn = np.empty(ENTRIES, np.float32)
    law.fill(Words(halves.view(np.uint64)), drawn)
    block = np.repeat(np.arange(-law.blocks, law.blocks), np.rint(law.owned * ENTRIES * BLOCK).astype(int))
    assert np.array_equal(drawn[: block.size], block * BLOCK + within[: block.size])
    assert (drawn[block.size :] == 1e6).all()


@pytest.mark.parametrize("name", LAWS)
def test_the_hundredth_beyond_the_table_is_drawn_by_its_law(name):
    """Blocks by chi-square; within a block each of four parts; the tails, of which nothing but this is made."""
    law, ideal, _ = LAWS[name]
    law = law()
    source, count = np.random.Generator(np.random.SFC64(1)), 400_000
    drawn = law._beyond(source, count)
    steps = (np.arange(-law.blocks, law.blocks)[:, None] * BLOCK + np.arange(BLOCK)).astype(np.float64)
    beyond = law.probability(steps) - law.owned[:, None]
    expected = count * beyond / beyond.sum()
    blocks = np.floor(drawn / BLOCK).astype(np.int64) + law.blocks
    of_blocks, many = expected.sum(axis=1), expected.sum(axis=1) >= 8
    counts = np.bincount(blocks, minlength=2 * law.blocks)
    observed = np.append(counts[many], counts[~many].sum())
    wanted = np.append(of_blocks[many], of_blocks[~many].sum())
    assert stats.chisquare(observed, wanted * observed.sum() / wanted.sum()).pvalue > 1e-3
    parts = np.bincount((drawn % BLOCK).astype(np.int64) // (BLOCK // 4), minlength=4)
    wanted = expected.reshape(-1, 4, BLOCK // 4).sum(axis=(0, 2))
    assert stats.chisquare(parts, wanted * count / wanted.sum()).pvalue > 1e-3
    border = 4.5 if name == "gaussian" else 8
    tail = np.abs(drawn[np.abs(drawn) * LATTICE > border]) * LATTICE
    assert tail.size > 100
    assert stats.kstest(ideal.sf(tail) / ideal.sf(border), "uniform").pvalue > 1e-3


def test_uniform_numbers_by_their_bits():
    """Words at the edges of cells: the ends get half a cell, and a cell begins half a step before its middle."""
    half, last = 1 << 14, (1 << 32) - 1
    words = np.array([0, half - 1, half, 3 * half - 1, 3 * half, 1 << 31, last - half, last - half + 1, last])
    given = np.append(words, 0).astype(np.uint32).view(np.uint64)
    drawn = np.empty(words.size, np.float32)
    fill_uniform(Words(given), drawn)
    assert drawn.tolist() == [-65536, -65536, -65535, -65535, -65534, 0, 65535, 65536, 65536]


@pytest.mark.parametrize(
    "weights", [[1.0], [1.0, 0.0, 3.0], [5e-324, 1.0], [0.25] * 4, [1e-30, 2.0, 1e9, 7.0, 7.0]]
)
def test_an_alias_table_shares_out_all_words_by_weight(weights):
    weights = np.array(weights)
    shares = shares_of(AliasTable.of(weights))
    assert sum(shares) == 1 << 64
    ideal = weights / weights.sum()
    for share, wanted in zip(shares, [*ideal, *[0.0] * (len(shares) - len(ideal))], strict=True):
        assert abs(share / 2**64 - wanted) <= 2**-53 * wanted + len(shares) * 2**-64


def test_an_alias_table_is_drawn_as_it_says():
    table = AliasTable.of(np.array([1.0, 2.0, 4.0]))
    words = np.random.Generator(np.random.SFC64(2)).integers(0, 1 << 64, 70_000, dtype=np.uint64)
    counts = np.bincount(table.draw(words), minlength=4)
    assert counts[3] == 0
    assert stats.chisquare(counts[:3], np.array([1, 2, 4]) * 10_000).pvalue > 1e-3
    capacity = 1 << table.lower
    for column, (own, other) in enumerate(zip(table.own.tolist(), table.other.tolist(), strict=True)):
        for lower, outcome in [(own - 1, column), (own, other)]:
            if 0 <= lower < capacity:
                assert table.draw(np.array([column * capacity + lower], dtype=np.uint64)).tolist() == [
                    outcome
                ]


def test_a_steep_law_is_drawn_step_by_step():
    """Hardly anything of it is in the table: each of 1,000 steps around 0, and the rest, by chi-square."""

    def probability(step):
        return np.tanh(0.5 / 200) * np.exp(-np.abs(step) / 200)

    law = LatticeLaw.of(probability, blocks=8)
    assert 0 < law.entries < ENTRIES / 2
    drawn = np.empty(400_000, np.float32)
    law.fill(np.random.Generator(np.random.SFC64(3)), drawn)
    steps = np.arange(-500, 500)
    inside = drawn[(drawn >= -500) & (drawn < 500)]
    counts = np.bincount((inside + 500).astype(np.int64), minlength=1000)
    wanted = drawn.size * probability(steps)
    observed, wanted = (
        np.append(counts, drawn.size - counts.sum()),
        np.append(wanted, drawn.size - wanted.sum()),
    )
    assert stats.chisquare(observed, wanted).pvalue > 1e-3
