"""The smallest run that can certify anything: against closed forms, and with one sample less against the bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lrscore import GraphSettings, ImageSettings
from lrscore.errors import SettingsError
from lrscore.statistics import (
    ConfidencePlan,
    ScoreHistogram,
    SoftScorePlan,
    least_samples,
    unanimous_lower,
    weights_from_pilot,
)


@pytest.mark.parametrize("alpha", [0.3, 0.01, 1e-6])
@pytest.mark.parametrize("outputs", [1, 7, 4800, 10**6])
@pytest.mark.parametrize("tolerated", [1, 5])
def test_votes_against_the_closed_form(alpha, outputs, tolerated):
    """All n agree: the bound is level ** (1 / n), above 1/2 from n > log2(1 / level) on."""
    if tolerated > outputs:
        return
    level = tolerated * alpha / outputs
    if level >= 1:
        return
    correction = "count-level" if tolerated > 1 else "bonferroni"
    found = least_samples(alpha, correction, outputs, tolerated=tolerated)
    assert found == math.floor(-math.log2(level)) + 1
    assert level ** (1 / found) > 0.5 >= level ** (1 / max(found - 1, 1e-9)) * (1 - 1e-12)


@pytest.mark.parametrize("correction", ["bonferroni", "anytime", "mixture"])
@pytest.mark.parametrize("outputs", [1, 40, 41_500])
def test_one_sample_less_leaves_every_output_below_a_half(correction, outputs):
    found = least_samples(0.01, correction, outputs)
    for samples, above in ((found, True), (found - 1, False)):
        plan = ConfidencePlan.for_samples(0.01, correction, outputs, samples)
        every = plan.lower(np.full(outputs, samples), samples)
        assert bool((every > 0.5).any()) is above
        assert every.max() == unanimous_lower(plan, samples)


def test_weights_of_any_pilot_need_at_least_as_many():
    """What is called hopeless must be hopeless, however the pilot shares alpha."""
    outputs, found = 6, least_samples(0.01, "weighted-bonferroni", 6)
    plan = ConfidencePlan.for_samples(0.01, "weighted-bonferroni", outputs, found - 1)
    for pilot in ([50] * 6, [50, 1, 1, 1, 1, 1], [26, 25, 25, 0, 0, 0]):
        weights = weights_from_pilot(np.array(pilot), 50)
        assert (plan.lower(np.full(outputs, found - 1), found - 1, weights=weights) <= 0.5).all()


@pytest.mark.parametrize("method", ["direct", "bernstein", "dkw"])
@pytest.mark.parametrize("outputs", [1, 300])
def test_soft_scores_against_the_plan_that_certificates_use(method, outputs):
    found = least_samples(0.01, "bonferroni", outputs, soft=method, pilot_samples=20, bins=64)
    for samples, above in ((found, True), (found - 1, False)):
        plan = SoftScorePlan(ConfidencePlan(0.01, "bonferroni", outputs), method, samples)
        counts = np.zeros((outputs, 64), dtype=np.int64)
        counts[:, -1] = samples
        pilot = np.zeros((outputs, 64), dtype=np.int64)
        pilot[:, -1] = 20
        thresholds = plan.thresholds(ScoreHistogram(counts), ScoreHistogram(pilot))
        assert bool((thresholds > 0).any()) is above


def test_settings_say_it_and_what_can_not_be_reached_is_refused():
    assert ImageSettings().least_samples(60 * 80) == 19
    assert GraphSettings(scores="votes").least_samples(343) == 16
    assert GraphSettings().least_samples(343) == least_samples(0.01, "bonferroni", 343, soft="direct")
    with pytest.raises(SettingsError, match="alpha"):
        least_samples(0.0, "bonferroni", 1)
