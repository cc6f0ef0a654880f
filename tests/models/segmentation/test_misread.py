"""Descriptions, networks and checkpoints that used to be taken for something else without a word."""

from __future__ import annotations

import sys
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from lrscore.errors import InputError
from models.functions import find_function
from models.segmentation.described import Description, load_described
from models.segmentation.preprocessing import IMAGENET_MEAN, IMAGENET_STD, PreparedNetwork
from models.weight_names import named_tensors
from models.weights import fit_weights

ARCHITECTURE = "lraspp_mobilenet_v3_large"
NAMES = ("a", "b", "c")


def published(architecture: str = ARCHITECTURE, **more: Any) -> nn.Module:
    torch.manual_seed(0)
    build = getattr(torchvision.models.segmentation, architecture)
    return build(weights=None, weights_backbone=None, num_classes=3, **more).eval()


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
@pytest.mark.parametrize("scale", [None, 255])
def test_a_normalisation_left_out_is_in_the_order_and_range_of_the_network(
    tmp_path: Path, channels: str, scale: float | None
) -> None:
    network = published()
    torch.save(network.state_dict(), tmp_path / "w.pth")
    model = load_described(
        Description(
            NAMES,
            network=f"torchvision:{ARCHITECTURE}",
            weights=str(tmp_path / "w.pth"),
            channels=channels,
            scale=scale,
        )
    )
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    usual = (picture - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[:, None, None]
    fed = usual.flip(1) if channels == "bgr" else usual
    torch.testing.assert_close(model(picture), network(fed)["out"], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    "values",
    [
        {"std": (255.0, 255.0, 255.0)},
        {"mean": (0.0, 0.0, 0.0), "std": (58.4, 57.1, 57.4)},
        {"mean": (127.5, 127.5, 127.5)},
        {"scale": 255, "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
        {"scale": 255, "mean": IMAGENET_MEAN},
        {"scale": 255, "std": IMAGENET_STD},
    ],
)
def test_a_normalisation_of_another_range_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"divide both by 255|multiplied by 255"):
        Description(NAMES, network="n:n", **values)


@pytest.mark.parametrize(
    "values",
    [
        {"scale": 255, "mean": (127.5, 127.5, 127.5), "std": (127.5, 127.5, 127.5)},
        {"scale": 255, "mean": (123.7, 116.3, 103.5), "std": (1.0, 1.0, 1.0)},
        {"scale": 255},
        {"scale": 2, "mean": (1.0, 1.0, 1.0)},
        {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)},
        {"mean": (0.5, 0.5, 0.5), "std": (1.0, 1.0, 1.0)},
    ],
)
def test_usual_normalisations_are_accepted(values: dict[str, Any]) -> None:
    assert Description(NAMES, network="n:n", **values).class_names == NAMES


@pytest.mark.parametrize("prefix", ["", "module.", "model.", "_orig_mod.", "module._orig_mod."])
def test_the_head_for_training_is_left_out_whatever_stands_before_it(tmp_path: Path, prefix: str) -> None:
    network = published("deeplabv3_mobilenet_v3_large", aux_loss=True)
    stored = OrderedDict((prefix + name, value) for name, value in network.state_dict().items())
    assert any("aux_classifier" in name for name in stored)
    torch.save({"state_dict": stored}, tmp_path / "w.pth")
    model = load_described(
        Description(
            NAMES, network="torchvision:deeplabv3_mobilenet_v3_large", weights=str(tmp_path / "w.pth")
        )
    )
    fed = (torch.full((1, 3, 64, 64), 0.5) - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(
        IMAGENET_STD
    )[:, None, None]
    torch.testing.assert_close(model(torch.full((1, 3, 64, 64), 0.5)), network(fed)["out"])


@pytest.mark.parametrize(
    "stored",
    [
        {
            "checkpoint": {"model": {"state_dict": {"weight": torch.ones(2)}}},
            "optimizer": {"m": torch.ones(1)},
        },
        {"segmentor": {"weight": torch.ones(2)}, "optim_state": {"m": torch.ones(1)}},
        {"weights_of_mine": {"weight": torch.ones(2)}, "lr_schedulers": {"t": torch.ones(1)}},
    ],
)
def test_weights_are_found_beside_what_a_run_keeps_to_go_on(stored: object) -> None:
    assert list(named_tensors(stored, "w")) == ["weight"]


@pytest.mark.parametrize("kind", [torch.int8, torch.uint8, torch.int64, torch.bool])
def test_quantised_weights_are_no_weights(kind: torch.dtype) -> None:
    network = nn.Conv2d(3, 3, 1)
    stored = {name: value.to(kind) for name, value in network.state_dict().items()}
    with pytest.raises(InputError, match="must hold real numbers"):
        fit_weights(network, stored, "w.pt")
    fit_weights(network, {name: value.bfloat16() for name, value in network.state_dict().items()}, "w.pt")


class Answers(nn.Module):
    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, images: Tensor) -> Any:
        return self.answer(images)


@pytest.mark.parametrize(
    "answer",
    [
        lambda images: images.argmax(dim=1),
        lambda images: images.argmax(dim=1, keepdim=True),
        lambda images: 2 * images.argmax(dim=1),  # beyond [0, 1] these were taken for logits
        lambda images: images > 0.5,
        lambda images: (images.mean(dim=1) > 0.5).byte(),
    ],
)
@pytest.mark.parametrize("classes", [2, 3])
def test_class_numbers_are_no_scores(answer: Any, classes: int) -> None:
    for meaning in (None, "logit", "probability"):
        network = PreparedNetwork(Answers(answer), classes=classes, one_channel=meaning)
        with pytest.raises(InputError, match="no scores: it must return what the largest of is taken"):
            network(torch.rand(2, 3, 8, 8))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_a_network_in_another_precision_is_told_what_helps(kind: torch.dtype) -> None:
    network = PreparedNetwork(nn.Conv2d(3, 2, 1).to(kind), classes=2)
    with pytest.raises(InputError, match=rf"it holds weights of {kind}: call float\(\) on it"):
        network(torch.rand(1, 3, 8, 8))


def test_modules_and_networks_that_leave_the_program_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trains.py").write_text(
        "import argparse, sys\nparser = argparse.ArgumentParser()\nparser.add_argument('--data', required=True)\n"
        "sys.argv = ['trains.py']\nparser.parse_args()\n"
    )
    (tmp_path / "leaves.py").write_text("import sys\ndef build():\n    sys.exit('no driver')\n")
    before = sys.argv
    try:
        with pytest.raises(InputError, match="trains cannot be imported"):
            find_function("trains:build", tmp_path)
    finally:
        sys.argv = before
    with pytest.raises(InputError, match="SystemExit: no driver"):
        load_described(Description(NAMES, network="leaves:build", folder=str(tmp_path)))

    def leave(images: Tensor) -> Tensor:
        raise SystemExit(3)

    with pytest.raises(InputError, match="the network cannot take a batch"):
        PreparedNetwork(Answers(leave), classes=2)(torch.rand(1, 3, 8, 8))


def test_several_threads_find_a_module_that_is_slow_to_run(tmp_path: Path) -> None:
    """A worker with several threads took the beginning of a module for all of it."""
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(0.3)\ndef build():\n    return 1\n")
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda _: find_function("slow:build", tmp_path)(), range(3)))
    assert found == [1, 1, 1]
