"""Training: the loss terms, the noise source, and that a short run learns and repeats itself."""

from __future__ import annotations

import pytest
import torch

from models.graphs.networks import GraphNetworkConfig
from models.graphs.registry import load_graph
from models.graphs.train import main
from models.graphs.training import GraphTrainingSettings, NoiseSource, inconsistency, train_network
from models.graphs.village import build_village


def test_inconsistency_is_zero_for_certain_agreement_and_punishes_doubt_and_change():
    certain = torch.eye(3).expand(2, 3, 3)
    assert inconsistency(certain, 0.5) == 0
    doubtful = torch.full((2, 1, 2), 0.5)
    changing = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert inconsistency(doubtful, 0.5) == 0  # no side to sharpen towards
    assert inconsistency(changing, 0.5) == pytest.approx(0.5)  # mean (.5, .5); each copy is .25 + .25 away
    leaning = torch.tensor([[[0.8, 0.2]], [[0.8, 0.2]]])
    sharpened = 0.8**2 / (0.8**2 + 0.2**2)
    assert inconsistency(leaning, 0.5) == pytest.approx(2 * (sharpened - 0.8) ** 2)


def test_noise_source_draws_levels_in_range():
    data = load_graph("village")
    settings = GraphTrainingSettings(to_one=(0.01, 0.02), to_zero=(0.5, 0.9))
    source = NoiseSource(data, settings)
    copies = torch.stack([source.draw().to_dense() for _ in range(20)]).reshape(40, *data.x.shape)
    kept = float(copies[:, data.x == 1].mean())
    added = float(copies[:, data.x == 0].mean())
    assert 0.1 < kept < 0.5
    assert 0.01 < added < 0.02


def test_noise_source_flips_edges_in_range_and_only_if_it_is_told():
    data = load_graph("village")
    settings = GraphTrainingSettings(new_edges=(1e-3, 2e-3), lost_edges=(0.5, 0.9))
    source, still = NoiseSource(data, settings), NoiseSource(data, GraphTrainingSettings())
    nodes, edges = data.num_nodes, data.edge_index.shape[1]
    assert still.draw_edges() is still.draw_edges()
    assert still.draw_edges().shape[1] == 2 * edges
    known = set(map(tuple, data.edge_index.T.tolist()))
    kept = new = 0
    for _ in range(20):
        drawn = source.draw_edges()
        assert torch.equal(drawn[0] // nodes, drawn[1] // nodes)  # within a copy
        found = [tuple(pair) for pair in (drawn % nodes).T.tolist()]
        kept += sum(pair in known for pair in found)
        new += sum(pair not in known for pair in found)
    assert 0.1 < kept / (40 * edges) < 0.5
    assert 1e-3 < new / (40 * (nodes * (nodes - 1) - edges)) < 2e-3


def test_training_under_flips_of_edges_learns():
    data = load_graph("village")
    config = GraphNetworkConfig("gcn", data.x.shape[1], len(data.class_names), hidden=16)
    plain = GraphTrainingSettings(steps=60)
    flipped = GraphTrainingSettings(steps=60, new_edges=(1e-4, 1e-3), lost_edges=(0.3, 0.9))
    one, other = (train_network(config, data, settings) for settings in (plain, flipped))
    assert not torch.equal(one.state_dict()["first.weight"], other.state_dict()["first.weight"])
    hits = other(data.x, data.edge_index).argmax(dim=1) == data.y
    assert float(hits[data.test_mask].float().mean()) > 0.8


def test_flips_of_edges_that_are_no_probabilities_are_refused(tmp_path, capsys):
    out = str(tmp_path / "a.safetensors")
    for pair in (("0.5", "0.1"), ("0", "0.1"), ("0.1", "1")):
        assert main(["village", "--out", out, "--lost-edges", *pair]) == 2
        assert "lost-edges must be two probabilities" in capsys.readouterr().err


def test_short_training_learns_and_repeats_itself():
    data = load_graph("village")
    config = GraphNetworkConfig("appnp", data.x.shape[1], len(data.class_names), hidden=16)
    settings = GraphTrainingSettings(steps=60)
    first, second = (train_network(config, data, settings) for _ in range(2))
    assert not first.training
    torch.testing.assert_close(first.first.weight, second.first.weight, rtol=0, atol=0)
    hits = first(data.x, data.edge_index).argmax(dim=1) == data.y
    assert float(hits[data.test_mask].float().mean()) > 0.8


def test_the_bundled_village_is_what_the_generator_makes():
    stored, made = load_graph("village"), build_village().to_data()
    for name in ("x", "edge_index", "y", "train_mask"):
        assert torch.equal(stored[name], made[name])
    assert stored.node_names == made.node_names
    assert len(stored.attribute_names) == stored.x.shape[1] == len(set(stored.attribute_names))
    assert bool(torch.isfinite(stored.pos).all())
