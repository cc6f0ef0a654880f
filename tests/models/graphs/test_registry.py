"""Names of graphs and models, and the whole path on the bundled and the public graphs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lrscore.cli.main import main
from lrscore.errors import InputError
from lrscore.graphs.certify import certify_graph
from lrscore.graphs.settings import GraphSettings
from models.graphs import download, registry
from models.graphs.registry import available_graphs, available_models, load_graph, load_graph_model


def test_unknown_names_list_the_known_ones(monkeypatch, tmp_path):
    monkeypatch.delenv("LRS_DATA_ROOT", raising=False)
    with pytest.raises(InputError, match=r"village.*citeseer and cora_ml need LRS_DATA_ROOT"):
        load_graph("citeseer")
    with pytest.raises(InputError, match=r"model must be one of .*village-appnp"):
        load_graph_model("village-mlp")
    with pytest.raises(InputError, match=r"or a \.npz or \.graphml file"):
        load_graph(str(tmp_path / "nothing.npz"))


def test_every_bundled_model_loads_and_knows_itself():
    names = available_models()
    assert {"village-appnp", "citeseer-appnp", "citeseer-gcn", "cora_ml-appnp", "cora_ml-gcn"} <= set(names)
    for name in names:
        model = load_graph_model(name)
        assert model.name == name
        assert model.sparse_input
        assert not model.training
        assert len(model.class_names) == model.config.classes


def test_downloads_that_fail_are_one_sentence(monkeypatch, tmp_path):
    import torch_geometric.datasets

    def offline(*_):
        raise OSError("no route to host\nTraceback ...")

    monkeypatch.setattr(torch_geometric.datasets, "Planetoid", offline)
    with pytest.raises(InputError, match=r"graph planetoid-cora could not be downloaded: no route to host$"):
        download.download_graph("planetoid-cora", tmp_path)


def test_downloaded_data_become_a_graph(monkeypatch, tmp_path):
    import torch_geometric.datasets
    from torch_geometric.data import Data

    data = Data(
        x=torch.tensor([[0.5, 0.0], [0.0, 1.0]]), edge_index=torch.tensor([[0], [1]]), y=torch.tensor([1, 0])
    )
    monkeypatch.setattr(torch_geometric.datasets, "CitationFull", lambda folder, name: [data])
    graph = download.download_graph("citationfull-dblp", tmp_path)
    assert graph.adjacency.toarray().tolist() == [[0, 1], [0, 0]]
    assert (graph.labels.tolist(), graph.class_names) == ([1, 0], ("class 0", "class 1"))
    assert "nonzero" in graph.remark


def certify(name: str, model: str, **more):
    data = load_graph(name)
    settings = GraphSettings(**{"samples": 400, "pilot_samples": 64, **more})
    return data, certify_graph(
        load_graph_model(model), data, settings, generator=torch.Generator().manual_seed(0)
    )


def test_village_is_predicted_and_certified():
    data, certificate = certify("village", "village-appnp", flip_to_one=(0.05, 0.1), flip_to_zero=(0.5, 0.7))
    certificate = certificate.with_reference(data.y.numpy())
    assert certificate.correct()[data.test_mask].mean() > 0.9
    assert (certificate.radii.max(axis=0) >= 1).all()
    assert certificate.display.attribute_names == data.attribute_names
    one_change = certificate.collective(np.array([[1, 0], [0, 1]])).certified
    assert (one_change > certificate.nodes // 2).all()


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "nodes", "edges", "ones", "accuracy"),
    [("citeseer", 2110, 3668, 67_659, 0.73), ("cora_ml", 2810, 7981, 142_286, 0.82)],
)
def test_public_graphs_through_the_whole_path(lrs_data_root, tmp_path, name, nodes, edges, ones, accuracy):
    assert (lrs_data_root / "graphs" / f"{name}.npz").is_file()
    assert name in available_graphs()
    noise = {"flip_to_one": (0.01, 0.01), "flip_to_zero": (0.6, 0.6)}
    data, certificate = certify(name, f"{name}-gcn", clusters=3, samples=150, pilot_samples=48, **noise)
    assert (data.x.shape[0], data.edge_index.shape[1] // 2, int(data.x.sum())) == (nodes, edges, ones)
    assert data.train_mask.sum() == 20 * len(data.class_names)
    certificate = certificate.with_reference(data.y.numpy())
    assert certificate.correct()[data.test_mask].mean() >= accuracy
    budgets = np.array([[0, 0], [0, 1], [0, 3], [1, 0]], dtype=np.float64)
    naive, envelope = (certificate.collective(budgets, method).certified for method in ("naive", "envelope"))
    assert (envelope >= naive).all()
    assert envelope[1] > 0
    assert (np.diff(envelope[:3]) <= 0).all()
    replace(certificate, curves=(certificate.collective(budgets, "exact"),)).save(tmp_path / "graph.nc")
    assert main(["verify", str(tmp_path / "graph.nc")]) == 0


@pytest.mark.parametrize("name", available_models())
def test_every_bundled_network_has_a_card_of_its_weights(name: str):
    card = (Path(registry.__file__).parent / "checkpoints" / f"{name}.md").read_text(encoding="utf-8")
    assert load_graph_model(name).digest in card
