import numpy as np
import pytest

from lrscore.errors import CertificateError, InputError, SettingsError
from lrscore.statistics import (
    SOFT_METHODS,
    ConfidencePlan,
    ScoreHistogram,
    SoftScorePlan,
    soft_threshold_direct,
    soft_threshold_dkw,
    unit_margins,
)
from tests.lrscore.statistics.slow import too_many_errors


def histograms(scores, pilot):
    return (ScoreHistogram.empty(values.shape[1:]).add(values) for values in (scores, pilot))


def dirichlet(rng, samples, nodes):
    """Class scores (samples, nodes, 3) whose first class wins, by less than half of the mass for most nodes."""
    strength = np.column_stack([np.linspace(4, 9, nodes), np.full(nodes, 3.0), np.full(nodes, 2.0)])
    gammas = rng.standard_gamma(strength, (samples, nodes, 3))
    return gammas / gammas.sum(axis=2, keepdims=True)


def test_levels_follow_the_plan():
    rng = np.random.default_rng(22)
    histogram, pilot = histograms(rng.beta(8, 2, (200, 5)), rng.beta(8, 2, (40, 5)))
    for plan, level in [
        (ConfidencePlan(0.05, "bonferroni", 5), 0.05 / 5),
        (ConfidencePlan(0.05, "count-level", 5, 2), 2 * 0.05 / 5),
        (ConfidencePlan.for_samples(0.05, "anytime", 5, 400), 0.05 / 5 * 0.25 / 4),
    ]:
        np.testing.assert_allclose(
            SoftScorePlan(plan).thresholds(histogram, pilot), soft_threshold_direct(histogram, pilot, level)
        )
        np.testing.assert_allclose(
            SoftScorePlan(plan, "dkw").thresholds(histogram, pilot), soft_threshold_dkw(histogram, level)
        )
    weights = np.array([0.0, 1.0, 1.0, 1.5, 1.5])
    weighted = SoftScorePlan(ConfidencePlan(0.05, "weighted-bonferroni", 5))
    with pytest.raises(InputError, match="level: expected error levels above 0"):
        weighted.thresholds(histogram, pilot, weights=weights)
    weights = np.array([0.5, 0.5, 1.0, 1.5, 1.5])
    np.testing.assert_allclose(
        weighted.thresholds(histogram, pilot, weights=weights),
        soft_threshold_direct(histogram, pilot, 0.05 * weights / 5),
    )


@pytest.mark.parametrize("method", SOFT_METHODS)
def test_margins_take_the_hardest_class(method):
    rng = np.random.default_rng(23)
    labels = np.zeros(6, dtype=int)
    margins, pilot_margins = (unit_margins(dirichlet(rng, size, 6), labels) for size in (4000, 60))
    plan = SoftScorePlan(ConfidencePlan(0.05, "bonferroni", 6), method)
    both = plan.thresholds(*histograms(margins, pilot_margins))
    single = [plan.thresholds(*histograms(margins[:, :, c], pilot_margins[:, :, c])) for c in range(2)]
    np.testing.assert_array_equal(both, np.minimum(*single))
    assert (both > 0).any()


def test_family_error_of_margins_without_a_share_per_class():
    rng, nodes, families, alpha = np.random.default_rng(24), 4, 500, 0.3
    labels = np.zeros(families * nodes, dtype=int)
    big = unit_margins(dirichlet(rng, 200_000, nodes), np.zeros(nodes, dtype=int))
    truth = np.log1p(np.maximum(big.mean(0) - 0.5, 0) ** 2 / big.var(0)).min(axis=1)
    plan = SoftScorePlan(ConfidencePlan(alpha, "bonferroni", nodes), "direct")
    scores, pilot_scores = (
        dirichlet(rng, size * families, nodes).reshape(size, families * nodes, 3) for size in (100, 20)
    )
    histogram, pilot = histograms(unit_margins(scores, labels), unit_margins(pilot_scores, labels))
    wrong = 0
    for family in range(families):
        rows = slice(family * nodes, (family + 1) * nodes)
        eta = plan.thresholds(ScoreHistogram(histogram.counts[rows]), ScoreHistogram(pilot.counts[rows]))
        wrong += (eta > 1.01 * truth).any()
    assert not too_many_errors(wrong, families, alpha)


@pytest.mark.parametrize("method", SOFT_METHODS)
@pytest.mark.parametrize("margins", [False, True])
def test_check_accepts_its_own_thresholds_and_nothing_larger(method, margins):
    rng = np.random.default_rng(25)
    scores, pilot_scores = dirichlet(rng, 3000, 6) ** 0.5, dirichlet(rng, 60, 6) ** 0.5
    labels = np.zeros(6, dtype=int)
    if margins:
        pair = histograms(unit_margins(scores, labels), unit_margins(pilot_scores, labels))
    else:
        pair = histograms(scores[:, :, 0], pilot_scores[:, :, 0])
    histogram, pilot = pair
    plan = SoftScorePlan(ConfidencePlan(0.05, "bonferroni", 6), method)
    eta = plan.thresholds(histogram, pilot)
    assert (eta > 0).all()
    plan.check(eta, histogram, pilot)
    eta[3] *= 1 + 1e-6
    with pytest.raises(CertificateError, match="soft thresholds"):
        plan.check(eta, histogram, pilot)
    with pytest.raises((CertificateError, InputError)):
        plan.check(np.full(6, np.nan), histogram, pilot)
    with pytest.raises(InputError, match=r"thresholds: expected shape \(6,\)"):
        plan.check(eta[:5], histogram, pilot)


def test_mixture_needs_the_test_that_holds_at_every_size():
    plan = ConfidencePlan(0.05, "mixture", 3)
    with pytest.raises(SettingsError, match="correction mixture: expected method direct and planned_samples"):
        SoftScorePlan(plan)
    with pytest.raises(SettingsError, match="correction mixture"):
        SoftScorePlan(plan, "dkw", 100)
    rng = np.random.default_rng(26)
    histogram, pilot = histograms(rng.beta(8, 2, (300, 3)), rng.beta(8, 2, (40, 3)))
    np.testing.assert_array_equal(
        SoftScorePlan(plan, planned_samples=100).thresholds(histogram, pilot),
        soft_threshold_direct(histogram, pilot, 0.05 / 3, planned_samples=100),
    )


def test_refusals():
    plan = ConfidencePlan(0.05, "bonferroni", 3)
    with pytest.raises(SettingsError, match="method: expected one of direct, bernstein, dkw, got 'exact'"):
        SoftScorePlan(plan, "exact")
    with pytest.raises(SettingsError, match="planned_samples: expected at least 1"):
        SoftScorePlan(plan, planned_samples=0)
    with pytest.raises(SettingsError, match="got paper-holm"):
        SoftScorePlan(ConfidencePlan(0.05, "paper-holm", 3))
    with pytest.raises(InputError, match=r"histogram: expected counts \(3, bins\)"):
        SoftScorePlan(plan).thresholds(ScoreHistogram.empty(4), ScoreHistogram.empty(4))
    uneven = ScoreHistogram(np.arange(3 * 2 * 4).reshape(3, 2, 4))
    with pytest.raises(InputError, match="the same number of samples for every class"):
        SoftScorePlan(plan).thresholds(uneven, uneven)
