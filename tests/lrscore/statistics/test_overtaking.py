"""Overtaken labels: rivals, and the promise of the test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from lrscore.statistics.overtaking import chance_of_lead, overtaken, scores_for, strongest_rival


@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_the_rival_is_the_best_other_class(kind):
    scores = np.array([[5, 7, 1], [5, 1, 4]], dtype=kind)
    labels = np.array([1, 0])
    assert strongest_rival(scores, labels).tolist() == [0, 2]
    assert scores_for(labels, scores).tolist() == [7, 5]
    copies = np.stack([scores, scores[::-1]])
    assert strongest_rival(copies, labels).tolist() == [[0, 2], [0, 1]]
    assert scores_for(labels, copies).tolist() == [[7, 5], [1, 5]]


def test_the_chance_is_the_binomial_tail():
    assert chance_of_lead(np.array([3]), np.array([1])) == pytest.approx(5 / 16)
    assert chance_of_lead(np.array([0]), np.array([0])) == 1


def test_labels_that_are_as_likely_as_their_rival_are_rarely_called_overtaken():
    rng, runs, labels, error = np.random.default_rng(0), 3000, 40, 0.1
    first, second = (rng.binomial(30, 0.5, (runs, labels)) for _ in range(2))
    chance = chance_of_lead(second, 30 - second)
    wrong = sum(overtaken(one, leads > 15, error).any() for one, leads in zip(chance, first, strict=True))
    assert wrong <= binom.ppf(1 - 1e-6, runs, error)
    careless = sum(overtaken(one, one < 0.05, error).any() for one in chance)  # chosen by what is tested
    assert careless > binom.ppf(1 - 1e-6, runs, error)
