"""One's own models: what is accepted, what is refused, and that nothing in a weights file ever runs."""

import json
import pickle
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lrscore import ImageSettings, certify_image
from lrscore.errors import InputError
from lrscore.provenance import digest_of_file
from models.segmentation.architectures import TRUST_VARIABLE, build_network
from models.segmentation.described import Description, load_described, load_own
from models.segmentation.registry import load_model
from models.weights import digest_of_network, read_weights

COLOURS = [[0, 0, 0], [1, 2, 3], [4, 5, 6]]


@pytest.fixture(autouse=True)
def networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of networks as a user would write it, importable as `my_networks`."""
    (tmp_path / "my_networks.py").write_text(
        "from torch import nn\n"
        "class Named(nn.Conv2d):\n"
        "    class_names = ('a', 'b', 'c')\n"
        "    palette = ((0, 0, 0), (1, 2, 3), (4, 5, 6))\n"
        "    multiple = 4\n"
        "def named():\n"
        "    return Named(3, 3, 1)\n"
        "def plain(classes=3):\n"
        "    return nn.Conv2d(3, classes, 1)\n"
        "def number():\n"
        "    return 7\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv(TRUST_VARIABLE, raising=False)
    sys.modules.pop("my_networks", None)


def describe(path: Path, **values: object) -> str:
    path.write_text(json.dumps(values))
    return str(path)


def test_a_function_that_knows_everything_is_a_model() -> None:
    model = load_model("my_networks:named")
    assert (model.name, model.class_names) == ("my_networks:named", ("a", "b", "c"))
    assert model.palette.tolist() == COLOURS
    assert model.digest == digest_of_network(model.network.network)  # type: ignore[union-attr]
    assert model(torch.rand(2, 3, 17, 21)).shape == (2, 3, 17, 21)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_a_description_and_weights_are_a_model(tmp_path: Path, suffix: str) -> None:
    network = nn.Conv2d(3, 3, 1)
    weights = tmp_path / f"weights{suffix}"
    if suffix == ".pt":
        torch.save(
            {"epoch": 3, "state_dict": {f"module.{k}": v for k, v in network.state_dict().items()}}, weights
        )
    else:
        save_file(network.state_dict(), weights)
    name = describe(
        tmp_path / "mine.json",
        network="my_networks:plain",
        weights=weights.name,
        class_names=["a", "b", "c"],
        palette=COLOURS,
        mean=[0.5, 0.5, 0.5],
        std=[0.2, 0.2, 0.2],
        multiple=8,
    )
    model = load_model(name)
    assert (model.name, model.digest) == ("mine", digest_of_file(weights))
    assert model.palette.tolist() == COLOURS
    pictures = torch.rand(2, 3, 17, 21)
    torch.testing.assert_close(model(pictures), network((pictures - 0.5) / 0.2))
    certificate = certify_image(
        model,
        pictures[0],
        ImageSettings(grid=(1, 1), samples=4, pilot_samples=2),
        generator=torch.Generator().manual_seed(0),
    )
    assert certificate.provenance["model_digest"] == digest_of_file(weights)
    assert certificate.class_names == ("a", "b", "c")


class Malicious:
    """Unpickling this creates a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.target,)


def test_a_checkpoint_that_runs_code_is_refused(tmp_path: Path) -> None:
    trace, checkpoint = tmp_path / "it-ran", tmp_path / "weights.pt"
    torch.save({"state_dict": {"weight": torch.zeros(1)}, "extra": Malicious(trace)}, checkpoint)
    torch.load(checkpoint, weights_only=False)
    assert trace.exists()  # the checkpoint is as bad as it should be
    trace.unlink()
    name = describe(
        tmp_path / "m.json", network="my_networks:plain", weights="weights.pt", class_names=["a", "b", "c"]
    )
    with pytest.raises(InputError, match=r"weights\.pt were refused: the file asks for more than tensors"):
        load_model(name)
    checkpoint.write_bytes(pickle.dumps(Malicious(trace)))
    with pytest.raises(InputError, match=r"weights\.pt (were refused|are no PyTorch checkpoint)"):
        load_model(name)
    checkpoint.rename(tmp_path / "weights.safetensors")
    with pytest.raises(InputError, match="must be a safetensors file"):
        read_weights(tmp_path / "weights.safetensors")
    assert not trace.exists()


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ({"weight": torch.zeros(3, 3, 1, 1)}, "1 tensors are missing and 0 superfluous, the first is bias"),
        (
            {"weight": torch.zeros(3, 3, 3, 3), "bias": torch.zeros(3)},
            r"tensor weight of w\.pt must have shape",
        ),
        ({"weight": 3}, "named tensors and nothing else, got weight"),
        ([1, 2], "must hold named tensors, got list"),
        ({}, "must hold named tensors, got dict"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, stored: object, text: str) -> None:
    torch.save(stored, tmp_path / "w.pt")
    description = Description(("a", "b", "c"), network="my_networks:plain", weights=str(tmp_path / "w.pt"))
    with pytest.raises(InputError, match=text):
        load_described(description)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("my_networks:plain", "must name its 2 to 255 classes"),
        ("my_networks:number", "must return a torch.nn.Module, got int"),
        ("my_networks:nothing", "module my_networks has no function nothing"),
        ("no_such_module:network", "module no_such_module cannot be imported"),
        (":network", "must be named like package.module:function"),
        ("torchvision:resnet50", "torchvision architecture must be one of deeplabv3"),
        ("nothing.json", r"nothing\.json does not exist"),
    ],
)
def test_names_that_lead_nowhere_are_answered(name: str, text: str) -> None:
    with pytest.raises(InputError, match=text):
        load_own(name)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "either a network or a program"),
        ({"network": "my_networks:named", "program": "x.pt2"}, "either a network or a program"),
        ({"network": "my_networks:named", "colour": 3}, "may have the keys arguments, .*class_names"),
        ({"network": "my_networks:named", "palette": [[1, 2, 3]]}, "palette must hold 3 RGB colours"),
        ({"network": "my_networks:named", "class_names": "abc"}, "class_names must be a list of names"),
        ({"network": "my_networks:named", "mean": [1, 2]}, "mean must be three numbers"),
        ({"network": "my_networks:named", "multiple": 0.5}, "multiple must be a whole number"),
        ({"network": 3}, "network must be a text"),
        (
            {"network": "smp:unet:nothing", "class_names": ["a", "b"], "weights": "w"},
            "no network smp:unet:nothing",
        ),
    ],
)
def test_descriptions_that_make_no_sense_are_refused(
    tmp_path: Path, values: dict[str, object], text: str
) -> None:
    with pytest.raises(InputError, match=text):
        load_own(describe(tmp_path / "m.json", **values))
    (tmp_path / "m.json").write_text("{")
    with pytest.raises(InputError, match="must be JSON"):
        load_own(str(tmp_path / "m.json"))


def test_the_documented_description_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "models_and_data.md").read_text()
    (tmp_path / "documented.json").write_text(text.split("```json")[1].split("```")[0])
    description = Description.read(tmp_path / "documented.json")
    network = build_network(str(description.network), len(description.class_names))
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(weights, tmp_path / "unet_camvid.safetensors")
    model = load_own(str(tmp_path / "documented.json"))
    assert model(torch.rand(1, 3, 20, 20)).shape == (1, 3, 20, 20)
