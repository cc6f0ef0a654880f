"""A model from the page: tensors and a name of a known network; whatever could run or reach for more is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from torchvision.models.segmentation import lraspp_mobilenet_v3_large

from lrscore import ImageSettings
from lrscore.errors import InputError
from ui.images.models import model_to_load, offered
from ui.images.own_model import MOST_JSON, checked_description, keep_model, uploaded_models
from ui.running.machine import ModelShelf

NETWORK = "torchvision:lraspp_mobilenet_v3_large"


@pytest.fixture(scope="module")
def weights() -> bytes:
    torch.manual_seed(0)
    return save(
        dict(lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=2).state_dict())
    )


def described(**values: object) -> bytes:
    return json.dumps({"network": NETWORK, "class_names": ["road", "rest"], **values}).encode()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LRS_LIBRARY", str(tmp_path))
    monkeypatch.setattr("ui.images.own_model.runs_folder", lambda: tmp_path / "owner")
    return tmp_path


def test_weights_that_fit_become_a_choice_and_a_run_loads_them(library: Path, weights: bytes):
    name = keep_model(described(name="../../my model"), weights)
    assert name == "mine:my-model"
    [path] = uploaded_models().values()
    assert Path(path).is_relative_to(library), "a name leads nowhere else"
    assert offered()[name] == path
    assert model_to_load(name, ImageSettings()) == path
    from models import load_model

    model = load_model(path)
    assert model.class_names == ("road", "rest")
    assert model(torch.rand(1, 3, 48, 64)).shape == (1, 2, 48, 64)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (described(network="os:system"), "no code is run"),
        (described(network="models.segmentation.unet:make"), "no code is run"),
        (described(network=None), "no code is run"),
        (described(program="x.pt"), "must not name program"),
        (described(folder="/"), "must not name folder"),
        (described(weights="/etc/passwd"), "must not name weights"),
        (described(arguments={"encoder_weights": "imagenet"}), "name no weights"),
        (described(arguments={"a": {"b": 1}}), "numbers, texts or switches"),
        (b"[1]", "one object"),
        (b"{", "must be JSON"),
        (b"[" * 50_000, "must be JSON"),
        (b"\xff\xfe", "must be JSON"),
        (b" " * (MOST_JSON + 1), "at most 64 KB"),
    ],
)
def test_what_is_more_than_data_is_refused_in_a_sentence(content: bytes, words: str):
    with pytest.raises(InputError, match=words):
        checked_description(content)


def test_a_byte_order_mark_is_passed_over_as_on_the_command_line():
    assert checked_description(b"\xef\xbb\xbf" + described()) == checked_description(described())


def test_weights_of_another_network_or_no_weights_leave_nothing_behind(library: Path, weights: bytes):
    for wrong in (b"no safetensors", save({"a": torch.zeros(2)})):
        with pytest.raises(InputError):
            keep_model(described(name="kept"), wrong)
    with pytest.raises(InputError):
        keep_model(described(class_names=["a", "b", "c"]), weights)
    assert uploaded_models() == {}
    assert list(library.rglob("*.safetensors")) == []


def test_a_model_that_is_brought_again_is_loaded_again(library: Path, weights: bytes):
    """Under the same name: a run with the weights before would be taken for one with those that were brought."""
    shelf = ModelShelf()
    name = keep_model(described(), weights)
    path = uploaded_models()[name]
    first = shelf.get(path, "cpu")
    assert shelf.get(path, "cpu") is first
    torch.manual_seed(1)
    other = lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=2)
    assert keep_model(described(), save(dict(other.state_dict()))) == name
    second = shelf.get(path, "cpu")
    assert second.digest != first.digest
    assert shelf.get(f"{path}+bfloat16", "cpu").digest.startswith(second.digest)
