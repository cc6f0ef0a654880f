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


def test_edited_matrices_and_own_clusters_are_taken_from_files(tmp_path):
    to_one = np.array([[0.1, 0.2], [0.15, 0.1]])
    to_zero = np.array([[0.3, 0.7], [0.4, 1 / 3]])
    np.savetxt(tmp_path / "one.csv", to_one, delimiter=",", fmt="%.17g")
    np.save(tmp_path / "zero.npy", to_zero)
    clusters = np.arange(24) % 2
    (tmp_path / "clusters.json").write_text(f'{{"clusters": [{clusters.tolist()}]}}')
    matrices = ["--level-matrix", str(tmp_path / "one.csv"), str(tmp_path / "zero.npy")]
    assert certify(tmp_path, *matrices, "--partition-file", str(tmp_path / "clusters.json")) == 0
    certificate = lrscore.load_certificate(tmp_path / "g.nc")
    np.testing.assert_array_equal(certificate.clusters, clusters)
    np.testing.assert_array_equal(np.array(certificate.settings.levels), [to_one, to_zero])
    np.testing.assert_allclose(certificate.noise_levels, [to_one, to_zero], atol=2.0**-32)
    assert main(["verify", str(tmp_path / "g.nc")]) == 0


@pytest.mark.parametrize(
    ("one", "zero", "clusters", "text"),
    [
        ("0.1,0.1\n0.1,0.1\n", "0.1,0.1\n", "0\n", "must have one shape, got (2, 2) and (1, 2)"),
        ("0.1,0.1\n0.1,0.1\n", "0.1,0.1\n0.1,1.5\n", None, "flip probabilities in [0, 1)"),
        ("0.1,0.1\n0.1,0.1\n", "0.1,0.1\n0.1,inf\n", None, "flip probabilities in [0, 1)"),
        ("0.1,0.1\n0.1,0.1\n", "0.1,0.1\n0.1,0.1\n", None, "levels must be given for 3 groups"),
        ("0.1\n", "words\n", None, "holds no matrix of numbers"),
        ("0.1\n", "0.1\n", "0,1\n1,0\n", "one row or column of whole numbers"),
        ("0.1\n", "0.1\n", "0\n0.5\n", "one row or column of whole numbers"),
        ("0.1\n", "0.1\n", "0\n0\n", "24"),
    ],
)
def test_unfit_files_are_one_line_and_exit_code_2(tmp_path, capsys, one, zero, clusters, text):
    (tmp_path / "one.csv").write_text(one)
    (tmp_path / "zero.csv").write_text(zero)
    options = ["--level-matrix", str(tmp_path / "one.csv"), str(tmp_path / "zero.csv")]
    if clusters is not None:
        (tmp_path / "clusters.csv").write_text(clusters)
        options += ["--partition-file", str(tmp_path / "clusters.csv")]
    assert certify(tmp_path, *options) == 2
    last = capsys.readouterr().err.splitlines()[
        -1
    ]  # after an empty progress bar where the graph has to be read first
    assert last.startswith("error: ")
    assert text in last


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


def test_edges_are_flipped_shown_and_verified(tmp_path, capsys):
    edges = ("--flip-edges", "0.01:0.1", "0.2:0.5", "--scores", "votes", "--method", "exact")
    assert certify(tmp_path, *edges) == 0
    assert main(["verify", str(tmp_path / "g.nc")]) == 0
    assert main(["show", str(tmp_path / "g.nc")]) == 0
    out = " ".join(capsys.readouterr().out.split())  # titles are broken to the width of the table
    assert "edges new 0.01 to 0.1, lost 0.2 to 0.5" in out
    assert "every set of edge additions and deletions" in out
    certificate = lrscore.load_certificate(tmp_path / "g.nc")
    assert certificate.settings.flip_edges == ((0.01, 0.1), (0.2, 0.5))
    assert certificate.curves[0].budgets.shape[1] == 4


def test_edges_alone_and_matrices_of_edges(tmp_path, capsys):
    still = ("--flip-to-one", "0:0", "--flip-to-zero", "0:0")
    assert certify(tmp_path, *still, "--flip-edges", "0.01:0.1", "0.2:0.5") == 0
    assert "attribute additions" not in capsys.readouterr().out
    for name, level in (("new", 0.1), ("lost", 0.3)):
        np.savetxt(tmp_path / f"{name}.csv", np.full((3, 6), level), delimiter=",")
    files = [str(tmp_path / f"{name}.csv") for name in ("new", "lost")]
    assert certify(tmp_path, "--edge-level-matrix", *files) == 0
    assert main(["verify", str(tmp_path / "g.nc")]) == 0
    assert certify(tmp_path, "--flip-edges", "0.01:1.5", "0.2:0.5") == 2
    assert "flip_edges must be two probabilities" in capsys.readouterr().err
