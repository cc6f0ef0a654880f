"""Flips of edges, alone and with attributes: every edge set of a toy graph enumerated, allocations by definition."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from lrscore.collective import Limits, Status, Threat, certify_collectively
from lrscore.errors import CertificateError, InputError, SettingsError
from lrscore.files import load_certificate
from lrscore.graphs.alone import Alone
from lrscore.graphs.bounds import NodeBounds
from lrscore.graphs.certify import certify_graph, stream_graph
from lrscore.graphs.collective import GraphBounds, certify_exactly
from lrscore.graphs.exact_flips import needed_jointly
from lrscore.graphs.neyman_pearson import settle
from lrscore.graphs.pairs import cluster_pairs
from lrscore.graphs.partition import affinity, affinity_ranks
from lrscore.graphs.settings import GraphSettings
from lrscore.graphs.verify_shares import ShareClaim
from lrscore.graphs.vote_thresholds import vote_threshold
from lrscore.noise.flips import FlipNoise
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.graphs.slow_shares import slow_share
from tests.lrscore.graphs.toy_edges import (
    CLUSTERS,
    JOINED,
    NODES,
    PAIRS,
    PLACES,
    NeighbourModel,
    all_scores,
    clean_number,
    edge_index,
    expectations,
    graph,
    place_of,
    surviving,
)

GROUPS = np.array(CLUSTERS)
ORDERS = (1.5, 2.0, 4.0, float("inf"))
RANKED = affinity_ranks(affinity(edge_index(JOINED), GROUPS))
ROOM = np.array(
    [
        [sum(place_of(pair) == place and pair not in JOINED for pair in PAIRS) for place in range(3)],
        [sum(place_of(pair) == place and pair in JOINED for pair in PAIRS) for place in range(3)],
    ]
)
EDGES_ALONE = {"flip_to_one": (0.0, 0.0), "flip_to_zero": (0.0, 0.0)}
BOTH = {"flip_to_one": (0.2, 0.4), "flip_to_zero": (0.3, 0.5)}
NOISES = [
    {**EDGES_ALONE, "flip_edges": ((0.2, 0.4), (0.3, 0.6))},
    {**EDGES_ALONE, "flip_edges": ((0.4, 0.45), (0.4, 0.45))},
    {**BOTH, "flip_edges": ((0.3, 0.4), (0.3, 0.5))},
    {**BOTH, "flip_edges": ((0.0, 0.3), (0.4, 0.45))},
    {**BOTH, "flip_edges": ((0.2, 0.8), (0.2, 0.2))},  # nothing is left of the farthest edges
]
BUDGETS = np.array(
    [
        *itertools.product((0, 1), (0, 1), (0, 1), (0, 1)),
        (0, 0, 2, 0),
        (0, 0, 0, 2),
        (0, 0, 2, 2),
        (0, 0, 5, 0),
        (0, 0, 0, 5),
        (0, 0, 9, 9),
        (1, 1, 3, 1),
    ],
    dtype=float,
)


def settings_for(noise, **more) -> GraphSettings:
    return GraphSettings(partition=CLUSTERS, scores="votes", **noise, **more)


def noises_of(settings: GraphSettings) -> tuple[FlipNoise, FlipNoise]:
    edges = settings.edge_noise(RANKED)
    assert edges is not None
    return settings.noise(RANKED), edges


def caps_of(room: np.ndarray) -> np.ndarray:
    attributes = np.array([[np.inf, np.inf, 0.0]] * 2)
    return np.concatenate([attributes, room])


def bounds_of(noises, shares, clusters, caps) -> GraphBounds:
    """Bounds as votes give them."""
    by_order = np.stack([vote_threshold(shares, order) for order in ORDERS], axis=1)
    costs = tuple(
        np.stack([noise.weight(order)[kind] for order in ORDERS], axis=1)
        for noise in noises
        for kind in (0, 1)
    )
    return GraphBounds(noises, NodeBounds(shares, by_order, clusters, costs), True, caps)


def slow_allocations(budget, room):
    """Every way (4, 3) to spend at most a budget within the room of every place."""
    rows = [
        [
            one
            for one in itertools.product(*(range(int(min(units, most)) + 1) for most in limits))
            if sum(one) <= units
        ]
        for units, limits in zip(budget, room, strict=True)
    ]
    yield from itertools.product(*rows)


def slow_coins(noises, group, allocation):
    coins = []
    for kind, row in enumerate(allocation):
        noise = noises[kind // 2]
        for place, units in enumerate(row):
            if not units:
                continue
            to_one, to_zero = (
                Fraction(float(matrix[group, place])) for matrix in (noise.to_one, noise.to_zero)
            )
            coins += [((to_one, 1 - to_zero), (1 - to_zero, to_one))[kind % 2]] * int(units)
    return tuple(sorted(coins))


def slow_attack(noises, shares, clusters, budget, room):
    worst = 0
    for allocation in slow_allocations(budget, room):
        needed = [slow_share(slow_coins(noises, group, allocation)) for group in range(2)]
        worst = max(
            worst,
            sum(
                share > 0.5 and Fraction(float(share)) <= needed[group]
                for share, group in zip(shares, clusters, strict=True)
            ),
        )
    return worst


def problems():
    random = np.random.default_rng(3)
    for number in range(6):
        attributes, edges = (random.uniform(0.02, 0.6, size=(2, 2, places)) for places in (2, 3))
        if number % 3 == 1:
            attributes[:] = 0.0
        if number % 3 == 2:
            edges[1, :, 2] = 1 - edges[0, :, 2]
        room = random.integers(0, 3, size=(2, 3))
        shares = 1 - random.choice([0.4, 0.2, 0.05, 0.01], size=10) * random.uniform(0.5, 1.5, size=10)
        yield (
            (FlipNoise.from_levels(attributes), FlipNoise.from_levels(edges)),
            shares,
            np.arange(10) % 2,
            caps_of(room),
        )


SMALL = np.array(
    [(0, 0, 1, 0), (0, 0, 0, 2), (1, 0, 1, 1), (0, 1, 2, 0), (0, 0, 2, 1), (0, 0, 0, 0)], dtype=float
)


@pytest.mark.parametrize(("noises", "shares", "clusters", "caps"), list(problems()))
def test_every_budget_is_settled_as_the_definition_says(noises, shares, clusters, caps, monkeypatch):
    bounds = bounds_of(noises, shares, clusters, caps)
    listed = certify_exactly(bounds, SMALL, None, Limits())
    total = int((shares > 0.5).sum())
    exact = [total - slow_attack(noises, shares, clusters, budget, caps) for budget in SMALL]
    assert listed.certified.tolist() == listed.ceiling.tolist() == exact
    assert set(listed.status) == {Status.OPTIMAL}
    assert (listed.allocation <= caps).all()
    assert (listed.allocation.sum(axis=2) <= SMALL).all()
    monkeypatch.setattr(settle, "LISTED", 0)
    searched = certify_exactly(bounds, SMALL, None, Limits())
    assert searched.certified.tolist() == exact
    for boxes in (1, 3):
        stopped = certify_exactly(bounds, SMALL, None, Limits(node_limit=boxes))
        assert (stopped.certified <= exact).all()
        assert (stopped.ceiling >= exact).all()


@pytest.mark.parametrize(("noises", "shares", "clusters", "caps"), list(problems()))
def test_a_claim_is_proven_if_and_only_if_the_definition_says_so(noises, shares, clusters, caps):
    levels = [np.stack([noise.to_one, noise.to_zero]) for noise in noises]
    claim = ShareClaim(levels, shares, clusters, np.ones(shares.size, dtype=bool), caps)
    for budget in SMALL.astype(int).tolist():
        attack = slow_attack(noises, shares, clusters, budget, caps)
        assert claim.proves(tuple(budget), attack)
        assert attack == 0 or not claim.proves(tuple(budget), attack - 1)


@pytest.mark.parametrize(("noises", "shares", "clusters", "caps"), list(problems())[:3])
def test_nodes_alone_withstand_their_own_worst_allocation(noises, shares, clusters, caps):
    alone = Alone(bounds_of(noises, shares, clusters, caps))
    radii = alone.radii()
    assert radii.shape == (shares.size, 4)
    for budget in SMALL.astype(int).tolist():
        mask = alone.certified(np.array([budget]))[0]
        for group in range(2):
            worst = max(slow_share(slow_coins(noises, group, one)) for one in slow_allocations(budget, caps))
            for node in np.flatnonzero(mask & (clusters == group)).tolist():
                assert Fraction(float(shares[node])) > worst
        for kind in np.flatnonzero(budget).tolist():
            if sum(budget) == budget[kind]:
                assert ((radii[:, kind] >= budget[kind]) == mask).all()


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("sharpness", [4.0, 12.0])
def test_no_method_claims_more_than_every_edge_set_allows(noise, sharpness):
    """Exact shares, every input of the toy graph: naive, Rényi, exact and the truth come in this order."""
    settings = settings_for(noise)
    noises = noises_of(settings)
    levels = [np.stack([one.to_one, one.to_zero]) for one in noises]
    scores = all_scores(NeighbourModel(sharpness))
    votes = (scores.argmax(axis=2)[:, :, None] == np.arange(2)).astype(np.float64)
    smoothed = expectations(votes, levels)
    here = smoothed[clean_number()]
    labels, share = here.argmax(axis=1), here.max(axis=1)
    share = np.nextafter(np.where(share > 0.5, share * (1 - 1e-9), 0.0), 0)
    caps = caps_of(ROOM)
    bounds = bounds_of(noises, share, GROUPS, caps)
    truth = surviving(smoothed, labels, BUDGETS, share > 0.5)
    exact = certify_exactly(bounds, BUDGETS, None, Limits())
    assert (exact.certified <= truth).all()
    assert exact.certified.tolist() == exact.ceiling.tolist()
    nodes = bounds.nodes
    threat = Threat(caps, integer=True)
    before = np.zeros(len(BUDGETS))
    for method in ("naive", "paper", "envelope", "exact"):
        found = certify_collectively(
            nodes.weights, nodes.thresholds, nodes.groups, BUDGETS, method=method, threat=threat
        ).certified
        assert (before <= found).all() or method == "paper"
        assert (found <= exact.certified).all()
        before = np.maximum(before, found)


def test_something_is_certified_against_edges_on_the_toy_graph():
    settings = settings_for(NOISES[1], samples=3000, pilot_samples=200, alpha=0.05, batch_size=800)
    certificate = certify_graph(
        NeighbourModel(12.0), graph(), settings, generator=torch.Generator().manual_seed(0)
    )
    found = certificate.collective(np.array([(0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 9, 0)]), "exact")
    assert (found.certified[:2] > 0).all()
    assert (found.certified[:2] < NODES).all() or certificate.abstained.sum() < NODES


def test_what_has_no_room_is_not_spent():
    """As many edges as there are: no larger budget changes anything."""
    noise = FlipNoise.from_levels(np.full((2, 2, 3), 0.45))
    still = FlipNoise.from_levels(np.zeros((2, 2, 2)))
    shares = np.linspace(0.6, 0.999, 30)
    bounds = bounds_of((still, noise), shares, np.arange(30) % 2, caps_of(ROOM))
    deleted = np.array([(0, 0, 0, units) for units in (int(ROOM[1].sum()), 50, 300)], dtype=float)
    found = certify_exactly(bounds, deleted, None, Limits())
    assert found.certified[0] > 0
    assert len(set(found.certified.tolist())) == 1


@pytest.mark.parametrize("scores", ["votes", "soft"])
def test_the_stated_confidence_holds_over_many_samplings(scores):
    """Every claim at every budget against the enumerated truth: at alpha = 0.2, few of 40 runs may claim too much."""
    noise, runs, wrong, claimed = NOISES[2], 40, 0, 0
    model = NeighbourModel(12.0)
    settings = replace(
        settings_for(noise, samples=150, pilot_samples=30, alpha=0.2, batch_size=180), scores=scores
    )
    levels = [np.stack([one.to_one, one.to_zero]) for one in noises_of(settings)]
    values = all_scores(model)
    if scores == "votes":
        values = (values.argmax(axis=2)[:, :, None] == np.arange(2)).astype(np.float64)
    smoothed = expectations(values, levels)
    budgets = BUDGETS[[0, 1, 2, 8]]
    for seed in range(runs):
        certificate = certify_graph(model, graph(), settings, generator=torch.Generator().manual_seed(seed))
        bounds = certificate.exact_bounds
        counted = bounds.claiming
        truth = surviving(smoothed, certificate.labels, budgets, counted)
        found = certificate.collective(budgets, "exact").certified
        # Of the nodes that claim something, those whose label is not even the smoothed one
        claimed += int(found.sum())
        wrong += bool((found > truth).any())
    assert claimed > 0
    assert wrong <= 0.2 * runs


def saved(certificate, tmp_path, name="one.nc"):
    path = tmp_path / name
    certificate.save(path)
    return path


@pytest.fixture(scope="module")
def sampled():
    settings = settings_for(NOISES[2], samples=2000, pilot_samples=100, batch_size=300)
    certificate = certify_graph(
        NeighbourModel(12.0), graph(), settings, generator=torch.Generator().manual_seed(1)
    )
    curves = tuple(certificate.collective(SMALL, method) for method in ("exact", "envelope"))
    return replace(certificate, curves=curves)


def test_files_hold_edges_and_verify(sampled, tmp_path):
    path = saved(sampled, tmp_path)
    told = [str(check.detail) for check in verify_file(path)]
    assert any("edges in 3 pairs of clusters" in detail for detail in told)
    again = load_certificate(path)
    assert again.settings == sampled.settings
    assert np.array_equal(again.edge_noise.to_one, sampled.edge_noise.to_one)
    assert np.array_equal(again.caps[2:], ROOM)
    assert again.collective(SMALL, "exact").certified.tolist() == sampled.curves[0].certified.tolist()
    assert "undirected edges (clusters and noise levels stay those of this file)" in again.guarantee()
    plain = saved(replace(sampled, curves=()), tmp_path, "plain.nc")
    verify_file(plain)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("edge_levels", lambda values: np.floor(values * 1.1 * 2**32) / 2**32),
        ("edge_weights", lambda values: values * 0.9),
        ("weights", lambda values: values * 0.9),
        ("pairs", lambda values: values[::-1]),
        ("edges", lambda values: np.concatenate([values, [[0, 4], [4, 0]]], axis=1)),
        ("edges", lambda values: values[:, 1:]),
    ],
)
def test_forged_files_are_refused(sampled, tmp_path, name, change):
    record = read_record(saved(sampled, tmp_path))
    arrays = {**record.arrays, name: change(record.arrays[name])}
    forged = tmp_path / "forged.nc"
    write_record(replace(record, arrays=arrays, dimensions=sampled.to_record().dimensions), forged)
    with pytest.raises((CertificateError, InputError, ValueError)):
        verify_file(forged)


def test_claims_that_are_too_high_or_assume_less_room_are_refused(sampled, tmp_path):
    for number, curve in enumerate(sampled.curves):
        place = int((curve.certified < sampled.nodes).argmax())
        higher = replace(curve, certified=curve.certified.copy(), ceiling=np.full_like(curve.ceiling, NODES))
        higher.certified[place] += 1
        with pytest.raises(CertificateError):
            verify_file(saved(replace(sampled, curves=(higher,)), tmp_path, f"{number}.nc"))
        caps = curve.proof.caps.copy()
        caps[2:] -= caps[2:] > 0
        tighter = replace(curve, proof=replace(curve.proof, caps=caps))
        with pytest.raises(CertificateError, match="caps"):
            verify_file(saved(replace(sampled, curves=(tighter,)), tmp_path, f"caps{number}.nc"))


def test_budgets_of_attributes_alone_are_those_without_edges(sampled):
    two = np.array([(1, 0), (0, 1), (1, 1)], dtype=float)
    four = np.pad(two, ((0, 0), (0, 2)))
    for method in ("naive", "paper", "envelope", "exact"):
        short, long = sampled.collective(two, method), sampled.collective(four, method)
        assert short.certified.tolist() == long.certified.tolist()
        assert short.budgets.shape == (3, 4)
    assert (sampled.certified_mask(1, 1) == sampled.certified_mask(1, 1, 0, 0)).all()
    spent = np.array([[1, 0], [0, 1]])
    assert (sampled.spared(spent) == sampled.spared(np.pad(spent, ((0, 2), (0, 1))))).all()


def test_edges_that_are_not_flipped_are_the_certificate_of_before():
    settings = replace(settings_for(NOISES[2], samples=300, batch_size=100), flip_edges=None)
    certificate = certify_graph(
        NeighbourModel(), graph(), settings, generator=torch.Generator().manual_seed(0)
    )
    assert certificate.caps is None
    assert len(certificate.weights) == 2
    assert certificate.budget_kinds == ("additions", "deletions")
    still = replace(settings, flip_edges=((0.0, 0.0), (0.0, 0.0)))
    same = certify_graph(NeighbourModel(), graph(), still, generator=torch.Generator().manual_seed(0))
    assert same.collective(np.array([[0, 0, 1, 0], [0, 0, 0, 1]])).certified.tolist() == [0, 0]


@pytest.mark.parametrize("budget", [(0, 0, 1, 0), (0, 0, 0, 3), (1, 2, 2, 1), (0, 1, 0, 0)])
def test_one_cluster_is_sparse_smoothing_of_attributes_and_edges(budget):
    """The isotropic baseline: regions of constant likelihood ratio, joint over attributes and edges."""
    shares = np.linspace(0.5, 1.0, 400)
    attributes, edges = (0.05, 0.4), (0.02, 0.6)
    noises = tuple(FlipNoise.from_levels(np.reshape(pair, (2, 1, 1))) for pair in (attributes, edges))
    alone = Alone(bounds_of(noises, shares, np.zeros(400, dtype=int), None))
    needed = needed_jointly([(*attributes, *budget[:2]), (*edges, *budget[2:])])
    mask = alone.certified(np.array([budget]))[0]
    clear = np.abs(shares - needed) > 1e-6
    assert (mask == (shares > needed))[clear].all()
    assert mask.any()


def test_looks_add_up_under_flips_of_edges():
    settings = settings_for(NOISES[0], samples=800, pilot_samples=50, correction="anytime", batch_size=100)
    looks = list(
        stream_graph(NeighbourModel(12.0), graph(), settings, generator=torch.Generator().manual_seed(2))
    )
    assert len(looks) > 2
    assert int(looks[-1].trials.min()) == 800


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"flip_edges": (0.1, 0.2)}, "flip_edges must be"),
        ({"flip_edges": ((0.1, 1.0), (0.1, 0.1))}, "flip_edges must be"),
        ({"flip_edges": ((0.1, 0.1),)}, "two pairs"),
        ({"edge_levels": np.zeros((2, 2, 3, 1))}, "edge_levels must be"),
        ({"edge_levels": np.full((2, 2, 3), 1.0)}, "edge_levels must be"),
    ],
)
def test_wrong_settings_are_refused(more, what):
    with pytest.raises(SettingsError, match=what):
        GraphSettings(**more)


def test_levels_of_edges_override_and_must_fit():
    levels = np.random.default_rng(0).uniform(0.1, 0.4, size=(2, 2, 3))
    noise = GraphSettings(partition=CLUSTERS, edge_levels=levels).edge_noise(RANKED)
    assert np.allclose(noise.to_one, levels[0])
    with pytest.raises(SettingsError, match="3 pairs of clusters"):
        GraphSettings(partition=CLUSTERS, edge_levels=levels[:, :, :2]).edge_noise(RANKED)
    with pytest.raises(SettingsError, match="at most 64"):
        GraphSettings(clusters=70, flip_edges=((0.1, 0.1), (0.1, 0.1))).edge_noise(
            np.zeros((70, 70), dtype=int)
        )


def test_near_pairs_get_little_noise():
    ranks = np.array([[0, 1, 2], [1, 0, 2], [2, 1, 0]])
    noise = GraphSettings(flip_edges=((0.1, 0.3), (0.2, 0.6))).edge_noise(ranks)
    assert np.allclose(noise.to_one[0], [0.1, 0.2, 0.3, 0.15, 0.2, 0.25])
    assert np.allclose(noise.to_zero[0], [0.2, 0.4, 0.6, 0.3, 0.4, 0.5])


def test_the_places_of_the_toy_are_those_of_the_certificate():
    assert [tuple(pair) for pair in cluster_pairs(2).tolist()] == PLACES
