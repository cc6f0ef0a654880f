"""Shares and thresholds that hold together: a node falls where both let it fall, at one and the same allocation."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from lrscore.collective import Limits, Status, Threat, certify_collectively
from lrscore.errors import CertificateError
from lrscore.graphs.bounds import NodeBounds
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.collective import GraphBounds, certify_exactly
from lrscore.graphs.neyman_pearson import settle
from lrscore.graphs.neyman_pearson.withstood import Withstood
from lrscore.graphs.verify_exact import ExactCheck
from lrscore.graphs.verify_shares import ShareClaim
from lrscore.noise.flips import FlipNoise
from lrscore.records import read_record
from tests.lrscore.graphs.slow_shares import allocations, coins_of, slow_share
from tests.lrscore.graphs.test_enumeration import NOISES, settings_for
from tests.lrscore.graphs.test_exact_certificate import problems
from tests.lrscore.graphs.toy_graph import DecidedModel, graph

ORDERS = (2.0, float("inf"))
BUDGETS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 3), (2, 1)]


def two_bounds(levels: np.ndarray, shares: np.ndarray, clusters: np.ndarray, seed: int) -> GraphBounds:
    """Thresholds near what a few units cost, some of them none, of two orders; one share in four below one half."""
    random = np.random.default_rng(seed)
    noise = FlipNoise.from_levels(levels)
    pairs = [noise.weight(order) for order in ORDERS]
    costs = tuple(np.stack([pair[kind] for pair in pairs], axis=1) for kind in (0, 1))
    finite = np.concatenate([cost[np.isfinite(cost) & (cost > 0)] for cost in costs])
    by_order = random.choice(finite, (shares.size, 2)) * random.uniform(0.3, 3, (shares.size, 2))
    by_order[random.random(shares.size) < 0.2] = 0.0
    own = np.where(random.random(shares.size) < 0.25, 0.4, shares)
    nodes = NodeBounds(own, by_order, clusters, costs, orders=ORDERS)
    return GraphBounds((noise,), nodes, shares_suffice=False)


def slow_two(bounds: GraphBounds, levels: np.ndarray, counted: np.ndarray, budget: tuple[int, int]) -> int:
    """Most counted nodes that any whole allocation takes down, by definition."""
    nodes, worst = bounds.nodes, 0
    for allocation in allocations(*budget, levels.shape[2]):
        needed = [slow_share(coins_of(levels, group, allocation)) for group in range(levels.shape[1])]
        hits = 0
        for node in np.flatnonzero(counted & (nodes.thresholds > 0)).tolist():
            cost = sum(
                Fraction(float(weights[nodes.groups[node], place])) * int(units)
                if np.isfinite(weights[nodes.groups[node], place])
                else Fraction(10**9)
                for weights, spent in zip(nodes.weights, allocation, strict=True)
                for place, units in enumerate(spent)
                if units
            )
            by_share = Fraction(float(nodes.probabilities[node])) <= needed[nodes.clusters[node]]
            hits += by_share and Fraction(float(nodes.thresholds[node])) <= cost
        worst = max(worst, hits)
    return worst


@pytest.mark.parametrize(("number", "problem"), list(enumerate(problems())))
def test_every_budget_is_settled_as_the_definition_says(number, problem, monkeypatch):
    levels, shares, clusters = problem
    bounds = two_bounds(levels, shares, clusters, number)
    counted = np.arange(12) % 5 > 0
    total = int((counted & bounds.claiming).sum())
    attacks = [slow_two(bounds, levels, counted, budget) for budget in BUDGETS]
    budgets = np.array(BUDGETS, dtype=float)
    found = certify_exactly(bounds, budgets, counted, Limits())
    assert found.certified.tolist() == found.ceiling.tolist() == [total - attack for attack in attacks]
    assert set(found.status) == {Status.OPTIMAL}
    left = [int((bounds.spared(one) & counted).sum()) for one in found.allocation]
    assert left == found.certified.tolist()
    monkeypatch.setattr(settle, "LISTED", 0)
    searched = certify_exactly(bounds, budgets, counted, Limits())
    assert searched.certified.tolist() == searched.ceiling.tolist() == found.certified.tolist()
    for boxes in (1, 4):
        stopped = certify_exactly(bounds, budgets, counted, Limits(node_limit=boxes))
        assert (stopped.certified <= found.certified).all()
        assert (stopped.ceiling >= found.certified).all()


def test_two_bounds_prove_more_than_either():
    """Somewhere strictly more than the better of shares alone and thresholds alone, nowhere less."""
    more, budgets = 0, np.array(BUDGETS, dtype=float)
    for number, (levels, shares, clusters) in enumerate(problems()):
        bounds = two_bounds(levels, shares, clusters, number)
        nodes, given = bounds.nodes, Threat(integer=True)
        alone = GraphBounds(bounds.noises, nodes, shares_suffice=True)
        by_share = certify_exactly(alone, budgets, bounds.by_share, Limits()).certified
        by_threshold = certify_collectively(
            nodes.weights, nodes.thresholds, nodes.groups, budgets, method="exact", threat=given
        ).certified
        both = certify_exactly(bounds, budgets, None, Limits()).certified
        assert (both >= np.maximum(by_share, by_threshold)).all()
        more += int((both > np.maximum(by_share, by_threshold)).sum())
    assert more >= 10


@pytest.mark.parametrize(("number", "problem"), list(enumerate(problems()))[:6])
def test_a_claim_is_proven_if_and_only_if_the_definition_says_so(number, problem):
    levels, shares, clusters = problem
    bounds = two_bounds(levels, shares, clusters, number)
    nodes, counted = bounds.nodes, np.arange(12) % 5 > 0
    claim = ShareClaim(
        [levels],
        nodes.probabilities,
        clusters,
        counted,
        beside=(np.stack(nodes.weights), nodes.thresholds, nodes.groups),
    )
    assert claim.total == (counted & bounds.claiming).sum()
    for budget in BUDGETS[1:]:
        attack = slow_two(bounds, levels, counted, budget)
        assert claim.proves(budget, attack)
        assert attack == 0 or not claim.proves(budget, attack - 1)


def test_counting_in_parts_is_counting(monkeypatch):
    random = np.random.default_rng(3)
    shares, thresholds, orders = random.random(40), random.random(40), random.integers(0, 2, 40)
    needed, costs = np.sort(random.random((300, 2)), axis=1), random.random((300, 2))
    nodes = Withstood(shares, thresholds, orders)
    expected = [
        [
            sum((shares <= bar) & (thresholds <= cost[orders] * factor))
            for bar, factor in zip(bars, (1 - 1e-12, 1 + 1e-12), strict=True)
        ]
        for bars, cost in zip(needed, costs, strict=True)
    ]
    assert nodes.fallen(needed, costs).tolist() == expected
    monkeypatch.setattr("lrscore.graphs.neyman_pearson.withstood._AT_ONCE", 100)
    assert nodes.fallen(needed, costs).tolist() == expected


def test_exact_bounds_hold_wherever_what_is_shown_holds(monkeypatch, tmp_path):
    """Never above the bounds at the whole level, however the bets come out; verify insists on it."""
    settings = settings_for(NOISES[0], samples=4000, pilot_samples=400, batch_size=200)
    certificate = certify_graph(DecidedModel(), graph(), settings, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(
        "lrscore.graphs.bounds.halved",
        lambda counted: replace(counted, plan=replace(counted.plan, alpha=counted.plan.alpha * 4)),
    )
    nodes = certificate.exact_bounds.nodes
    assert (nodes.probabilities <= certificate.probabilities).all()
    assert (nodes.thresholds <= certificate.thresholds).all()
    monkeypatch.undo()
    certificate = replace(certificate, curves=())
    curve = certificate.collective(np.array([(1, 0), (2, 1)], dtype=float), "exact")
    path = tmp_path / "soft.nc"
    replace(certificate, curves=(curve,)).save(path)
    record = read_record(path)
    ExactCheck(record, certificate)
    lower = record.arrays["thresholds"] * 0.5
    with pytest.raises(CertificateError, match="none may be above the threshold that is shown"):
        ExactCheck(replace(record, arrays={**record.arrays, "thresholds": lower}), certificate)
