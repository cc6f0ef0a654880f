import numpy as np
import pytest

from lrscore.errors import InputError
from lrscore.statistics.arrays import as_counts, check_counts, on_distinct_rows


def test_distinct_rows_give_what_every_row_would_give():
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(0, 7, (50, 40)), rng.integers(0, 3, (50, 1)), rng.random(40).round(1)
    seen = []

    def function(x, y, z):
        seen.append(len(x))
        return x + 10.0 * y + 100.0 * z

    np.testing.assert_array_equal(on_distinct_rows(function, a, b, c), a + 10.0 * b + 100.0 * c)
    assert len(seen) == 1
    assert seen[0] <= 7 * 3 * 11


def test_a_million_outputs_cost_as_much_as_their_distinct_counts():
    seen = []

    def function(k, n):
        seen.append(k.size)
        return k / n

    counts = np.random.default_rng(1).binomial(1000, 0.7, 10**6)
    on_distinct_rows(function, counts, 1000)
    assert seen == [np.unique(counts).size]


def test_empty_and_scalar():
    assert on_distinct_rows(lambda k: k * 1.0, np.zeros(0, dtype=int)).shape == (0,)
    assert on_distinct_rows(lambda k: k * 2.0, 3).shape == ()


@pytest.mark.parametrize("values", [[0.5], [np.nan], ["a"], [-1], [np.inf]])
def test_counts_are_whole_and_not_negative(values):
    with pytest.raises(InputError, match="successes: expected"):
        as_counts("successes", values)


def test_whole_floats_are_counts():
    assert as_counts("successes", [3.0]).tolist() == [3]


@pytest.mark.parametrize(
    ("successes", "trials", "message"),
    [
        (3, 2, "successes: expected no more than trials, got 3 of 2"),
        (0, 0, "trials: expected at least 1 sample, got 0"),
        ([1, 2], [3, 3, 3], "expected shapes that broadcast"),
    ],
)
def test_counts_that_contradict_each_other(successes, trials, message):
    with pytest.raises(InputError, match=message):
        check_counts(successes, trials)
