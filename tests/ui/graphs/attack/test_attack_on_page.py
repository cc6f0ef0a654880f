"""Attacks on graphs on request: the job, what is kept of it, and what the page says and shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jobs import JobManager, JobState
from lrscore.errors import InputError
from lrscore.files import load_certificate
from lrscore.graphs.attack import GraphAttack, GraphAttackSettings
from models.graphs.registry import bundled_certificate
from tests.ui.graphs.test_graph_edges import EDGES
from tests.ui.graphs.toy_certificate import toy_certificate
from ui.components.graph_view import ClusterLink
from ui.components.graph_view.drawing import NO_STYLE
from ui.graphs.adversary import graph_game
from ui.graphs.attack.panel import attack_colours, attack_html, change_rows
from ui.graphs.attack.work import GraphAttackStore, attack_model, attack_work
from ui.graphs.counting import targets
from ui.graphs.picture import build_drawing
from ui.graphs.plane import PlaneView, compute_plane
from ui.graphs.sources import graph_shelf
from ui.graphs.states import node_states

QUICK = GraphAttackSettings(2, 1, steps=2, copies=24, pilot_samples=16, samples=16)


def attack(added: int, deleted: int, changed: int) -> GraphAttack:
    """An attack on the toy graph that makes and changes so much."""
    marks = np.zeros(24, dtype=bool)
    marks[:changed] = True
    flips = [
        np.stack([np.arange(many), np.full(many, one)], axis=1) for many, one in ((added, 9), (deleted, 0))
    ]
    spent = np.array([[added, 0], [deleted, 0]])
    return GraphAttack(*flips, spent, ~toy_certificate().abstained, marks)


def test_the_strongest_attack_within_the_budgets_is_shown():
    store = GraphAttackStore(capacity=2)
    for made in ((0, 1, 2), (2, 2, 9), (2, 2, 4), (1, 2, 9), (5, 0, 12)):
        store.add(("a",), attack(*made))

    def shown(*budgets: int) -> tuple[int, int, int] | None:
        found = store.best(("a",), budgets)
        return None if found is None else (*found.changes[:2], int(found.changed.sum()))

    assert shown(3, 0) is None
    assert shown(0, 3) == (0, 1, 2)
    assert shown(1, 2) == (1, 2, 9)
    assert shown(4, 4) == (2, 2, 9), "of two alike, the one that spends most"
    assert shown(5, 0) == (5, 0, 12)


def test_the_job_attacks_the_village_within_its_budgets_and_never_below_what_is_certified():
    certificate = load_certificate(bundled_certificate("village"))
    name = attack_model(certificate)
    assert name == certificate.provenance["model"]
    chosen, kept, manager = targets(certificate, "all"), [], JobManager()
    work = attack_work(certificate, name, QUICK, chosen, graph_shelf(), kept.append)
    identity = manager.submit(work, owner="me", title="attack")
    assert manager.wait(identity, 300)
    snapshot = manager.snapshot(identity, "me")
    assert snapshot.state is JobState.DONE, snapshot.error
    (found,) = kept
    assert found.changes == (2, 1, 0, 0)
    ones = set(zip(*certificate.display.ones.tolist(), strict=True))
    assert all(tuple(flip) not in ones for flip in found.added.tolist())
    assert all(tuple(flip) in ones for flip in found.deleted.tolist())
    assert certificate.collective(np.array([[2.0, 1.0]]), "exact").certified[0] <= found.surviving


def test_other_weights_and_graphs_that_are_not_told_are_refused():
    certificate = load_certificate(bundled_certificate("village"))
    stranger = replace(certificate, provenance={**certificate.provenance, "model_digest": "1" * 64})
    manager, kept = JobManager(), []
    work = attack_work(
        stranger, attack_model(stranger), QUICK, targets(stranger, "all"), graph_shelf(), kept.append
    )
    identity = manager.submit(work, owner="me", title="attack")
    assert manager.wait(identity, 300)
    snapshot = manager.snapshot(identity, "me")
    assert snapshot.state is JobState.FAILED
    assert "other weights" in snapshot.error
    assert kept == []
    bare = toy_certificate(named=False)
    with pytest.raises(InputError, match="all of its graph"):
        attack_work(bare, "village-appnp", QUICK, targets(bare, "all"), graph_shelf(), kept.append)


@pytest.mark.parametrize("name", ["os:system", "own.json", "../x", "own:", ""])
def test_a_certificate_never_names_code_to_load(name: str):
    assert attack_model(replace(toy_certificate(), provenance={"model": name})) is None


def test_the_line_says_what_changed_what_survives_and_what_is_certified():
    certificate = toy_certificate()
    plane = compute_plane(certificate, "all", 10)
    point = plane.index(0, 1)
    found = attack(0, 1, 2)
    proven, asked = int(plane.proven[point]), int((~certificate.abstained).sum())
    assert 0 < proven <= found.surviving == asked - 2
    text = str(attack_html(found, plane, point))
    assert "adds 0 and deletes 1 attribute" in text
    assert f"changed <b>2 labels</b> of {asked}" in text
    assert (
        f"at most <b>{asked - 2}</b> survive every adversary, and at least <b>{proven}</b> certainly" in text
    )
    assert "99 % confidence" in text
    assert "contradicts" not in text
    assert "contradicts the certificate" in str(attack_html(attack(0, 1, asked - proven + 1), plane, point))


def test_an_attack_on_edges_is_told_listed_and_drawn():
    certificate = toy_certificate(EDGES)
    spent = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 2], [0, 1, 0]])
    flips = np.array([[0, 9]]), np.empty((0, 2), dtype=int), spent
    fate = ~certificate.abstained, np.zeros(24, dtype=bool)
    found = GraphAttack(*flips, *fate, np.array([[0, 13], [2, 15]]), np.array([[12, 13]]))
    assert found.changes == (1, 0, 2, 1)
    store = GraphAttackStore()
    store.add(("a",), found)
    assert store.best(("a",), (1, 0)) is None
    assert store.best(("a",), (1, 0, 1, 1)) is None
    assert store.best(("a",), (1, 0, 2, 1)) is found
    plane = compute_plane(certificate, "all", 10, view=PlaneView((2, 3), (1, 0, 0, 0)))
    text = str(attack_html(found, plane, plane.index(2, 1)))
    assert "adds 1 and deletes 0 attributes, adds 2 and deletes 1 edge, and changed" in text
    rows = change_rows(certificate, found)
    assert rows["change"] == ["added", "edge added", "edge added", "edge deleted"]
    assert rows["attribute or neighbour"] == ["habit 9", "villager 13", "villager 15", "villager 13"]
    assert found.to_csv().splitlines()[1:] == ["0,9,,1", "0,,13,1", "2,,15,1", "12,,13,0"]
    units, allocation = plane.units((1, 1)), plane.allocation[1, 1]
    states = node_states(certificate, units, allocation, "all")
    drawing = build_drawing(
        certificate, states, allocation, certificate.display.positions, None, carried=found.spent
    )
    worst, carried = drawing.clusters.layers[:2]
    assert (worst.name, carried.name) == ("worst attack found", "attack carried out")
    assert carried.links == (ClusterLink(0, 1, 0.5, "+2"),)
    assert carried.labels == ("+1", "edges −1")


def test_nodes_changes_and_the_game_show_the_attack():
    certificate, found = toy_certificate(), attack(1, 2, 3)
    colours = attack_colours(found)
    assert (colours.numbers == 0).sum() == 3
    assert ((colours.numbers == NO_STYLE) == certificate.abstained).all()
    rows = change_rows(certificate, found)
    assert rows["change"] == ["added", "deleted", "deleted"]
    assert rows["node"][0] == "villager 0"
    assert rows["attribute"] == ["habit 9", "habit 0", "habit 0"]
    plane = compute_plane(certificate, "all", 10)
    game = graph_game(
        certificate, plane, plane.index(2, 2), "all", certificate.display.positions, found.spent
    )
    assert game.attack.tolist() == [[1.0, 0.0], [2.0, 0.0]]
    assert found.to_csv().splitlines() == ["node,attribute,neighbour,value", "0,9,,1", "0,0,,0", "1,0,,0"]
