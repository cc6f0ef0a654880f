"""Attacks on edges: within budgets and room, true where enumerated, never below what is certified, and effective."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import torch

from lrscore.cli.main import main
from lrscore.errors import InputError
from lrscore.graphs.attack import GraphAttackSettings, attack_graph
from lrscore.graphs.attack.candidates import neighbourhoods, offer_edges
from lrscore.graphs.attack.changes import measure_changes
from lrscore.graphs.attack.flips import Flips
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.input import GraphInput
from lrscore.graphs.sampler import GraphSampler
from lrscore.graphs.settings import GraphSettings
from lrscore.monitor import Run
from models.graphs.registry import load_graph, load_graph_model
from tests.lrscore.graphs.test_edge_certificate import NOISES
from tests.lrscore.graphs.toy_edges import (
    CLEAN_X,
    CLUSTERS,
    JOINED,
    NODES,
    PAIRS,
    NeighbourModel,
    all_inputs,
    all_scores,
    clean_number,
    expectations,
    graph,
)

WEAK = {"flip_to_one": (0.0, 0.0), "flip_to_zero": (0.0, 0.0), "flip_edges": ((0.05, 0.1), (0.1, 0.3))}
BOTH = NOISES[2]
CODES = np.array(sorted(a * NODES + b for a, b in JOINED))
PATIENT = {"copies": 400, "pilot_samples": 200, "samples": 600}


class HeldModel(NeighbourModel):
    """Only the two attributes that are enumerated vary: the others are read as they are in the clean graph."""

    def __call__(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        clean = torch.tensor(CLEAN_X, dtype=x.dtype).repeat(len(x) // NODES)[:, None]
        free = torch.tensor([True, False, False, True, False]).repeat(len(x) // NODES)[:, None]
        return super().__call__(torch.where(free, x, clean), edge_index)


def certified(noise, sharpness: float = 4.0, scores: str = "votes"):
    model = HeldModel(sharpness)
    settings = GraphSettings(
        partition=CLUSTERS, scores=scores, samples=1500, pilot_samples=300, batch_size=300, **noise
    )
    return model, certify_graph(model, graph(), settings, generator=torch.Generator().manual_seed(1))


def votes_of(model) -> np.ndarray:
    values = all_scores(model)
    return (values.argmax(axis=2)[:, :, None] == np.arange(values.shape[2])).astype(np.float64)


def levels_of(certificate) -> list[np.ndarray]:
    return [np.stack([one.to_one, one.to_zero]) for one in certificate.noises]


def number_of(attack) -> int:
    """Place of the attacked input among all of them."""
    x, joined = CLEAN_X.copy(), set(JOINED)
    for flips, value in ((attack.added, 1), (attack.deleted, 0)):
        x[flips[:, 0]] = value
    joined |= {tuple(pair) for pair in attack.edges_added.tolist()}
    joined -= {tuple(pair) for pair in attack.edges_deleted.tolist()}
    bits = [x[0], x[3], *(pair in joined for pair in PAIRS)]
    return int("".join(str(int(bit)) for bit in bits), 2)


@pytest.mark.parametrize("noise", [WEAK, BOTH], ids=["edges", "both"])
def test_an_attack_keeps_to_budgets_and_room_and_what_it_claims_is_true(noise):
    model, certificate = certified(noise)
    smoothed = expectations(votes_of(model), levels_of(certificate))
    both = int(noise is BOTH)
    fallen = 0
    for budgets in ((0, 0, 2, 0), (0, 0, 0, 2), (both, both, 2, 2), (0, 0, 9, 9), (0, 0, 0, 0)):
        settings = GraphAttackSettings(*budgets, steps=2, **PATIENT)
        attack = attack_graph(
            model, graph(), certificate, settings, generator=torch.Generator().manual_seed(4)
        )
        assert all(spent <= most for spent, most in zip(attack.changes, budgets, strict=True))
        assert attack.spent.shape == (4, 3)
        assert attack.spent.sum(axis=1).tolist() == list(attack.changes)
        assert (attack.spent <= certificate.caps).all()
        joined = {tuple(pair) for pair in attack.edges_added.tolist()}
        assert not joined & set(JOINED)
        assert {tuple(pair) for pair in attack.edges_deleted.tolist()} <= set(JOINED)
        proven = certificate.collective(np.array([budgets], dtype=float), "exact").certified[0]
        spared = certificate.spared(attack.spent) & attack.attacked
        assert proven <= spared.sum() <= attack.surviving <= attack.attacked.sum()
        assert not (attack.changed & certificate.certified_mask(*budgets)).any()
        there = smoothed[number_of(attack)].argmax(axis=1)
        assert (there != certificate.labels)[attack.changed].all()
        fallen += int(attack.changed.sum())
    assert fallen > 0 or noise is BOTH  # whose worst inputs are close to a tie


def test_the_edge_that_is_added_or_deleted_hurts():
    """Some attacked node's margin falls, as much as under most single edges."""
    model, certificate = certified(WEAK)
    smoothed, rows = expectations(votes_of(model), levels_of(certificate)), np.arange(NODES)
    margins = smoothed[:, rows, certificate.labels] - smoothed[:, rows, 1 - certificate.labels]
    harm = (margins[clean_number()] - margins)[:, ~certificate.abstained].max(axis=1)
    for kind in (2, 3):
        budgets = (np.arange(4) == kind).astype(int).tolist()
        settings = GraphAttackSettings(*budgets, **PATIENT)
        attack = attack_graph(
            model, graph(), certificate, settings, generator=torch.Generator().manual_seed(4)
        )
        single = [
            harm[clean_number() ^ (1 << (len(PAIRS) - 1 - place))]
            for place, pair in enumerate(PAIRS)
            if (pair in JOINED) == (kind == 3)
        ]
        assert harm[number_of(attack)] > 0.05
        assert harm[number_of(attack)] >= np.median(single)


