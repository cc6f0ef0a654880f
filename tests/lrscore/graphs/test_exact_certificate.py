"""The exact certificate against all allocations by definition, all inputs of a toy graph, and worst base models."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from lrscore.collective import Limits, Status, Threat, certify_collectively
from lrscore.graphs.alone import Alone
from lrscore.graphs.bounds import NodeBounds
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.collective import GraphBounds, _by_thresholds, certify_exactly
from lrscore.graphs.neyman_pearson import settle
from lrscore.graphs.partition import affinity, affinity_ranks
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.vote_thresholds import vote_threshold
from lrscore.noise.flips import FlipNoise
from models.graphs.registry import bundled_certificate
from tests.lrscore.graphs.slow_shares import allocations, coins_of, slow_attack, slow_share
from tests.lrscore.graphs.test_enumeration import BUDGETS, GROUPS, NOISES, STRONG, exact_moments, settings_for
from tests.lrscore.graphs.toy_graph import (
    BITS,
    CLEAN,
    CLUSTERS,
    EDGES,
    NODES,
    WIDTH,
    DecidedModel,
    ToyModel,
    all_inputs,
    all_scores,
    clean_number,
    expectations,
    graph,
    surviving,
)

ORDERS = (1.5, 2.0, 4.0, float("inf"))
RANKED = affinity_ranks(affinity(EDGES, GROUPS))


def vote_bounds_of(levels: np.ndarray, shares: np.ndarray, clusters: np.ndarray) -> GraphBounds:
    """Bounds as votes give them."""
    noise = FlipNoise.from_levels(levels)
    by_order = np.stack([vote_threshold(shares, order) for order in ORDERS], axis=1)
    pairs = [noise.weight(order) for order in ORDERS]
    costs = tuple(np.stack([pair[kind] for pair in pairs], axis=1) for kind in (0, 1))
    return GraphBounds((noise,), NodeBounds(shares, by_order, clusters, costs), shares_suffice=True)


def quantised(levels: np.ndarray) -> np.ndarray:
    noise = FlipNoise.from_levels(levels)
    return np.stack([noise.to_one, noise.to_zero])


def problems():
    """Levels (2, J, J), shares and clusters: ordered and unordered noise, zeros in it, clusters that do not matter."""
    random = np.random.default_rng(0)
    for number in range(10):
        size = int(random.integers(2, 4))
        levels = random.uniform(0.02, 0.6, size=(2, size, size))
        if number % 4 == 1:
            levels[0, :, -1] = 0.0
        if number % 4 == 2:
            far = ~np.eye(size, dtype=bool)
            levels[1][far] = 1 - levels[0][far]
        shares = 1 - random.choice([0.4, 0.2, 0.05, 0.01], size=12) * random.uniform(0.5, 1.5, size=12)
        clusters = np.arange(12) % size
        yield quantised(levels), shares, clusters


@pytest.mark.parametrize(("levels", "shares", "clusters"), list(problems()))
def test_every_budget_is_settled_as_the_definition_says(levels, shares, clusters):
    budgets = np.array([(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 3), (2, 1)], dtype=float)
    bounds = vote_bounds_of(levels, shares, clusters)
    found = certify_exactly(bounds, budgets, None, Limits())
    total = int((shares > 0.5).sum())
    for number, (additions, deletions) in enumerate(budgets.astype(int)):
        exact = total - slow_attack(levels, shares, clusters, additions, deletions)
        assert found.certified[number] == found.ceiling[number] == exact
        assert found.status[number] is Status.OPTIMAL
    some = np.arange(12) % 2 == 0
    part = certify_exactly(bounds, budgets, some, Limits())
    exact = slow_attack(levels, np.where(some, shares, 0.0), clusters, 2, 1)
    assert part.certified[-1] == int((shares[some] > 0.5).sum()) - exact


@pytest.mark.parametrize(("levels", "shares", "clusters"), list(problems()))
def test_branch_and_bound_finds_what_listing_finds(levels, shares, clusters, monkeypatch):
    budgets = np.array([(2, 2), (4, 0), (3, 3)], dtype=float)
    bounds = vote_bounds_of(levels, shares, clusters)
    listed = certify_exactly(bounds, budgets, None, Limits())
    monkeypatch.setattr(settle, "LISTED", 0)
    searched = certify_exactly(bounds, budgets, None, Limits())
    assert searched.certified.tolist() == searched.ceiling.tolist() == listed.certified.tolist()
    for boxes in (1, 3, 10):
        stopped = certify_exactly(bounds, budgets, None, Limits(node_limit=boxes))
        assert (stopped.certified <= listed.certified).all()
        assert (stopped.ceiling >= listed.certified).all()
    cancelled = certify_exactly(bounds, budgets, None, Limits(cancel=lambda: True))
    assert (cancelled.certified <= listed.certified).all()


@pytest.mark.parametrize(("levels", "shares", "clusters"), list(problems()))
def test_nodes_alone_withstand_their_own_worst_allocation(levels, shares, clusters):
    alone = Alone(vote_bounds_of(levels, shares, clusters))
    radii = alone.radii()
    for additions, deletions in ((1, 0), (0, 1), (2, 1)):
        mask = alone.certified(np.array([[additions, deletions]]))[0]
        for node in range(shares.size):
            worst = max(
                slow_share(coins_of(levels, clusters[node], one))
                for one in allocations(additions, deletions, levels.shape[2])
            )
            survives = shares[node] > 0.5 and Fraction(float(shares[node])) > worst
            assert survives or not mask[node]
            if levels.shape[2] == 2 or mask[node]:
                assert mask[node] <= survives
        if deletions == 0:
            assert ((radii[:, 0] >= additions) == mask).all()


def test_nodes_alone_are_exact_where_one_place_tells_most():
    levels = quantised(np.array([[[0.05, 0.2], [0.2, 0.05]], [[0.1, 0.5], [0.5, 0.1]]]))
    shares = np.linspace(0.51, 0.9999, 40)
    clusters = np.arange(40) % 2
    alone = Alone(vote_bounds_of(levels, shares, clusters))
    for additions, deletions in itertools.product(range(3), range(3)):
        worst = [
            max(slow_share(coins_of(levels, group, one)) for one in allocations(additions, deletions, 2))
            for group in range(2)
        ]
        expected = [Fraction(float(p)) > worst[group] for p, group in zip(shares, clusters, strict=True)]
        assert alone.certified(np.array([[additions, deletions]]))[0].tolist() == expected


@pytest.mark.parametrize("noise", [*NOISES, STRONG])
@pytest.mark.parametrize("seed", range(3))
def test_naive_renyi_exact_and_truth_come_in_this_order(noise, seed):
    levels = settings_for(noise).noise_levels(RANKED)
    scores = all_scores(ToyModel(seed=seed))
    votes = (scores.argmax(axis=2)[:, :, None] == np.arange(scores.shape[2])).astype(np.float64)
    smoothed, labels, share, _ = exact_moments(votes, levels)
    share = np.nextafter(np.where(share > 0.5, share * (1 - 1e-9), 0.0), 0)
    bounds = vote_bounds_of(levels, share, GROUPS)
    nodes = bounds.nodes
    given = (nodes.weights, nodes.thresholds, nodes.groups, BUDGETS)
    naive, renyi = (
        certify_collectively(*given, method=method, integer=True) for method in ("naive", "exact")
    )
    exact = certify_exactly(bounds, BUDGETS, None, Limits())
    truth = surviving(smoothed, labels, BUDGETS, share > 0.5)
    assert (naive.certified <= renyi.certified).all()
    assert (renyi.certified <= exact.certified).all()
    assert (exact.certified <= truth).all()
    assert exact.certified.tolist() == exact.ceiling.tolist()
    by_itself = Alone(bounds).certified(BUDGETS.astype(int)).sum(axis=1)
    assert (by_itself <= exact.certified).all()


@pytest.mark.parametrize("noise", [NOISES[0], NOISES[3], STRONG])
def test_the_ceiling_is_attained_by_the_worst_base_model(noise):
    """A base model with these vote shares that loses every node beyond the certified ones, all at one input."""
    levels = settings_for(noise).noise_levels(RANKED)
    shares = np.array([0.62, 0.8, 0.97, 0.7, 0.9, 0.99])
    bounds = vote_bounds_of(levels, shares, GROUPS)
    attained = 0
    for budget in ((1, 0), (0, 1), (1, 1), (2, 1)):
        found = certify_exactly(bounds, np.array([budget], dtype=float), None, Limits())
        allocation = found.allocation[0].astype(int)
        flipped = perturbed_bits(allocation)
        if flipped is None:
            continue  # the toy graph has too few zeros or ones there
        attacked = CLEAN.ravel().copy()
        attacked[flipped] = 1 - attacked[flipped]
        inputs = all_inputs().reshape(-1, BITS)
        there = int("".join(str(int(bit)) for bit in attacked), 2)
        worst_votes = np.stack(
            [worst_model(levels, CLUSTERS[node], shares[node], inputs, attacked) for node in range(NODES)],
            axis=1,
        )
        smoothed = expectations(worst_votes[:, :, None], levels)[:, :, 0]
        assert (smoothed[clean_number()] >= shares - 1e-9).all()
        kept = int((smoothed[there] > 0.5 + 1e-9).sum())
        assert kept == found.ceiling[0] == found.certified[0]
        attained += 1
    assert attained >= 2


def perturbed_bits(allocation: np.ndarray) -> list[int] | None:
    """Bits of the toy graph to flip for an allocation (2, J)."""
    flipped: list[int] = []
    for kind, cluster in itertools.product(range(2), range(2)):
        free = [
            bit
            for bit in range(BITS)
            if CLUSTERS[bit // WIDTH] == cluster and CLEAN.ravel()[bit] == kind and bit not in flipped
        ]
        if len(free) < allocation[kind, cluster]:
            return None
        flipped += free[: allocation[kind, cluster]]
    return flipped


def worst_model(
    levels: np.ndarray, group: int, share: float, inputs: np.ndarray, attacked: np.ndarray
) -> np.ndarray:
    """(4096,) chance that the base model votes for the label: `share` on average, where the likelihood ratio is low."""
    masses = []
    for centre in (CLEAN.ravel(), attacked):
        mass = np.ones(len(inputs))
        for bit in range(BITS):
            cluster = CLUSTERS[bit // WIDTH]
            flip = levels[0 if centre[bit] == 0 else 1, group, cluster]
            mass *= np.where(inputs[:, bit] == centre[bit], 1 - flip, flip)
        masses.append(mass)
    before, after = masses
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(before > 0, after / before, np.inf)
    votes, left = np.zeros(len(inputs)), share
    for value in np.unique(ratio[np.isfinite(ratio)]):
        same = ratio == value
        part = min(1.0, left / before[same].sum())
        votes[same] = part
        left -= part * before[same].sum()
        if left <= 0:
            break
    return votes


def test_the_bundled_village():
    """What the exact shares prove, and that Rényi thresholds prove less."""
    from lrscore.files import load_certificate

    certificate = load_certificate(bundled_certificate("village"))
    budgets = np.array([(1, 0), (2, 0), (3, 0), (4, 0), (2, 1), (2, 2)], dtype=float)
    found = certificate.collective(budgets, "exact")
    assert found.certified.tolist() == [311, 288, 271, 238, 279, 268]
    assert found.ceiling.tolist() == found.certified.tolist()
    assert int(certificate.certified_mask(2, 0).sum()) == 204
    renyi = certify_collectively(
        certificate.weights, certificate.thresholds, certificate.groups, budgets, method="exact", integer=True
    )
    assert (renyi.certified < found.certified).all()
    spared = [int(certificate.spared(one).sum()) for one in found.allocation]
    assert spared == found.certified.tolist()
    levels = certificate.noise_levels
    counted = np.where(certificate.abstained, 0.0, certificate.probabilities)
    assert slow_attack(levels, counted, certificate.clusters, 1, 1) == 353 - 303


def test_separate_clusters_are_settled_without_a_search():
    size, nodes = 24, 240
    levels = np.full((2, size, size), 0.5)
    np.fill_diagonal(levels[0], 0.4)
    np.fill_diagonal(levels[1], 0.4)
    random = np.random.default_rng(1)
    shares, clusters = random.uniform(0.6, 0.99, size=nodes), np.arange(nodes) % size
    bounds = vote_bounds_of(levels, shares, clusters)
    budgets = np.array([(100, 0), (60, 40), (100, 100)], dtype=float)
    found = certify_exactly(bounds, budgets, None, Limits(node_limit=1))
    assert found.certified.tolist() == found.ceiling.tolist()
    assert found.certified[0] > 0
    small = certify_exactly(
        vote_bounds_of(levels[:, :3, :3], shares[:30], clusters[:30] % 3),
        budgets[:1] * 0 + [2, 1],
        None,
        Limits(node_limit=1),
    )
    exact = slow_attack(quantised(levels[:, :3, :3]), shares[:30], clusters[:30] % 3, 2, 1)
    assert small.certified[0] == 30 - exact


def test_budgets_beyond_all_shares_keep_what_thresholds_prove():
    levels = quantised(np.full((2, 2, 2), 0.4999))
    shares, clusters = np.full(6, 0.99), np.arange(6) % 2
    bounds = vote_bounds_of(levels, shares, clusters)
    budgets = np.array([(400, 0), (0, 0)], dtype=float)
    found = certify_exactly(bounds, budgets, None, Limits())
    given = (bounds.nodes.weights, bounds.nodes.thresholds, bounds.nodes.groups, budgets)
    assert found.certified[0] >= certify_collectively(*given, integer=True).certified[0] > 0
    assert found.certified.tolist() == [6, 6]
    assert not found.proof.shares[0]


def test_stopped_early_it_proves_no_less_than_all_allocations_of_the_thresholds(tmp_path):
    """Thresholds are listed where shares are not; what they prove holds at smaller budgets as well, and verifies."""
    from lrscore.files import load_certificate
    from lrscore.verify import verify_file

    certificate = load_certificate(bundled_certificate("village"))
    nodes = certificate.bounds
    budgets = np.array([(0, 2), (0, 5), (0, 9), (1, 2), (1, 5), (5, 0), (8, 0)], dtype=float)
    given = (nodes.weights, nodes.thresholds, nodes.groups, budgets)
    for boxes in (1, 10):
        limits = Limits(node_limit=boxes)
        listed = certify_collectively(*given, method="exact", threat=Threat(integer=True), limits=limits)
        found = certificate.collective(budgets, "exact", limits=limits)
        assert (found.certified >= listed.certified).all()
        assert not found.proof.shares.all()
        assert (found.certified <= found.ceiling).all()
    replace(certificate, curves=(found,)).save(tmp_path / "certificate.nc")
    assert verify_file(tmp_path / "certificate.nc")


def test_orders_that_are_left_out_could_not_have_proven_more():
    """The fallback against every order at every budget, and against its own parts checked one by one."""
    from lrscore.files import load_certificate

    nodes = load_certificate(bundled_certificate("village")).bounds
    targets = np.arange(nodes.clusters.size) % 3 > 0
    budgets = np.array([(1, 0), (2, 3), (0, 6), (5, 1), (3, 8), (9, 0), (0, 20)], dtype=float)
    bounds = load_certificate(bundled_certificate("village")).exact_bounds
    threat = Threat(targets=targets, integer=True)
    given = [(nodes.thresholds, nodes.groups)]
    given += [(nodes.by_order[:, order], nodes.in_order(order)) for order in range(len(ORDERS))]
    every = [certify_collectively(nodes.weights, *one, budgets, threat=threat).certified for one in given]

    def nothing(some: np.ndarray) -> np.ndarray:
        return np.zeros(len(some), dtype=np.int64)

    found, _ = _by_thresholds(bounds, budgets, targets, Limits(), nothing)
    assert (found.certified == np.max(every, axis=0)).all()
    assert len(set(found.proof.orders.tolist())) > 1
    for number, order in enumerate(found.proof.orders.tolist()):
        assert every[order + 1][number] == found.certified[number]
        assert found.ceiling[number] >= found.certified[number]


def test_count_level_takes_its_outputs_off_once():
    from lrscore.files import load_certificate

    certificate = load_certificate(bundled_certificate("village"))
    budgets = np.array([(0, 0), (2, 0)], dtype=float)
    counted = replace(
        certificate, settings=replace(certificate.settings, correction="count-level", tolerated=4), curves=()
    )
    plain = certify_exactly(counted.exact_bounds, budgets, None, Limits())
    assert (counted.collective(budgets, "exact").certified == plain.certified - 3).all()


@pytest.mark.parametrize("more", [{}, {"margins": True}, {"correction": "anytime"}, {"bound": "bernstein"}])
def test_soft_scores_use_means_and_thresholds_at_half_the_level(more):
    proven = 0
    for seed, model in enumerate((ToyModel(), DecidedModel())):
        noise = (STRONG, NOISES[0])[seed]
        settings = settings_for(noise, samples=4000, pilot_samples=400, batch_size=200, **more)
        certificate = certify_graph(model, graph(), settings, generator=torch.Generator().manual_seed(seed))
        halves = certificate.exact_bounds.nodes
        assert (halves.probabilities <= certificate.probabilities).all()
        assert (halves.thresholds <= certificate.thresholds).all()
        assert (halves.probabilities < certificate.probabilities).any()
        smoothed = expectations(all_scores(model), certificate.noise_levels)
        claimed = (halves.probabilities > 0.5) | (halves.thresholds > 0)
        truth = surviving(smoothed, certificate.labels, BUDGETS, claimed)
        found = certificate.collective(BUDGETS, "exact")
        assert (found.certified <= truth).all()
        assert (found.certified <= found.ceiling).all()
        half = replace(certificate, settings=replace(settings, alpha=settings.alpha / 2))
        given = (half.weights, half.thresholds, half.groups, BUDGETS)
        fallback = certify_collectively(*given, method="exact", integer=True)
        assert (found.certified >= fallback.certified).all()
        for (additions, deletions), lowest in zip(BUDGETS.astype(int), truth, strict=True):
            assert certificate.certified_mask(additions, deletions).sum() <= lowest
        proven += int(found.proof.shares.sum())
    assert proven > 0


def test_settings_reach_the_noise_of_the_shares():
    settings = GraphSettings(scores="votes", partition=CLUSTERS, flip_to_zero=(0.2, 0.7), samples=500)
    certificate = certify_graph(ToyModel(), graph(), settings, generator=torch.Generator().manual_seed(0))
    assert certificate.exact_bounds.noises is certificate.noises
    assert (certificate.radii >= certificate.bounds.radii()).all()
