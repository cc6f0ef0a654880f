"""The attack on smoothed graphs: within its budgets, never below what is certified, and it does find what is there."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lrscore.cli.main import main
from lrscore.errors import InputError, SettingsError
from lrscore.graphs.attack import GraphAttackSettings, attack_graph
from lrscore.graphs.attack.changes import measure_changes
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.input import GraphInput
from lrscore.graphs.sampler import GraphSampler
from lrscore.monitor import Run
from models.graphs.registry import bundled_certificate
from tests.lrscore.graphs.test_enumeration import NOISES, STRONG, settings_for
from tests.lrscore.graphs.toy_graph import CLEAN, ToyModel, all_scores, expectations, graph


def certified(seed: int, noise=NOISES[0], scores: str = "votes"):
    settings = settings_for(noise, scores=scores, samples=1200, pilot_samples=300, batch_size=300)
    model = ToyModel(seed=seed)
    generator = torch.Generator().manual_seed(seed)
    return model, certify_graph(model, graph(), settings, generator=generator)


@pytest.mark.parametrize("scores", ["votes", "soft"])
def test_an_attack_stays_within_its_budgets_and_above_what_is_certified(scores):
    fallen = 0
    for seed in range(2):
        model, certificate = certified(seed, scores=scores)
        for additions, deletions in ((0, 0), (3, 2)):
            settings = GraphAttackSettings(
                additions, deletions, steps=2, copies=300, pilot_samples=100, samples=400
            )
            attack = attack_graph(
                model, graph(), certificate, settings, generator=torch.Generator().manual_seed(9)
            )
            assert len(attack.added) <= additions
            assert len(attack.deleted) <= deletions
            assert (CLEAN[tuple(attack.added.T)] == 0).all()
            assert (CLEAN[tuple(attack.deleted.T)] == 1).all()
            assert attack.spent.sum(axis=1).tolist() == [len(attack.added), len(attack.deleted)]
            proven = certificate.collective(np.array([[additions, deletions]]), "exact")
            assert proven.certified[0] <= attack.surviving <= attack.attacked.sum()
            attacked = CLEAN.astype(int).copy()
            attacked[tuple(attack.added.T)], attacked[tuple(attack.deleted.T)] = 1, 0
            values = all_scores(model)
            if scores == "votes":
                values = (values.argmax(axis=2)[:, :, None] == np.arange(values.shape[2])).astype(np.float64)
            there = expectations(values, certificate.noise_levels)[
                int("".join(str(bit) for bit in attacked.ravel()), 2)
            ]
            assert (there.argmax(axis=1) != certificate.labels)[attack.changed].all()
            fallen += int(attack.changed.sum())
    assert fallen > 0 or scores == "soft"  # Hoeffding asks for more samples than these


def test_the_estimated_change_of_a_flip_is_the_true_one():
    """Every single flip at once, from the same noisy copies, against the exact smoothed margins of every input."""
    model, certificate = certified(1, STRONG, "soft")
    given = GraphInput.read(graph())
    run = Run.on("cpu", torch.Generator().manual_seed(3))
    sampler = GraphSampler(model, given, certificate.clusters, certificate.noises, run, batch_size=2000)
    aimed = np.arange(6) == 4
    found = measure_changes(sampler, certificate, [1], aimed, 40_000, run.monitor(40_000)).attributes
    scores = all_scores(model)
    label = int(certificate.labels[4])
    margin = scores[:, :, label] - np.delete(scores, label, axis=2).max(axis=2)
    smoothed = expectations(margin[:, :, None], certificate.noise_levels)[:, 4, 0]
    clean = int("".join(str(int(bit)) for bit in CLEAN.ravel()), 2)
    true = np.array([smoothed[clean ^ (1 << (11 - bit))] - smoothed[clean] for bit in range(12)])
    scale = found.ravel() @ true / (true @ true)  # the node's effort is a common factor
    assert scale > 0
    np.testing.assert_allclose(found.ravel() / scale, true, atol=0.12 * np.abs(true).max())


def test_the_command_attacks_the_village_and_says_what_is_certified(tmp_path, capsys):
    out = tmp_path / "changes.csv"
    code = main(
        [
            *("attack", str(bundled_certificate("village")), "--additions", "2", "--rounds", "1"),
            *("--graph-copies", "16", "--graph-samples", "16", "--out", str(out)),
        ]
    )
    assert not code
    told = capsys.readouterr().out
    survived = int(told.split("survived  ")[1].split()[0])
    sure = int(told.split("certified ")[1].split()[0])
    assert sure == 288 <= survived <= 353
    lines = out.read_text().splitlines()
    assert lines[0] == "node,attribute,neighbour,value"
    assert len(lines) == 3
    assert all(line.endswith(",1") for line in lines[1:])


def test_foreign_graphs_and_odd_budgets_are_refused(capsys):
    model, certificate = certified(0)
    other = graph()
    other.edge_index = other.edge_index[:, :-1]
    with pytest.raises(InputError, match="not the one"):
        attack_graph(model, other, certificate, GraphAttackSettings(1, 0), generator=torch.Generator())
    with pytest.raises(SettingsError, match="additions"):
        GraphAttackSettings(-1, 0)
    with pytest.raises(SettingsError, match="error"):
        GraphAttackSettings(1, 0, error=0)
    assert main(["attack", str(bundled_certificate("village"))]) == 2
    assert "--additions A, --deletions D" in capsys.readouterr().err
