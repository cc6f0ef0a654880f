"""Bounds of `eta` from score histograms: each method's own arithmetic, then what all three promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import CertificateError, InputError
from lrscore.statistics import (
    ScoreHistogram,
    check_soft_thresholds_direct,
    soft_threshold_bernstein,
    soft_threshold_direct,
    soft_threshold_dkw,
    unit_margins,
)
from lrscore.statistics.direct_threshold import bets_from_pilot
from lrscore.statistics.dkw import band_width, moments_within_band
from tests.lrscore.statistics.slow import too_many_errors, unhurried

LAWS = {
    "beta": lambda rng, shape: rng.beta(8, 2, shape),
    "near the limit": lambda rng, shape: rng.beta(5, 4.6, shape),
    "bimodal": lambda rng, shape: np.where(
        rng.random(shape) < 0.85, rng.beta(30, 2, shape), rng.beta(2, 30, shape)
    ),
    "coin": lambda rng, shape: (rng.random(shape) < 0.6).astype(float),
    "point mass": lambda rng, shape: np.full(shape, 0.75),
    "rare zeros": lambda rng, shape: np.where(rng.random(shape) < 0.02, 0.0, 1.0),
    "sharply skewed": lambda rng, shape: 1 - rng.beta(0.3, 6, shape),
    "just above one half": lambda rng, shape: np.where(rng.random(shape) < 0.05, 1.0, 0.5),
}
METHODS = {
    "dkw": lambda histogram, pilot, level: soft_threshold_dkw(histogram, level),
    "bernstein": lambda histogram, pilot, level: soft_threshold_bernstein(histogram, level),
    "direct": soft_threshold_direct,
}


def histogram_of(scores, bins=128):
    return ScoreHistogram.empty(scores.shape[1:], bins=bins).add(scores)


def true_threshold(law):
    scores = LAWS[law](np.random.default_rng(12), 400_000)
    mean, variance = scores.mean(), scores.var()
    return np.inf if variance == 0 else np.log1p(max(mean - 0.5, 0) ** 2 / variance)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("method", METHODS)
def test_error_probability(law, method):
    # The laws whose truth is simulated get 1 % of tolerance; the bounds are far below the truth almost always.
    rng, level, nodes = np.random.default_rng(13), 0.2, 1500
    estimation, pilot = (histogram_of(LAWS[law](rng, (size, nodes))) for size in (150, 30))
    bounds = METHODS[method](estimation, pilot, level)
    assert (bounds >= 0).all()
    assert not too_many_errors((bounds > 1.01 * true_threshold(law) + 1e-9).sum(), nodes, level)


discrete_laws = st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 1)), min_size=1, max_size=6)


@unhurried
@given(discrete_laws, discrete_laws, st.sampled_from([64, 128, 256]), st.floats(1e-8, 0.3))
def test_each_factor_of_the_direct_test_has_mean_at_most_one(law, pilot_law, bins, level):
    """The proof step itself: at the true threshold `E[1 + bet Y] <= 1` for any law and any pilot."""
    points, masses = (np.array(column) for column in zip(*law, strict=True))
    masses = masses / masses.sum()
    distance = points - 0.5
    mean, second = masses @ distance, masses @ distance**2
    cosine = max(mean, 0.0) / np.sqrt(second) if second > 0 else 1.0  # sqrt(1 - exp(-eta)) of the law
    pilot = histogram_of(np.array([p for p, _ in pilot_law])[:, None], bins)
    bets = bets_from_pilot(pilot, np.array([level]), 1000)
    edges, tangent = np.arange(bins + 1) / bins - 0.5, bets.tangent[0]
    at_edges = edges - cosine * (tangent * edges**2 / 2 + 1 / (2 * tangent))
    column = np.minimum((points * bins).astype(int), bins - 1)
    worst = np.minimum(at_edges[column], at_edges[column + 1])
    exact = distance - cosine * (tangent * distance**2 / 2 + 1 / (2 * tangent))
    assert (worst <= exact + 1e-12).all()
    assert masses @ exact <= 1e-12
    for bet in (bets.stake[0], bets.stake[0] / 2):
        assert (1 + bet * at_edges > 0).all()
        assert masses @ (1 + bet * worst) <= 1 + 1e-12


def test_direct_evidence_reaches_the_level_at_the_bound():
    rng = np.random.default_rng(14)
    histogram, pilot = histogram_of(rng.beta(8, 2, (400, 5))), histogram_of(rng.beta(8, 2, (50, 5)))
    level = 1e-4
    bounds, bets = (
        soft_threshold_direct(histogram, pilot, level),
        bets_from_pilot(pilot, np.full(5, level), 400),
    )
    for node in range(5):
        c, a = np.sqrt(1 - np.exp(-bounds[node])), bets.tangent[node]
        log_evidence = []
        for bet in (bets.stake[node], bets.stake[node] / 2):
            total = 0.0
            for column, count in enumerate(histogram.counts[node]):
                ends = [column / 128 - 0.5, (column + 1) / 128 - 0.5]
                total += count * np.log1p(bet * min(d - c * a / 2 * d * d - c / (2 * a) for d in ends))
            log_evidence.append(total)
        evidence = 0.8 * np.exp(log_evidence[0]) + 0.2 * np.exp(log_evidence[1])
        assert evidence == pytest.approx(1 / level, rel=1e-4)
        assert evidence >= 1 / level


def test_direct_holds_at_every_sample_size():
    rng, level, nodes, planned = np.random.default_rng(15), 0.2, 800, 120
    scores = LAWS["coin"](rng, (2 * planned, nodes))
    pilot = histogram_of(LAWS["coin"](rng, (30, nodes)))
    truth = np.log1p(0.1**2 / (0.6 * 0.4))
    wrong = np.zeros(nodes, dtype=bool)
    for size in range(5, 2 * planned + 1, 5):
        wrong |= (
            soft_threshold_direct(histogram_of(scores[:size]), pilot, level, planned_samples=planned) > truth
        )
    assert not too_many_errors(wrong.sum(), nodes, level)


def test_direct_is_sharper_than_the_baselines():
    rng, level = np.random.default_rng(16), 0.01 / 2000
    for law in ("beta", "bimodal", "sharply skewed"):
        histogram, pilot = (histogram_of(LAWS[law](rng, (size, 40))) for size in (1000, 100))
        direct = soft_threshold_direct(histogram, pilot, level).mean()
        assert direct > 1.25 * soft_threshold_dkw(histogram, level).mean()
        assert direct > 1.25 * soft_threshold_bernstein(histogram, level).mean()
        if law == "beta":
            assert direct > 1.5 * soft_threshold_dkw(histogram, level).mean()


def test_direct_check_accepts_its_bounds_and_nothing_larger():
    rng = np.random.default_rng(17)
    histogram, pilot = histogram_of(rng.beta(8, 2, (300, 3000))), histogram_of(rng.beta(8, 2, (50, 3000)))
    bounds = soft_threshold_direct(histogram, pilot, 1e-5)
    check_soft_thresholds_direct(bounds, histogram, pilot, 1e-5)
    check_soft_thresholds_direct(0.9 * bounds, histogram, pilot, 1e-5)
    bounds[2500] *= 1 + 1e-6
    with pytest.raises(CertificateError, match="output 2500 claims"):
        check_soft_thresholds_direct(bounds, histogram, pilot, 1e-5)
    with pytest.raises(InputError, match="finite numbers"):
        check_soft_thresholds_direct(np.nan, histogram, pilot, 1e-5)


def test_dkw_moments_bin_by_bin():
    rng = np.random.default_rng(18)
    scores = rng.beta(3, 2, (60, 1))
    histogram, width = histogram_of(scores, bins=16), 0.11
    lower, moments = 0.0, np.zeros(17)
    for column in range(16):
        left, right = column / 16, (column + 1) / 16
        most = min(1, np.mean(scores < right) + width)  # F on the bin at most
        least = max(0, np.mean(scores < left) - width)  # F on the bin at least
        lower += (right - left) * (1 - most)
        for edge in range(17):  # second moment about centre edge / 16
            nearer, farther = sorted([abs(left - edge / 16), abs(right - edge / 16)])
            moments[edge] += (farther**2 - nearer**2) * (most if right <= edge / 16 else 1 - least)
    mean, variance = moments_within_band(histogram, np.array([width]))
    assert mean[0] == pytest.approx(lower)
    assert variance[0] == pytest.approx(moments.min())
    assert soft_threshold_dkw(histogram, 0.1)[0] == 0  # 60 samples: mean not shown to exceed 1/2
    assert band_width(histogram, np.array([0.1]))[0] == np.sqrt(np.log(20) / 120)


@unhurried
@given(st.integers(0, 10**6), st.floats(0.01, 0.5))
def test_dkw_moments_bound_every_law_in_the_band(seed, width):
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.beta(*rng.uniform(0.2, 5, 2), 50))
    histogram = histogram_of(scores[:, None], bins=64)
    mean, variance = moments_within_band(histogram, np.array([width]))
    # A law within the band: move any mass of at most `width` anywhere.
    moved = rng.integers(0, int(width * 50) + 1)
    other = scores.copy()
    other[rng.permutation(50)[:moved]] = rng.choice([0.0, 1.0, rng.random()])
    assert mean[0] <= other.mean() + 1e-12
    assert variance[0] >= other.var() - 1e-12


def test_bernstein_as_arithmetic():
    scores = np.random.default_rng(19).beta(20, 2, (500, 1))
    level, n = 0.01, 500
    lower_ends = np.floor(scores[:, 0] * 128) / 128
    log_term = np.log(2 / level)
    deviation = lower_ends.std(ddof=1) + np.sqrt(2 * log_term / (n - 1))
    mean = lower_ends.mean() - deviation * np.sqrt(2 * log_term / n) - log_term / (3 * n)
    expected = np.log(1 + (mean - 0.5) ** 2 / (deviation + 0.5 / 128) ** 2)
    assert soft_threshold_bernstein(histogram_of(scores), level)[0] == pytest.approx(expected)


@pytest.mark.parametrize("method", METHODS)
def test_monotone(method):
    bound = METHODS[method]
    rng = np.random.default_rng(20)
    scores = rng.beta(6, 2, (400, 30))
    pilot = histogram_of(rng.beta(6, 2, (50, 30)))
    base = bound(histogram_of(scores), pilot, 1e-4)
    assert (bound(histogram_of(scores), pilot, 1e-3) >= base).all()
    assert (bound(histogram_of(0.9 * scores), pilot, 1e-4) <= base).all()
    levels = np.geomspace(1e-12, 0.1, 30)
    each = bound(histogram_of(scores), pilot, levels)
    for node in (0, 17):
        alone = histogram_of(scores[:, [node]]), ScoreHistogram(pilot.counts[[node]])
        assert bound(*alone, levels[node])[0] == pytest.approx(each[node], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_extremes(method):
    bound = METHODS[method]
    for size in (2, 10_000):
        for value in (0.0, 0.4, 0.5):
            histogram = histogram_of(np.full((size, 1), value))
            assert bound(histogram, histogram, 1e-12).tolist() == [0.0]
    certain = histogram_of(np.ones((10_000, 1)))
    # Scores of 0 with a chance of ln(1/level)/n could have gone unseen, whatever the method.
    missed = np.log(1e12) / 10_000
    assert 1 < bound(certain, certain, 1e-12)[0] < np.log1p((0.5 - missed) ** 2 / (missed * (1 - missed)))


@pytest.mark.parametrize("method", METHODS)
def test_two_class_margins_are_scores(method):
    rng = np.random.default_rng(21)
    score = rng.beta(9, 2, (500, 6)).astype(np.float32).astype(float)
    margins = unit_margins(np.stack([1 - score, score], axis=2), np.ones(6, dtype=int))
    np.testing.assert_allclose(margins[:, :, 0], score)
    as_scores, as_margins = histogram_of(score), histogram_of(margins)
    pilot = histogram_of(score[:50])
    from_scores = METHODS[method](as_scores, pilot, 1e-5)
    from_margins = METHODS[method](as_margins, ScoreHistogram(pilot.counts[:, None]), 1e-5)
    np.testing.assert_allclose(from_margins[:, 0], from_scores, rtol=2e-2)


def test_refusals():
    empty, one = ScoreHistogram.empty(2), histogram_of(np.full((1, 2), 0.9))
    with pytest.raises(InputError, match="histogram: expected at least one sample"):
        soft_threshold_dkw(empty, 0.1)
    with pytest.raises(InputError, match="histogram: expected at least two samples"):
        soft_threshold_bernstein(one, 0.1)
    with pytest.raises(InputError, match="level: expected error levels above 0"):
        soft_threshold_dkw(one, 0.0)
    with pytest.raises(InputError, match=r"level: expected a shape that broadcasts to \(2,\)"):
        soft_threshold_dkw(one, [0.1, 0.1, 0.1])
    with pytest.raises(InputError, match="pilot: expected counts of shape"):
        soft_threshold_direct(one, ScoreHistogram(one.counts[:1]), 0.1)
    with pytest.raises(InputError, match="pilot: expected at least one sample"):
        soft_threshold_direct(one, empty, 0.1)
    with pytest.raises(InputError, match="planned_samples: expected at least 1"):
        soft_threshold_direct(one, one, 0.1, planned_samples=0)
