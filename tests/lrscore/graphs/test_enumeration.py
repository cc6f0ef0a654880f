"""Every attribute bit enumerated: what is certified never exceeds the truth, at any budget, by any method.

The thresholds come from exact means and variances (no sampling error to hide behind), or from sampled counts.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lrscore.collective import certify_collectively
from lrscore.graphs.certify import certify_graph, stream_graph
from lrscore.graphs.partition import affinity, affinity_ranks
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.vote_thresholds import vote_threshold
from lrscore.noise.flips import FlipNoise
from tests.lrscore.graphs.toy_graph import (
    CLUSTERS,
    EDGES,
    ToyModel,
    all_scores,
    clean_number,
    expectations,
    graph,
    surviving,
)

BUDGETS = np.array(list(itertools.product(range(4), range(4))), dtype=np.float64)
GROUPS = np.array(CLUSTERS)
NOISES = [
    ((0.1, 0.4), (0.2, 0.7)),
    ((0.25, 0.5), (0.25, 0.5)),
    ((0.05, 0.05), (0.1, 0.9)),
    ((0.3, 0.4), (0.3, 0.6)),
    ((0.2, 0.2), (0.3, 0.8)),  # nothing is left of the other cluster
    ((0.0, 0.0), (0.3, 0.6)),  # zeros stay zero: an addition shows itself
    ((0.2, 0.4), (0.0, 0.0)),  # ones stay one
    ((0.0, 0.3), (0.4, 0.0)),  # zeros stay zero in the own cluster, ones in the other
]
STRONG = ((0.4, 0.45), (0.4, 0.5))  # so little is left of an attribute that several changes are certified
METHODS = ("naive", "paper", "envelope", "exact")


def settings_for(noise, **more) -> GraphSettings:
    return GraphSettings(partition=CLUSTERS, flip_to_one=noise[0], flip_to_zero=noise[1], **more)


def exact_moments(scores: np.ndarray, levels: np.ndarray):
    """Exact smoothed scores at every input, and labels, mean and variance of the label's score at the clean one."""
    smoothed, squares = expectations(scores, levels), expectations(scores**2, levels)
    here, nodes = clean_number(), np.arange(len(GROUPS))
    labels = smoothed[here].argmax(axis=1)
    mean = smoothed[here][nodes, labels]
    return smoothed, labels, mean, squares[here][nodes, labels] - mean**2


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("seed", range(4))
def test_variance_constrained_certificate_with_exact_moments(noise, seed):
    levels = settings_for(noise).noise_levels(affinity_ranks(affinity(EDGES, GROUPS)))
    smoothed, labels, mean, variance = exact_moments(all_scores(ToyModel(seed=seed)), levels)
    eta = np.where(mean > 0.5, np.log1p((mean - 0.5) ** 2 / variance), 0.0)
    truth = surviving(smoothed, labels, BUDGETS, eta > 0)
    weights = FlipNoise.from_levels(levels).weight()
    for method, whole in itertools.product(METHODS, (False, True)):
        result = certify_collectively(weights, eta, GROUPS, BUDGETS, method=method, integer=whole)
        assert (result.certified <= truth).all(), method


@pytest.mark.parametrize("order", [1.2, 2.0, 5.0, np.inf])
@pytest.mark.parametrize("noise", NOISES)
def test_vote_certificates_of_every_order_with_exact_shares(noise, order):
    levels = settings_for(noise).noise_levels(affinity_ranks(affinity(EDGES, GROUPS)))
    certified_somewhere = 0
    for seed in range(4):
        scores = all_scores(ToyModel(seed=seed))
        votes = (scores.argmax(axis=2)[:, :, None] == np.arange(scores.shape[2])).astype(np.float64)
        smoothed, labels, share, _ = exact_moments(votes, levels)
        eta = vote_threshold(share, order)
        truth = surviving(smoothed, labels, BUDGETS, eta > 0)
        weights = FlipNoise.from_levels(levels).weight(order)
        result = certify_collectively(weights, eta, GROUPS, BUDGETS, method="exact")
        assert (result.certified <= truth).all()
        certified_somewhere += int(result.certified[1:].sum())
    assert certified_somewhere > 0 or min(min(pair) for pair in noise) == 0  # which may forbid all changes