def test_the_estimated_change_of_every_edge_is_the_true_one():
    """Deleted, and (read around the graph that has it) added, against the exact smoothed margins of every input."""
    model, certificate = certified(NOISES[1], scores="soft")
    scores = all_scores(model)
    aimed = np.arange(NODES) == 1
    label = int(certificate.labels[1])
    margin = scores[:, :, label] - np.delete(scores, label, axis=2).max(axis=2)
    smoothed = expectations(margin[:, :, None], levels_of(certificate))[:, 1, 0]
    fresh = np.array(sorted(a * NODES + b for a, b in PAIRS if (a, b) not in JOINED))
    flips = Flips(GraphInput.read(graph()), certificate, GraphAttackSettings(0, 0, 1, 1))
    for more in (None, fresh[:2]):
        codes = CODES if more is None else np.union1d(CODES, more)
        run = Run.on("cpu", torch.Generator().manual_seed(3))
        around = GraphSampler(
            model, flips.graph(more), certificate.clusters, certificate.noises, run, batch_size=2000
        )
        assert around.edge_codes.tolist() == codes.tolist()
        found = measure_changes(
            around, certificate, [0], aimed, 60_000, run.monitor(60_000), neighbourhoods(codes, NODES)
        ).edges
        here = sum(
            1 << (len(PAIRS) - 1 - place) for place, (a, b) in enumerate(PAIRS) if a * NODES + b in codes
        ) + (clean_number() >> len(PAIRS) << len(PAIRS))
        places = [PAIRS.index(tuple(divmod(int(code), NODES))) for code in codes]
        true = np.array(
            [smoothed[here ^ (1 << (len(PAIRS) - 1 - place))] - smoothed[here] for place in places]
        )
        assert all_inputs()[here][2:].sum() == codes.size
        scale = found @ true / (true @ true)  # the node's effort is a common factor
        assert scale > 0
        np.testing.assert_allclose(found / scale, true, atol=0.12 * np.abs(true).max())


def test_offered_edges_are_new_and_share_no_node():
    village, model = load_graph("village"), load_graph_model("village-gcn").eval()
    settings = GraphSettings(
        clusters=4,
        flip_to_one=(0.0, 0.0),
        flip_to_zero=(0.0, 0.0),
        flip_edges=((2e-4, 2e-4), (0.6, 0.9)),
        scores="votes",
        samples=60,
        pilot_samples=30,
    )
    certificate = certify_graph(model, village, settings, generator=torch.Generator().manual_seed(0))
    flips = Flips(GraphInput.read(village), certificate, GraphAttackSettings(0, 0, 3, 0))
    margins = np.full(certificate.nodes, 0.1)
    aimed = ~certificate.abstained
    offered = offer_edges(certificate, flips.edges, margins, aimed, 3)
    ends = np.stack(np.divmod(offered, certificate.nodes))
    assert offered.size > 20
    assert np.unique(ends).size == 2 * offered.size
    assert (ends[0] < ends[1]).all()
    assert flips.may_join(offered).all()
    assert (certificate.labels[ends[0]] != certificate.labels[ends[1]]).all()


def test_attributes_alone_are_attacked_where_the_noise_flips_no_edges():
    model, certificate = certified({"flip_to_one": (0.3, 0.4), "flip_to_zero": (0.3, 0.4)})
    for budgets in ((0, 0, 1, 0), (0, 0, 0, 1)):
        with pytest.raises(InputError, match="flips no edges"):
            attack_graph(
                model, graph(), certificate, GraphAttackSettings(*budgets), generator=torch.Generator()
            )


def test_the_command_attacks_edges_of_the_village(tmp_path, capsys):
    """From the command line to the list of changes; the village's own file, then its attack."""
    file, out = tmp_path / "edges.nc", tmp_path / "changes.csv"
    flips = ("--flip-to-one", "0:0", "--flip-to-zero", "0:0", "--flip-edges", "0.0002:0.0002", "0.6:0.9")
    counts = ("--samples", "60", "--pilot-samples", "30", "--clusters", "3", "--scores", "votes")
    assert not main(["certify", "graph", "village", *flips, *counts, "--out", str(file)])
    effort = ("--rounds", "1", "--graph-copies", "32", "--graph-samples", "32", "--out", str(out))
    capsys.readouterr()
    assert not main(["attack", str(file), "--edge-additions", "2", "--edge-deletions", "3", *effort])
    told = capsys.readouterr().out
    assert "2 edge additions and 3 edge deletions" in told
    survived = int(told.split("survived  ")[1].split()[0].replace(",", ""))
    assert int(told.split("certified ")[1].split()[0].replace(",", "")) <= survived
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    village = load_graph("village")
    edges = {tuple(pair) for pair in village.edge_index.T.tolist()}
    assert len(rows) == 5
    for row in rows:
        assert row["attribute"] == ""
        assert ((int(row["node"]), int(row["neighbour"])) in edges) == (row["value"] == "0")
