"""Graph settings: interpolation by rank, one matrix for sampler and certificate, refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lrscore.errors import SettingsError
from lrscore.graphs.settings import GraphSettings
from lrscore.noise.flips import RESOLUTION

RANKS = np.array([[0, 2, 1], [1, 0, 2], [2, 1, 0]])


def test_levels_are_interpolated_by_rank():
    levels = GraphSettings(flip_to_one=(0.01, 0.03), flip_to_zero=(0.1, 0.9)).noise_levels(RANKS)
    assert levels.shape == (2, 3, 3)
    np.testing.assert_allclose(levels[0], 0.01 + RANKS / 2 * 0.02, atol=1 / RESOLUTION)
    np.testing.assert_allclose(levels[1], 0.1 + RANKS / 2 * 0.8, atol=1 / RESOLUTION)
    assert (levels * RESOLUTION == np.rint(levels * RESOLUTION)).all()


def test_falloff_bends_the_interpolation():
    noise = {"flip_to_one": (0.0, 0.0), "flip_to_zero": (0.1, 0.9)}
    to_zero = GraphSettings(**noise, falloff=0.0).noise_levels(RANKS)[1]
    np.testing.assert_allclose(to_zero, np.where(RANKS == 0, 0.1, 0.9), atol=1 / RESOLUTION)
    to_zero = GraphSettings(**noise, falloff=2.0).noise_levels(RANKS)[1]
    np.testing.assert_allclose(to_zero, 0.1 + (RANKS / 2) ** 2 * 0.8, atol=1 / RESOLUTION)


def test_one_cluster_has_the_nearest_level():
    levels = GraphSettings(clusters=1, flip_to_zero=(0.2, 0.9)).noise_levels(np.zeros((1, 1)))
    np.testing.assert_allclose(levels.ravel(), [0.01, 0.2], atol=1 / RESOLUTION)


def test_override_replaces_the_interpolation_and_must_fit():
    override = np.full((2, 3, 3), 0.25)
    settings = GraphSettings(levels=override)
    assert (settings.noise_levels(RANKS) == 0.25).all()
    with pytest.raises(SettingsError, match="for 2 groups and clusters"):
        settings.noise_levels(np.array([[0, 1], [1, 0]]))


def test_settings_survive_json():
    settings = GraphSettings(partition=(0, 1, 1), levels=np.full((2, 2, 2), 0.25), scores="votes")
    assert GraphSettings(**json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"flip_to_zero": (0.1, 1.0)}, "flip_to_zero must be two probabilities"),
        ({"flip_to_one": "0.1"}, "flip_to_one must be two probabilities"),
        ({"partition": "random"}, "partition must be metis"),
        ({"partition": np.array([0.5, 1.0])}, "cluster ids from 0"),
        ({"clusters": 0}, "clusters must be a whole number"),
        ({"levels": np.full((2, 2, 3), 0.1)}, r"\(2, groups, clusters\)"),
        ({"scores": "hard"}, "scores must be soft, votes"),
        ({"bound": "exact"}, "bound must be direct"),
        ({"margins": True, "scores": "votes"}, "margins need soft scores"),
        ({"orders": (1.0,)}, "orders must be one or more numbers above 1"),
        ({"bins": 100}, "power of two"),
        ({"falloff": -1.0}, "falloff must be"),
        ({"alpha": 0.0}, "alpha"),
    ],
)
def test_refusals(change, text):
    with pytest.raises(SettingsError, match=text):
        GraphSettings(**change)
