import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import InputError
from lrscore.statistics import ScoreHistogram, unit_margins
from tests.lrscore.statistics.slow import unhurried


@unhurried
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.sampled_from([2, 64, 128, 256]))
def test_every_score_lies_within_the_ends_of_its_bin(scores, bins):
    histogram = ScoreHistogram.empty(1, bins=bins).add(np.array(scores)[:, None])
    assert histogram.samples.tolist() == [len(scores)]
    for score in scores:
        (column,) = np.flatnonzero(ScoreHistogram.empty(1, bins=bins).add([[score]]).counts[0])
        assert histogram.edges[column] <= score <= histogram.edges[column + 1]


def test_order_and_batches_do_not_matter():
    scores = np.random.default_rng(11).random((90, 5, 2)).astype(np.float32)
    whole = ScoreHistogram.empty((5, 2), bins=64).add(scores)
    first = ScoreHistogram.empty((5, 2), bins=64).add(scores[60:])
    second = ScoreHistogram.empty((5, 2), bins=64).add(scores[10:60][::-1]).add(scores[:10])
    np.testing.assert_array_equal(whole.counts, first.merge(second).counts)
    expected = [np.histogram(scores[:, 3, 1], bins=64, range=(0, 1))[0]]
    np.testing.assert_array_equal(whole.counts[3, 1], expected[0])


def test_ends_and_rounding_of_scores():
    counts = ScoreHistogram.empty(1, bins=4).add([[0.0], [1.0], [1.0 + 1e-6], [-1e-6], [0.25]]).counts
    assert counts.tolist() == [[2, 1, 0, 2]]


@pytest.mark.parametrize("scores", [[[np.nan]], [[1.1]], [[-0.1]], [[np.inf]]])
def test_refuses_what_is_no_score(scores):
    with pytest.raises(InputError, match=r"scores: expected values in \[0, 1\]"):
        ScoreHistogram.empty(1).add(scores)


def test_refuses_shapes():
    with pytest.raises(InputError, match="bins a power of two"):
        ScoreHistogram.empty(3, bins=100)
    with pytest.raises(InputError, match=r"scores: expected shape \(samples, 3,\), got \(4, 2\)"):
        ScoreHistogram.empty(3).add(np.zeros((4, 2)))
    with pytest.raises(InputError, match="other: expected counts of shape"):
        ScoreHistogram.empty(3).merge(ScoreHistogram.empty(4))


def test_unit_margins_as_arithmetic():
    scores = np.array([[[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]])
    expected = [[[(1 + 0.5 - 0.3) / 2, (1 + 0.5 - 0.2) / 2], [(1 + 0.2 - 0.1) / 2, (1 + 0.2 - 0.7) / 2]]]
    np.testing.assert_allclose(unit_margins(scores, [0, 1]), expected)
    with pytest.raises(InputError, match="labels: expected classes below C = 3"):
        unit_margins(scores, [0, 3])
    with pytest.raises(InputError, match="scores, labels: expected shapes"):
        unit_margins(scores, [0])
