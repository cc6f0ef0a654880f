"""Any folder, any network: trained under noise into a description that certifies, or refused before the first step."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lrscore.cli.main import main as lrscore
from models.segmentation.finetuning.command import main
from models.segmentation.finetuning.pictures import Pictures
from models.segmentation.registry import load_model
from tests.models.segmentation.finetuning.own_data import write_folder, write_network

QUICK = [
    "--size",
    "keep",
    "--view",
    "32",
    "32",
    "--batch-size",
    "4",
    "--every",
    "30",
    "--threads",
    "1",
    "--level",
    "0.2",
]
SAMPLED = [
    "--size",
    "keep",
    "--samples",
    "40",
    "--pilot-samples",
    "8",
    "--grid",
    "2x2",
    "--levels",
    "0.2:0.2",
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "mine")


def test_a_checkpoint_is_fine_tuned_and_certified(data: Path, tmp_path: Path, capsys) -> None:
    start, out = write_network(tmp_path / "net"), tmp_path / "robust.json"
    arguments = [
        "--data",
        str(data),
        "--init",
        str(start),
        "--steps",
        "60",
        "--noise",
        "isotropic",
        "--out",
        str(out),
    ]
    assert main([*arguments, "--learning-rate", "0.02", *QUICK]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert lines[-1]["step"] == 60
    assert max(line["noisy_miou"] for line in lines) > 0.5
    described = json.loads(out.read_text())
    assert described["folder"] == "net"
    assert described["mean"] == [0.5, 0.5, 0.5]
    before, after = load_model(str(start)), load_model(str(out))
    assert after.class_names == ("ground", "disc", "bar")
    assert before.digest != after.digest
    assert "noise 0.2" in out.with_suffix(".md").read_text()
    name = f"{data}::p1"
    assert (
        lrscore(["certify", "image", name, "--model", str(out), *SAMPLED, "--out", str(tmp_path / "c.nc")])
        == 0
    )
    assert "smoothed prediction: pixel accuracy" in capsys.readouterr().out
    assert lrscore(["verify", str(tmp_path / "c.nc")]) == 0


@pytest.mark.parametrize(
    "network",
    ["street-unet", "torchvision:lraspp_mobilenet_v3_large", "smp:unet:resnet18", "small_net:small"],
)
def test_any_network_is_trained_from_scratch(data: Path, tmp_path: Path, network: str, monkeypatch) -> None:
    write_network(tmp_path / "net")
    monkeypatch.syspath_prepend(tmp_path / "net")
    out = tmp_path / "new.json"
    view = ["--view", "64", "64"] if ":" in network else []
    assert (
        main(["--data", str(data), "--network", network, "--steps", "1", *QUICK, *view, "--out", str(out)])
        == 0
    )
    model = load_model(str(out))
    assert tuple(name.lower() for name in model.class_names) == ("ground", "disc", "bar")
    assert model(torch.rand(1, 3, 40, 56)).shape == (1, 3, 40, 56)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--steps", "0"], "steps must be a whole number of at least 1"),
        (["--out", "nowhere/x.json"], "cannot write"),
        (["--out", "x.pt"], "out must be a description"),
        (["--data", "nowhere"], "data set must be one of"),
        (["--network", "no_such_module:f"], "cannot be imported"),
        (["--network", "smp:nothing:resnet18"], "no network smp:nothing"),
        (["--init", "nothing.json"], "and not both"),
        (["--view", "8", "32"], "view-height"),
        (["--classes", "one,two"], "must hold class numbers"),
        (["--highest", "0.01"], "noise levels"),
    ],
)
def test_what_can_not_be_trained_is_one_line_before_anything_is_read(
    data: Path, tmp_path: Path, capsys, monkeypatch, change: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = [
        "--data",
        str(data),
        "--network",
        "street-unet",
        "--steps",
        "1",
        *QUICK,
        "--out",
        "x.json",
        *change,
    ]
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_pictures_of_different_sizes_give_views_of_one_size(data: Path) -> None:
    from models.datasets import open_dataset

    pairs = open_dataset(str(data), "")
    pictures = Pictures.load(pairs, pairs.names)
    assert {image.shape[1:] for image in pictures.images} == {(48, 64), (64, 48)}
    assert pictures.shares()[0] > pictures.shares()[2] > 0
    assert sum(pictures.shares()) == pytest.approx(1)
    views, masks = pictures.views(6, (32, 40), (0.7, 2.0), torch.Generator().manual_seed(0))
    assert views.shape == (6, 3, 32, 40)
    assert set(np.unique(masks)) <= {0, 1, 2, 255}