@pytest.mark.parametrize("noise", NOISES[:2])
def test_margins_certify_plurality_winners(noise):
    levels = settings_for(noise).noise_levels(affinity_ranks(affinity(EDGES, GROUPS)))
    scores = all_scores(ToyModel(sharpness=1.5, seed=3))
    smoothed = expectations(scores, levels)
    here, nodes = clean_number(), np.arange(len(GROUPS))
    labels = smoothed[here].argmax(axis=1)
    eta = np.full(len(GROUPS), np.inf)
    for other in range(scores.shape[2]):
        margin = scores[:, nodes, labels] - scores[:, :, other]
        mean, square = expectations(margin, levels)[here], expectations(margin**2, levels)[here]
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.log1p(np.maximum(mean, 0) ** 2 / (square - mean**2))
        eta = np.where(labels == other, eta, np.minimum(eta, own))
    truth = surviving(smoothed, labels, BUDGETS, eta > 0)
    result = certify_collectively(
        FlipNoise.from_levels(levels).weight(), eta, GROUPS, BUDGETS, method="exact"
    )
    assert (result.certified <= truth).all()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"margins": True},
        {"scores": "votes"},
        {"bound": "bernstein"},
        {"bound": "dkw"},
        {"correction": "anytime"},
        {"correction": "anytime", "margins": True},
        {"correction": "anytime", "bound": "bernstein"},
        {"correction": "mixture"},
        {"correction": "mixture", "scores": "votes"},
    ],
)
def test_sampled_certificates_stay_below_the_truth(more):
    """Every one of a stream; the corrections that show their looks begin with one cluster."""
    certified = 0
    for seed, noise in itertools.product(range(2), (NOISES[0], STRONG)):
        settings = settings_for(noise, samples=4000, pilot_samples=400, alpha=0.01, batch_size=200, **more)
        model = ToyModel(seed=seed)
        scores = all_scores(model)
        if settings.scores == "votes":
            scores = (scores.argmax(axis=2)[:, :, None] == np.arange(scores.shape[2])).astype(np.float64)
        generator = torch.Generator().manual_seed(seed)
        for certificate in stream_graph(model, graph(), settings, generator=generator):
            smoothed = expectations(scores, certificate.noise_levels)
            claimed = ~certificate.abstained
            assert not claimed[~certificate.sampled].any()
            truth = surviving(smoothed, certificate.labels, BUDGETS, claimed)
            for method in METHODS:
                result = certificate.collective(BUDGETS, method)
                assert (result.certified <= truth).all()
                assert result.certified[0] <= claimed.sum()
                if method != "exact" or settings.scores == "votes":  # else both bounds at half the level each
                    assert result.certified[0] == claimed.sum()
            for (additions, deletions), lowest in zip(BUDGETS.astype(int), truth, strict=True):
                assert certificate.certified_mask(additions, deletions).sum() <= lowest
        certified += int(certificate.collective(BUDGETS).certified[1:].sum())
    assert certified > 0 or settings.bound == "dkw"  # whose band is too wide for this many samples


@pytest.mark.parametrize("more", [{}, {"bound": "bernstein"}, {"bound": "dkw"}])
def test_sampled_thresholds_stay_below_those_of_the_exact_moments(more):
    """No squared variance, no distance from 1/2 on the wrong side, no interval forgotten: eta itself is compared."""
    below, positive = 0, 0
    for seed, sharpness in ((0, 3.0), (1, 0.6), (3, 1.0), (4, 0.6)):  # the last two have winners below 1/2
        settings = settings_for(STRONG, samples=2000, pilot_samples=200, batch_size=200, **more)
        model = ToyModel(seed=seed, sharpness=sharpness)
        certificate = certify_graph(model, graph(), settings, generator=torch.Generator().manual_seed(seed))
        nodes, scores = np.arange(len(GROUPS)), all_scores(model)
        here, labels = clean_number(), certificate.labels
        mean = expectations(scores, certificate.noise_levels)[here][nodes, labels]
        variance = expectations(scores**2, certificate.noise_levels)[here][nodes, labels] - mean**2
        eta = np.where(mean > 0.5, np.log1p((mean - 0.5) ** 2 / variance), 0.0)
        assert (certificate.thresholds <= eta).all()
        below += int((mean < 0.5).sum())
        positive += int((certificate.thresholds > 0).sum())
    assert below > 0
    assert positive > 0


class TestPublishedErrors:
    """Claims that mistakes of published code (docs/theory.md, 2.3, 3.2, 5.2) would make, and that the truth refutes."""

    def violations(self, wrong_eta) -> int:
        count = 0
        for noise, seed in itertools.product(NOISES, range(6)):
            levels = settings_for(noise).noise_levels(affinity_ranks(affinity(EDGES, GROUPS)))
            smoothed, labels, mean, variance = exact_moments(all_scores(ToyModel(seed=seed)), levels)
            eta = wrong_eta(mean, variance)
            truth = surviving(smoothed, labels, BUDGETS, eta > 0)
            weights = FlipNoise.from_levels(levels).weight()
            count += int((certify_collectively(weights, eta, GROUPS, BUDGETS).certified > truth).sum())
        return count

    def test_dividing_by_the_squared_variance_claims_too_much(self):
        def squared(mean, variance):
            return np.where(mean > 0.5, np.log1p((mean - 0.5) ** 2 / variance**2), 0.0)

        assert self.violations(squared) > 0

    def test_a_mean_below_one_half_must_not_count_as_distance_from_one_half(self):
        def either_side(mean, variance):
            return np.log1p((mean - 0.5) ** 2 / variance)

        flat = settings_for(((0.3, 0.4), (0.3, 0.6))).noise_levels(np.array([[0, 1], [1, 0]]))
        below = 0
        for seed in range(12):
            _, _, mean, variance = exact_moments(all_scores(ToyModel(seed=seed, sharpness=0.6)), flat)
            wrong, right = either_side(mean, variance), np.where(mean > 0.5, either_side(mean, variance), 0.0)
            below += int(((mean < 0.5) & (wrong > right)).sum())
        assert below > 0
