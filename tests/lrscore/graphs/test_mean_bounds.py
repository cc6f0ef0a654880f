"""Lower bounds on mean scores: as arithmetic, and how often they are wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrscore.graphs.bounds import mean_lower
from lrscore.statistics import ScoreHistogram

SAMPLES, REPEATS, LEVEL = 300, 4000, 0.1
BINS = 1024  # fine: the lower ends of coarse bins would hide what is wrong

LAWS = {
    "rarely zero": (
        lambda random, shape: (random.random(shape) > 1 / SAMPLES).astype(float),
        1 - 1 / SAMPLES,
    ),
    "fair coin": (lambda random, shape: (random.random(shape) < 0.5).astype(float), 0.5),
    "nearly certain": (lambda random, shape: random.beta(60, 3, shape), 60 / 63),
    "two humps": (
        lambda random, shape: np.where(
            random.random(shape) < 0.85, random.beta(30, 2, shape), random.beta(2, 30, shape)
        ),
        0.85 * 30 / 32 + 0.15 * 2 / 32,
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_bounds_fail_no_more_often_than_they_may(law):
    draw, mean = LAWS[law]
    values = draw(np.random.default_rng(1), (SAMPLES, REPEATS))
    bounds = mean_lower(ScoreHistogram.empty(REPEATS, bins=BINS).add(values), np.full(REPEATS, LEVEL))
    wrong = (bounds > mean).mean()
    assert wrong <= LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / REPEATS)
    assert (bounds > mean - 0.25).all(), "not by claiming nothing"


def test_the_smallest_of_several_means_needs_no_larger_level():
    """Of margins over several classes the smallest mean is bounded: only the class that has it can be wrong."""
    random = np.random.default_rng(2)
    means = np.array([0.5, 0.5, 0.52, 0.8])
    values = (random.random((SAMPLES, REPEATS, 4)) < means).astype(float)
    bounds = mean_lower(ScoreHistogram.empty((REPEATS, 4), bins=64).add(values), np.full(REPEATS, LEVEL))
    assert (bounds > means.min()).mean() <= LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / REPEATS)


def test_as_arithmetic():
    values = np.tile([[0.5], [0.75], [0.75], [1.0]], (100, 1))
    ends = [0.5, 0.75, 0.75, 0.75] * 100  # lower ends of four bins
    mean = sum(ends) / 400
    variance = sum((end - mean) ** 2 for end in ends) / 399
    logarithm = math.log(2 / 0.01)
    expected = mean - math.sqrt(2 * variance * logarithm / 400) - 7 * logarithm / (3 * 399)
    found = mean_lower(ScoreHistogram.empty(1, bins=4).add(values), np.array([0.01]))
    assert found[0] == pytest.approx(expected, abs=1e-12)
    assert expected > 0.6
    assert mean_lower(ScoreHistogram.empty(1, bins=4).add(values * 0), np.array([0.9]))[0] == 0.0
