"""Controls and settings: defaults, presets, and the way back."""

from __future__ import annotations

import pytest

from lrscore import ImageSettings
from lrscore.errors import SettingsError
from lrscore.statistics import CORRECTIONS
from ui.certification.options import ALPHAS, CORRECTION_WORDS
from ui.images.request import COPIES, DEFAULTS, NOISES, PILOTS, PRESETS, SAMPLES, request_from, values_of


def test_the_defaults_are_the_packages_defaults_but_views_and_live():
    live = {"correction": "anytime", "pilot_samples": 64, "offered": (1, 40)}
    request = request_from(dict(DEFAULTS))
    noise = {"grid": (2, 3), "level_min": 0.2, "level_max": 1.0, "two_views": True}
    assert request.settings == ImageSettings(**live, **noise)
    assert request_from({**DEFAULTS, **COPIES}).settings == ImageSettings(**live)
    assert request.seed == 0


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_are_valid_complete_and_reachable(preset):
    request = request_from(dict(preset.values))
    assert set(preset.values) == set(DEFAULTS), "a preset leaves nothing over from before"
    assert request.settings.samples in SAMPLES
    assert request.settings.pilot_samples in PILOTS
    assert request.settings.alpha in ALPHAS
    assert request.settings.noise in NOISES
    assert preset.description.endswith(".")


def test_presets_differ():
    assert len({request_from(dict(preset.values)).settings for preset in PRESETS}) == len(PRESETS)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_values_and_settings_go_both_ways(preset):
    settings = request_from(dict(preset.values)).settings
    assert request_from({**DEFAULTS, **values_of(settings)}).settings == settings


def test_tolerated_counts_under_every_correction_that_knows_it():
    assert request_from({**DEFAULTS, "tolerated": 9, "correction": "bonferroni"}).settings.tolerated == 1
    assert request_from({**DEFAULTS, "tolerated": 9}).settings.tolerated == 9
    assert request_from({**DEFAULTS, "tolerated": 9}).settings.offered == ()
    for k in (1, 40):  # of a run with looks either may be chosen afterwards
        assert request_from({**DEFAULTS, "tolerated": k}).settings.offered == (1, 40)
    assert request_from({**DEFAULTS, "tolerated": 9, "correction": "count-level"}).settings.tolerated == 9


def test_adaptive_sampling_looks_at_the_chosen_budget_where_stopping_is_allowed():
    wanted = {**DEFAULTS, "adaptive": True, "eps": 0.25}
    assert request_from(wanted).settings.focus == (0.25,)
    assert request_from({**wanted, "correction": "bonferroni"}).settings.focus == ()


def test_every_correction_has_words_and_the_invalid_one_says_so():
    assert set(CORRECTION_WORDS) >= set(CORRECTIONS)
    assert "NOT VALID" in CORRECTION_WORDS["paper-holm"]


def test_contradictions_are_a_sentence():
    with pytest.raises(SettingsError, match="level_max"):
        request_from({**DEFAULTS, "levels": (0.4, 0.2)})


def test_two_views_blank_the_far_view_at_any_distance_and_refuse_other_noise():
    views = request_from({**DEFAULTS, "views": True}).settings
    assert (views.two_views, views.mask_distance) == (True, None)
    assert request_from({**DEFAULTS, "views": True, "mask": 3}).settings.mask_distance == 1
    assert request_from({**DEFAULTS, **COPIES, "mask": 3}).settings.mask_distance == 3
    with pytest.raises(SettingsError, match="gaussian"):
        request_from({**DEFAULTS, "views": True, "noise": "laplace"})
    assert values_of(views)["views"] is True
