"""Any graph file, the project's networks or one's own: trained into what `certify graph` takes, or refused at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lrscore.cli.main import main as lrscore
from models.graphs.registry import load_graph, load_graph_model
from models.graphs.train import main
from tests.models.graphs.own_graph import NETWORK, write_graph

QUICK = ["--steps", "60", "--hidden", "16"]
SAMPLED = ["--clusters", "3", "--samples", "60", "--pilot-samples", "10", "--scores", "votes"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_graph(tmp_path / "own.NPZ")


def certify(file: Path, model: Path | str, tmp_path: Path, *more: str) -> int:
    out = str(tmp_path / "c.nc")
    return lrscore(["certify", "graph", str(file), "--model", str(model), *SAMPLED, *more, "--out", out])


def test_what_was_trained_on_a_file_certifies_it_at_once(file: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "mine.safetensors"
    assert main([str(file), "--kind", "gcn", *QUICK, "--out", str(out)]) == 0
    assert certify(file, out, tmp_path, "--targets", "test") == 0
    said = capsys.readouterr().out
    assert "agreement of smoothed and unsmoothed prediction" in said
    assert "nodes in targets" in said
    assert lrscore(["verify", str(tmp_path / "c.nc")]) == 0
    assert main([str(file), "--init", str(out), *QUICK, "--out", str(tmp_path / "more.safetensors")]) == 0
    more = load_graph_model(str(tmp_path / "more.safetensors"))
    assert not torch.equal(more.first.weight, load_graph_model(str(out)).first.weight)


def test_an_own_network_is_trained_described_and_certified(file: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "own_nets.py").write_text(NETWORK)
    monkeypatch.syspath_prepend(tmp_path)
    out = tmp_path / "mine.json"
    assert main([str(file), "--kind", "own_nets:own", *QUICK, "--out", str(out)]) == 0
    described = json.loads(out.read_text())
    assert (described["network"], described["output"]) == ("own_nets:own", "log_probabilities")
    model, data = load_graph_model(str(out)), load_graph(str(file))
    hits = model(data.x, data.edge_index).argmax(dim=1) == data.y
    assert float(hits[data.test_mask].float().mean()) > 0.7
    assert certify(file, out, tmp_path) == 0
    assert main([str(file), "--init", str(out), "--steps", "2", "--out", str(tmp_path / "more.json")]) == 0


def test_fine_tuning_keeps_the_order_of_the_networks_classes(file: Path, tmp_path: Path, monkeypatch) -> None:
    """The file names the same classes in another order: labels follow the names, in training and afterwards."""
    (tmp_path / "own_nets.py").write_text(NETWORK)
    monkeypatch.syspath_prepend(tmp_path)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert main([str(file), "--kind", "own_nets:own", *QUICK, "--out", str(first)]) == 0
    with np.load(file) as stored:
        arrays = dict(stored)
    last = len(arrays["class_names"]) - 1
    turned = tmp_path / "turned.npz"
    np.savez(
        turned, **{**arrays, "labels": last - arrays["labels"], "class_names": arrays["class_names"][::-1]}
    )
    assert main([str(turned), "--init", str(first), "--steps", "30", "--out", str(second)]) == 0
    for model in (load_graph_model(str(first)), load_graph_model(str(second))):
        assert model.class_names == tuple(arrays["class_names"].tolist())
        data = load_graph(str(file))
        hits = model(data.x, data.edge_index).argmax(dim=1) == data.y
        assert float(hits[data.test_mask].float().mean()) > 0.7
    np.savez(turned, **{**arrays, "class_names": np.array([f"other {n}" for n in range(last + 1)])})
    assert main([str(turned), "--init", str(first), "--steps", "2", "--out", str(second)]) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--steps", "0"], "steps must be a whole number of at least 1"),
        (["--out", "nowhere/x.safetensors"], "cannot write"),
        (["--out", "x.pt"], "out must be a checkpoint"),
        (["--kind", "mlp"], "kind must be one of gcn, appnp, gat or module:function"),
        (["--kind", "no_such_module:f", "--out", "x.json"], "cannot be imported"),
        (["--init", "nothing.safetensors"], "does not exist"),
        (["--to-one", "0", "0.1"], "flip probabilities"),
    ],
)
def test_what_can_not_be_trained_is_one_line(
    file: Path, tmp_path: Path, capsys, monkeypatch, change, said
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([str(file), *QUICK, "--out", "x.safetensors", *change]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert main(["nowhere.npz", *QUICK, "--out", "x.safetensors"]) == 2


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("village-mlp", "model must be one of"),
        ("nothing.safetensors", "does not exist"),
        ("nothing.JSON", "does not exist"),
        ("weights.pth", "do not exist"),
        ("no_such_module:f", "cannot be imported"),
    ],
)
def test_models_that_are_none_are_one_line(file: Path, tmp_path: Path, capsys, model: str, said: str) -> None:
    assert certify(file, model, tmp_path) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
