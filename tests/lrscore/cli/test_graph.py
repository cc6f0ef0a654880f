"""`certify graph` as a user meets it, on a graph and a model of the test's own."""

import sys
import types

import numpy as np
import pytest
import torch

import lrscore
from lrscore.cli.main import main


def ring(nodes=24, width=6):
    """Nodes in a ring; the class is which half of the attributes a node has."""
    y = torch.arange(nodes) // (nodes // 2)
    x = torch.zeros(nodes, width)
    x[y == 0, : width // 2] = 1
    x[y == 1, width // 2 :] = 1
    ends = torch.stack([torch.arange(nodes), (torch.arange(nodes) + 1) % nodes])
    return types.SimpleNamespace(x=x, y=y, edge_index=torch.cat([ends, ends.flip(0)], dim=1))


def halves(x, edge_index):
    """Share of the ones in either half."""
    x = x.to_dense() if x.layout != torch.strided else x
    half = x.shape[1] // 2
    left, right = x[:, :half].sum(1) + 0.1, x[:, half:].sum(1) + 0.1
    return torch.stack([left, right], dim=1) / (left + right)[:, None]


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    module = types.ModuleType("tests_graph_catalogue")
    module.load_graph = lambda source: ring()
    module.load_graph_model = lambda name: halves
    monkeypatch.setitem(sys.modules, "tests_graph_catalogue", module)
    monkeypatch.setenv("LRS_CATALOGUE", "tests_graph_catalogue")


def certify(tmp_path, *options):
    sizes = ["--clusters", "3", "--samples", "400", "--pilot-samples", "40"]
    flips = ["--flip-to-one", "0.1:0.2", "--flip-to-zero", "0.1:0.3"]
    return main(["certify", "graph", "ring", *sizes, *flips, "--out", str(tmp_path / "g.nc"), *options])


@pytest.mark.parametrize(
    "options", [(), ("--scores", "votes"), ("--margins",), ("--bound", "dkw"), ("--falloff", "0.5")]
)
def test_certify_writes_a_file_that_verifies_and_shows(tmp_path, capsys, options):
    assert certify(tmp_path, *options) == 0
    assert main(["verify", str(tmp_path / "g.nc")]) == 0
    assert main(["show", str(tmp_path / "g.nc")]) == 0
    out = capsys.readouterr().out
    assert "additions" in out
    assert "accuracy 1.000" in out
    certificate = lrscore.load_certificate(tmp_path / "g.nc")
    assert certificate.provenance["title"] == "ring"
    np.testing.assert_array_equal(certificate.labels, ring().y.numpy())


def test_falloff_reaches_the_settings(tmp_path):
    assert certify(tmp_path, "--falloff", "0.5") == 0
    assert lrscore.load_certificate(tmp_path / "g.nc").settings.falloff == 0.5


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--clusters", "0"], "clusters"),
        (["--flip-to-one", "0.1:1.5"], "flip_to_one"),
        (["--flip-to-zero", "half"], "half"),
        (["--partition", "slices"], "slices"),
        (["--margins", "--scores", "votes"], "margins"),
        (["--falloff", "-1"], "falloff"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(tmp_path, capsys, options, text):
    try:
        code = certify(tmp_path, *options)
    except SystemExit as stop:
        code = stop.code
    error = capsys.readouterr().err
    assert code == 2
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert text in error
