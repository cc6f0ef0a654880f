"""Coarse labels and rivals on the command line."""

import numpy as np
from PIL import Image

from lrscore.cli.main import main
from lrscore.files import load_certificate
from models import load_scene


def test_a_run_says_what_its_labels_are(tmp_path, capsys):
    path, picture = str(tmp_path / "a.nc"), tmp_path / "street.png"
    pixels = (load_scene("autumn-avenue").image.transpose(1, 2, 0) * 255).round().astype(np.uint8)
    Image.fromarray(pixels[::4, ::4]).save(picture)
    words = "--size keep --grid 1x1 --levels 0.3:0.3 --samples 300 --pilot-samples 64 --hierarchy --runner-up --out"
    assert main(["certify", "image", str(picture), *words.split(), path]) == 0
    certificate = load_certificate(path)
    assert certificate.coarse.any()
    assert certificate.chosen.contested.any()
    assert main(["verify", path]) == 0
    capsys.readouterr()
    assert main(["show", path]) == 0
    said = " ".join(capsys.readouterr().out.split())
    coarse = f"{int(certificate.coarse.sum()):,} of {certificate.labels.size:,} pixels"
    assert f"{coarse} have a group of classes as label" in said
    assert "held against the other classes" in said
    names = certificate.chosen.tree.node_names(certificate.class_names)
    assert any(
        f"{names[node]} " in said for node in np.unique(certificate.chosen.nodes[certificate.chosen.coarse])
    )
    assert "gain" in said


def test_a_model_without_groups_is_one_sentence(tmp_path, capsys):
    (tmp_path / "nets.py").write_text(
        "import torch\n\n\ndef two():\n    net = torch.nn.Conv2d(3, 2, 1)\n    net.class_names = ('a', 'b')\n"
        "    return net\n"
    )
    (tmp_path / "mine.json").write_text('{"network": "nets:two"}')
    words = ["certify", "image", "autumn-avenue", "--size", "45x60", "--hierarchy"]
    assert main([*words, "--model", str(tmp_path / "mine.json"), "--out", str(tmp_path / "a.nc")]) == 2
    assert "states a tree of its classes" in capsys.readouterr().err


def test_a_graph_says_what_its_labels_are(tmp_path, capsys):
    (tmp_path / "torn.py").write_text(
        "import torch\n\n\nclass Torn(torch.nn.Module):\n    class_names = ('a', 'b', 'c')\n\n"
        "    def forward(self, x, edge_index):\n        ones = x[:, :2].sum(dim=1).long()\n"
        "        return torch.nn.functional.one_hot(ones, 3).float()\n"
    )
    (tmp_path / "mine.json").write_text('{"network": "torn:Torn", "hierarchy": {"few": ["a", "b"]}}')
    path = str(tmp_path / "a.nc")
    words = "certify graph village --clusters 4 --scores votes --flip-to-one 0.4:0.4 --flip-to-zero 0.4:0.4"
    given = [
        *words.split(),
        "--samples",
        "400",
        "--hierarchy",
        "--runner-up",
        "--model",
        str(tmp_path / "mine.json"),
        "--out",
        path,
    ]
    assert main(given) == 0
    assert main(["verify", path]) == 0
    capsys.readouterr()
    assert main(["show", path]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "nodes have a group of classes as label: few" in said
    assert "certified information gain" in said
