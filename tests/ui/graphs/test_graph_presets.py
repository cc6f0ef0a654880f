"""The graph page's presets: valid, complete, different, and recognised again."""

from __future__ import annotations

import pytest

from tests.ui.graphs.toy_certificate import SETTINGS
from ui.certification.preset_pills import matching
from ui.graphs.controls import MOST_CLUSTERS
from ui.graphs.presets import graph_presets
from ui.graphs.request import DEFAULTS, request_from, values_of


@pytest.mark.parametrize("offered", [{}, values_of(SETTINGS)], ids=["nothing stored", "stored"])
def test_presets_name_every_control_and_differ(offered):
    presets = graph_presets(offered)
    for preset in presets:
        assert set(preset.values) == set(DEFAULTS), "a preset leaves nothing over from before"
        assert 1 <= request_from(preset.values).settings.clusters <= MOST_CLUSTERS
        assert preset.description.endswith(".")
    assert len({request_from(preset.values).settings for preset in presets}) == len(presets)


def test_localized_is_what_is_stored():
    localized = graph_presets(values_of(SETTINGS))[0]
    assert request_from(localized.values).settings == SETTINGS


def test_isotropic_noise_is_the_same_everywhere_and_the_own_cluster_is_little_disturbed():
    presets = {preset.name: request_from(preset.values).settings for preset in graph_presets({})}
    assert presets["isotropic"].clusters == 1
    own = presets["own"]
    assert own.falloff == 0
    assert own.flip_to_zero[0] < 0.5 < 0.95 < own.flip_to_zero[1]


@pytest.mark.parametrize("preset", graph_presets({}), ids=lambda preset: preset.name)
def test_a_preset_is_recognised_whatever_the_seed_and_nothing_else(preset):
    values = {**preset.values, "seed": 12}
    assert matching(graph_presets({}), values) == preset
    assert matching(graph_presets({}), {**values, "clusters": 19}) is None
