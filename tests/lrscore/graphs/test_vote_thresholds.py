"""Thresholds of hard votes against the definition of the divergence, and the data processing inequality."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import SettingsError
from lrscore.graphs.vote_thresholds import vote_threshold

ORDERS = st.sampled_from([1.1, 1.5, 2.0, 4.0, 20.0, np.inf])


def divergence(p: float, q: float, order: float) -> float:
    """Rényi divergence of a coin with bias p from one with bias q."""
    first, second = np.array([p, 1 - p]), np.array([q, 1 - q])
    if np.isinf(order):
        return np.log((first / second).max())
    return np.log((second * (first / second) ** order).sum()) / (order - 1)


@given(st.floats(0.51, 0.9999), ORDERS)
def test_threshold_is_the_divergence_of_a_fair_coin(share, order):
    assert vote_threshold(np.array(share), order) == pytest.approx(divergence(0.5, share, order), rel=1e-8)


@given(st.floats(0.501, 0.999), st.floats(0.001, 0.5), ORDERS)
def test_every_losing_share_is_at_least_that_far_away(share, losing, order):
    assert divergence(losing, share, order) >= vote_threshold(np.array(share), order) - 1e-12


def test_closed_forms():
    share = np.array([0.6, 0.9, 0.999])
    np.testing.assert_allclose(vote_threshold(share, 2.0), -np.log(4 * share * (1 - share)), rtol=1e-10)
    np.testing.assert_allclose(vote_threshold(share, np.inf), -np.log(2 * (1 - share)), rtol=1e-10)


def test_one_half_or_less_abstains_and_certainty_is_finite():
    assert vote_threshold(np.array([0.0, 0.3, 0.5]), 2.0).tolist() == [0, 0, 0]
    assert vote_threshold(np.array([0.5 + 1e-15]), 1.5)[0] < 1e-12
    assert np.isfinite(vote_threshold(np.array([1.0]), np.inf)).all()


def test_refuses_order_one():
    with pytest.raises(SettingsError, match="order must be above 1"):
        vote_threshold(np.array([0.9]), 1.0)
