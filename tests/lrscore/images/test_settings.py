import dataclasses
import json

import numpy as np
import pytest

from lrscore.errors import SettingsError
from lrscore.images.settings import ImageSettings


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"grid": (0, 5)}, "grid rows must be a whole number of at least 1, got 0"),
        ({"grid": "3x5"}, "grid must be"),
        ({"noise": "cauchy"}, "noise must be one of gaussian, uniform, laplace, got 'cauchy'"),
        ({"level_min": -0.1}, "level_min must be a finite number above 0, got -0.1"),
        ({"level_min": float("nan")}, "level_min must be"),
        ({"level_min": 0.4}, "level_max must be finite and at least level_min"),
        ({"levels": [[0.1]]}, r"shape \(15, 15\), got shape \(1, 1\)"),
        ({"levels": -np.ones((15, 15))}, "every noise level must be above 0"),
        ({"mask_distance": 0}, "mask_distance"),
        ({"pilot_samples": 0}, "pilot_samples must be a whole number of at least 1, got 0"),
        ({"samples": 0}, "samples must be"),
        ({"samples": 10.5}, "samples must be"),
        ({"alpha": 0}, "alpha"),
        ({"alpha": 1.0}, "alpha"),
        ({"correction": "none"}, "correction"),
        ({"batch_size": 0}, "batch_size"),
        ({"tolerated": 5}, "tolerated"),
        ({"focus": (0.1,)}, "adaptive sampling"),
        ({"focus": (-0.1,), "correction": "anytime"}, "focus must hold norms"),
        ({"tolerance": 0}, "tolerance must be a share"),
        ({"interpolation": "cubic"}, "interpolation must be linear or variance"),
    ],
)
def test_values_outside_their_range_are_refused_by_name(change, text):
    with pytest.raises(SettingsError, match=text):
        ImageSettings(**change)


def test_levels_override_the_interpolation_and_masking_blanks_on_top():
    matrix = np.linspace(0.1, 0.5, 16).reshape(4, 4)
    settings = ImageSettings(grid=(1, 4), levels=matrix, mask_distance=3)
    expected = matrix.copy()
    expected[0, 3] = expected[3, 0] = np.inf
    np.testing.assert_array_equal(settings.noise_levels(), expected)


def test_settings_survive_json():
    settings = ImageSettings(
        grid=(1, 2), levels=[[0.1, np.inf], [0.3, 0.4]], correction="count-level", tolerated=3
    )
    assert ImageSettings(**json.loads(json.dumps(settings.to_dict()))) == settings


def test_settings_are_frozen_and_vary_by_replace():
    settings = ImageSettings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.alpha = 0.5
    with pytest.raises(SettingsError, match="samples"):
        dataclasses.replace(settings, samples=-1)


def test_anytime_plans_look_geometrically_and_end_at_the_last_sample():
    plan = ImageSettings(correction="anytime", samples=1024).plan(100)
    assert plan.looks[-1] == 1024
    assert len(plan.looks) > 1
