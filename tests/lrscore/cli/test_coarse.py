"""Coarse labels and rivals on the command line."""

import numpy as np

from lrscore.cli.main import main
from lrscore.files import load_certificate


def test_a_run_says_what_its_labels_are(tmp_path, capsys):
    path = str(tmp_path / "a.nc")
    words = "certify image autumn-avenue --grid 1x1 --levels 0.3:0.3 --samples 100 --pilot-samples 48"
    assert main([*words.split(), "--hierarchy", "--runner-up", "--out", path]) == 0
    certificate = load_certificate(path)
    assert certificate.coarse.any()
    assert certificate.chosen.contested.any()
    assert main(["verify", path]) == 0
    capsys.readouterr()
    assert main(["show", path]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{int(certificate.coarse.sum()):,} of {certificate.labels.size:,} pixels have a group of classes as label" in said
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
