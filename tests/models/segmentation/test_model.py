"""The street network, its wrapper, checkpoints and registry."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES
from models.segmentation.checkpoint import load_checkpoint, save_checkpoint
from models.segmentation.model import SegmentationModel
from models.segmentation.registry import available_models, load_model
from models.segmentation.street_unet import StreetUNet, StreetUNetConfig

SMALL = StreetUNetConfig(widths=(4, 8, 8, 16), blocks=(1, 1), dilations=(1,))


@pytest.fixture(scope="module")
def model() -> SegmentationModel:
    return load_model()


def small_network() -> StreetUNet:
    torch.manual_seed(0)
    network = StreetUNet(SMALL)
    network(torch.rand(2, 3, 32, 32))  # running statistics other than the initial ones
    return network.eval()


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (45, 64), (100, 37), (180, 240)])
def test_scores_have_the_size_of_the_picture(model: SegmentationModel, size: tuple[int, int]) -> None:
    scores = model(torch.rand(2, 3, *size))
    assert scores.shape == (2, len(CAMVID_CLASSES), *size)
    assert torch.isfinite(scores).all()
    assert model.predict(torch.rand(1, 3, *size)).shape == (1, *size)


def test_values_outside_the_range_are_clamped_inside_the_model(model: SegmentationModel) -> None:
    noisy = 0.5 + torch.randn(2, 3, 48, 64, generator=torch.Generator().manual_seed(0))
    assert (noisy < 0).any()
    torch.testing.assert_close(model(noisy), model(noisy.clamp(0, 1)), rtol=0, atol=0)
    torch.testing.assert_close(model(noisy + 100), model(torch.ones_like(noisy)), rtol=0, atol=0)


def test_the_input_is_left_alone(model: SegmentationModel) -> None:
    noisy = torch.randn(1, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    before = noisy.clone()
    model(noisy)
    assert torch.equal(noisy, before)


def test_scores_repeat_and_training_mode_cannot_be_switched_on(model: SegmentationModel) -> None:
    noisy = torch.rand(3, 3, 48, 64)
    first = model(noisy)
    model.train()
    assert not any(module.training for module in model.modules())
    assert torch.equal(first, model(noisy))


def test_a_picture_is_scored_alike_alone_and_in_a_batch(model: SegmentationModel) -> None:
    noisy = torch.rand(4, 3, 48, 64)
    torch.testing.assert_close(model(noisy)[2:3], model(noisy[2:3]), rtol=1e-3, atol=1e-3)


def test_scores_are_differentiable_in_the_picture(model: SegmentationModel) -> None:
    noisy = torch.rand(1, 3, 32, 32, requires_grad=True)
    model(noisy).square().mean().backward()
    assert noisy.grad is not None
    assert noisy.grad.abs().sum() > 0


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 1, 32, 32), (1, 3, 15, 32)])
def test_other_shapes_are_refused(model: SegmentationModel, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="images must be"):
        model(torch.rand(shape))


def test_bytes_are_refused(model: SegmentationModel) -> None:
    with pytest.raises(InputError, match="float tensor"):
        model(torch.zeros(1, 3, 32, 32, dtype=torch.uint8))


def test_folding_the_normalisations_keeps_the_scores() -> None:
    network = small_network()
    pictures = torch.rand(2, 3, 40, 56)
    with torch.inference_mode():
        plain = network(pictures)
        folded = network.fuse()(pictures)
    torch.testing.assert_close(folded, plain, rtol=1e-4, atol=1e-5)
    assert not any("norm" in name for name in network.state_dict())


def test_moving_the_picture_by_the_stride_moves_the_prediction() -> None:
    """Convolutional all through: away from the borders nothing depends on the absolute place."""
    network = small_network().fuse()
    wide = torch.rand(1, 3, 64, 288)
    left, right = network(wide[..., :272]), network(wide[..., 16:])
    torch.testing.assert_close(left[..., 128:144], right[..., 112:128], rtol=1e-4, atol=1e-5)


def test_the_bundled_checkpoint_is_small_and_has_a_card(model: SegmentationModel) -> None:
    entry = available_models()[0]
    assert entry.weights.stat().st_size < 10_000_000
    assert entry.card.is_file()
    assert model.class_names == CAMVID_CLASSES
    assert model.palette.shape == (len(CAMVID_CLASSES), 3)
    assert len(model.digest) == 64
    assert load_checkpoint(entry.weights).training.startswith("python -m models.train")
    assert 1_000_000 <= model.parameter_count <= 2_500_000


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"model must be one of: street-unet, .*; got 'resnet'"):
        load_model("resnet")


def test_a_checkpoint_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    network, path = small_network(), tmp_path / "small.safetensors"
    save_checkpoint(network, path, training="by hand")
    stored = load_checkpoint(path)
    assert (stored.training, stored.class_names) == ("by hand", CAMVID_CLASSES)
    pictures = torch.rand(1, 3, 32, 32)
    assert torch.equal(stored.network(pictures), network(pictures))
    assert [file.name for file in tmp_path.iterdir()] == ["small.safetensors"]


def test_files_that_are_no_checkpoint_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    with pytest.raises(InputError, match=r"weights\.safetensors does not exist"):
        load_model(weights=path)
    path.write_text("these are no weights")
    with pytest.raises(InputError, match="must be a safetensors file"):
        load_model(weights=path)
    save_file({"weight": torch.zeros(1)}, path)
    with pytest.raises(
        InputError, match="must hold a StreetUNet, TwoViewUNet or StreetViews, its header names none"
    ):
        load_model(weights=path)


def header(**changes: str) -> dict[str, str]:
    config = {"classes": 11, "widths": SMALL.widths, "blocks": SMALL.blocks, "dilations": SMALL.dilations}
    return {
        "architecture": "StreetUNet",
        "config": json.dumps(config),
        "class_names": json.dumps(CAMVID_CLASSES),
        **changes,
    }


VAST = '{"widths": [4096, 4096, 4096, 4096], "blocks": [1, 1], "dilations": [1]}'


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"config": "{"}, "unreadable header"),
        ({"config": '{"depth": 3}'}, "unreadable header"),
        ({"config": "[" * 100_000}, "unreadable header"),
        ({"config": '{"widths": [4, 8, 8]}'}, "unreadable header"),
        ({"config": '{"widths": 4}'}, "unreadable header"),
        ({"config": '{"widths": [4, 8, 8, "16"]}'}, "unreadable header"),
        ({"config": '{"widths": [4, 8, 8, 1e99]}'}, "unreadable header"),
        ({"config": VAST}, "must have shape"),  # and nothing of that size is allocated
        ({"config": '{"widths": [90000, 90000, 90000, 90000]}'}, "unreadable header"),
        ({"config": '{"blocks": [1, 1000000000]}'}, "unreadable header"),
        ({"config": '{"dilations": [1, -1]}'}, "unreadable header"),
        (
            {"architecture": "TwoViewUNet", "config": '{"tile": {"widths": [true, 8, 8, 8]}}'},
            "unreadable header",
        ),
        ({"architecture": "TwoViewUNet", "config": '{"tile": 3}'}, "unreadable header"),
        ({"architecture": "StreetViews", "config": '{"sharp_blocks": 1000000000}'}, "unreadable header"),
        ({"architecture": "StreetViews", "config": '{"sharp_blocks": 2}'}, "tensors are missing"),
        ({"class_names": '["sky"]'}, "must name 11 classes, its header names 1"),
    ],
)
def test_headers_of_another_kind_are_refused(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(small_network().state_dict(), path, header(**changes))
    with pytest.raises(InputError, match=message):
        load_model(weights=path)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_checkpoint(small_network(), path, training="by hand")
    tensors = load_file(path)
    save_file({**tensors, "head.bias": torch.zeros(7)}, path, header())
    with pytest.raises(InputError, match=r"head\.bias .* must have shape \(44,\), got \(7,\)"):
        load_model(weights=path)
    del tensors["head.bias"]
    save_file(tensors, path, header())
    with pytest.raises(InputError, match=r"1 tensors are missing and 0 superfluous, the first is head\.bias"):
        load_model(weights=path)
