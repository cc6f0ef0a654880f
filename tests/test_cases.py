"""Inputs that were once misread or refused wrongly: every file of the folder of cases does what its README says.

The folder is named by `LRS_CASES`, or lies beside the checkout as `shared/cases`; without it these tests are skipped.
The suite generates members of the same kinds elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from lrscore.cli.main import main
from lrscore.errors import InputError
from models.graphs.registry import load_graph, read_graph
from models.segmentation.registry import load_model

CASES = Path(os.environ.get("LRS_CASES") or Path(__file__).resolve().parents[2] / "shared" / "cases")
SMALL = ["--samples", "16", "--pilot-samples", "4", "--grid", "2x2", "--size", "keep"]

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder of cases is not beside the checkout")


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(CASES / "weights")


def certify(kind: str, name: str, tmp_path: Path, *more: str) -> int:
    return main(["certify", kind, name, *more, "--out", str(tmp_path / "c.nc")])


def one_line(capsys) -> str:
    said = capsys.readouterr().err.strip()
    assert said.startswith("error: ")
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    "name", ["exif_short_70000.jpeg", "exif_rational_tag_as_ascii.png", "exif_garbage.png"]
)
def test_pictures_with_broken_metadata_are_certified(name, tmp_path):
    assert certify("image", str(CASES / name), tmp_path, *SMALL) == 0
    assert main(["verify", str(tmp_path / "c.nc")]) == 0


@pytest.mark.parametrize(
    ("name", "mask"),
    [("rot6.jpg", "m_ok.png"), ("rot6.jpg", "m_aspect.png"), ("exif_garbage.png", "m_aspect.png")],
)
def test_masks_of_another_shape_are_never_stretched(name, mask, tmp_path, capsys):
    assert certify("image", str(CASES / name), tmp_path, "--reference", str(CASES / mask), *SMALL) == 2
    said = one_line(capsys)
    assert said.count("x") >= 2
    assert not (tmp_path / "c.nc").exists()


def test_graphs_are_read_as_they_are_meant():
    assert read_graph(str(CASES / "gm_default.graphml")).attributes.toarray().tolist() == [[1.0], [0.0]]
    mixed = read_graph(str(CASES / "label_class_mixed.graphml"))
    assert (mixed.class_names, mixed.labels.tolist(), mixed.node_names) == (("x",), [0, 0], ("Ann", "Bob"))
    towns = read_graph(str(CASES / "topology_like.graphml"))
    assert (towns.class_names, set(towns.labels.tolist())) == ((), {-1})
    assert towns.node_names[0] == "New York"
    assert load_graph(str(CASES / "g_signed_antisymmetric.npz")).edge_index.shape[1] == 4
    assert set(load_graph(str(CASES / "g_boolX.npz")).x.unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("name", ["gm_utf16_doctype.graphml", "g_labels_negative.npz"])
def test_graphs_that_are_none_are_one_line(name, tmp_path, capsys):
    with pytest.raises(InputError):
        load_graph(str(CASES / name))
    assert certify("graph", str(CASES / name), tmp_path, "--model", "village-gcn") == 2
    one_line(capsys)


@pytest.mark.parametrize("name", ["part1d.npy", "part_bom.csv"])
def test_partition_files_are_one_number_a_node(name):
    from lrscore.cli.certify_graph import read_clusters

    clusters = read_clusters(str(CASES / name))
    assert clusters.ndim == 1
    assert clusters.size == 34
    assert clusters.min() == 0


def test_a_header_is_no_row_of_levels():
    from lrscore.cli.matrices import read_matrix

    matrix = read_matrix(CASES / "lv_head.csv", "level-matrix")
    np.testing.assert_allclose(matrix, np.where(np.eye(4), 0.1, 0.3))


@pytest.mark.parametrize("name", ["lightning", "module_orig", "nobatches", "wnull"])
def test_checkpoints_of_all_wrappings_score_like_the_bare_network(name):
    model = load_model(str(CASES / "weights" / f"{name}.json"))
    picture = torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(model(picture), model.network.network(picture))
    assert model(picture).shape == (1, 3, 40, 56)


@pytest.mark.parametrize(
    ("name", "classes"), [("hf.json", 3), ("low.json", 3), ("bin.json", 2), (":own_normalisation", 3)]
)
def test_networks_that_answer_otherwise_are_certified(name, classes, tmp_path):
    source = f"tiny_networks{name}" if name.startswith(":") else str(CASES / "weights" / name)
    assert load_model(source)(torch.rand(1, 3, 40, 56)).shape == (1, classes, 40, 56)
    assert certify("image", str(CASES / "exif_garbage.png"), tmp_path, "--model", source, *SMALL) == 0


@pytest.mark.parametrize(
    ("name", "advice"),
    [("mean255.json", "255"), (":needs_multiples", 'set "multiple" to 32'), (":needs_arguments", "width")],
)
def test_networks_that_need_more_say_what(name, advice, tmp_path, capsys):
    source = f"tiny_networks{name}" if name.startswith(":") else str(CASES / "weights" / name)
    assert certify("image", str(CASES / "exif_garbage.png"), tmp_path, "--model", source, *SMALL) == 2
    assert advice in one_line(capsys)
