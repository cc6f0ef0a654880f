"""Networks of torchvision and segmentation-models-pytorch with local weights, and programs that need trust."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from lrscore.errors import InputError
from lrscore.provenance import digest_of_file
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.segmentation.architectures import TRUST_VARIABLE, build_network
from models.segmentation.described import Description, load_described, load_own
from models.segmentation.preprocessing import IMAGENET_MEAN, IMAGENET_STD


def programs(folder: Path) -> tuple[Path, Path]:
    network = nn.Conv2d(3, 2, 1).eval()
    scripted, exported = folder / "net.ts", folder / "net.pt2"
    torch.jit.trace(network, torch.rand(1, 3, 16, 16)).save(str(scripted))
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(network, (torch.rand(2, 3, 16, 16),), dynamic_shapes=({0: batch},))
    torch.export.save(program, exported)
    return scripted, exported


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_programs_run_only_where_they_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TRUST_VARIABLE, raising=False)
    for path in programs(tmp_path):
        description = Description(("a", "b"), program=str(path))
        with pytest.raises(InputError, match="refused: a program can run code; set LRS_TRUST_PROGRAMS=1"):
            load_described(description)
        with monkeypatch.context() as trusting:
            trusting.setenv(TRUST_VARIABLE, "1")
            model = load_described(description)
            assert model(torch.rand(3, 3, 16, 16)).shape == (3, 2, 16, 16)
            assert model.digest == digest_of_file(path)
            with pytest.raises(InputError, match="carries its weights"):
                load_described(replace(description, weights=str(path)))
    monkeypatch.setenv(TRUST_VARIABLE, "1")
    for suffix in (".ts", ".pt2"):
        (tmp_path / f"bad{suffix}").write_text("no program")
        with pytest.raises(InputError, match="no TorchScript or exported program"):
            load_described(Description(("a", "b"), program=str(tmp_path / f"bad{suffix}")))


@pytest.mark.parametrize(
    "architecture", ["lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large", "fcn_resnet50"]
)
def test_torchvision_networks_take_a_local_state_dict(tmp_path: Path, architecture: str) -> None:
    """As published: with the auxiliary head, where the architecture has one."""
    from torchvision.models import get_model

    options = {} if architecture.startswith("lraspp") else {"aux_loss": True}
    torch.manual_seed(0)
    network = get_model(architecture, weights=None, weights_backbone=None, **options).eval()
    save_file(network.state_dict(), tmp_path / "w.safetensors")
    model = load_own(f"torchvision:{architecture}", weights=tmp_path / "w.safetensors")
    assert (len(model.class_names), model.class_names[0], model.class_names[15]) == (
        21,
        "background",
        "person",
    )
    pictures = torch.rand(1, 3, 32, 40)
    normal = (pictures - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[
        :, None, None
    ]
    with torch.inference_mode():
        torch.testing.assert_close(model(pictures), network(normal)["out"], rtol=1e-4, atol=1e-4)


def test_published_weights_are_fetched_through_torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import get_model

    state = get_model("lraspp_mobilenet_v3_large", weights=None, weights_backbone=None).state_dict()
    asked: list[dict[str, object]] = []

    def fetch(url: str, **options: object) -> dict[str, Tensor]:
        asked.append(options)
        return state

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fetch)
    model = load_own("torchvision:lraspp_mobilenet_v3_large")
    assert asked == [{"progress": False, "check_hash": True, "weights_only": True}]
    assert len(model.digest) == 64

    def offline(url: str, **options: object) -> dict[str, Tensor]:
        raise OSError("no route to host")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", offline)
    with pytest.raises(InputError, match="could not be downloaded: no route to host"):
        load_own("torchvision:lraspp_mobilenet_v3_large")


@pytest.mark.parametrize("architecture", ["unet", "deeplabv3plus"])
def test_smp_networks_pad_to_32_and_take_weights(tmp_path: Path, architecture: str) -> None:
    spec = f"smp:{architecture}:resnet18"
    network = build_network(spec, len(CAMVID_CLASSES))
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / "w.safetensors")
    description = Description(CAMVID_CLASSES, network=spec, weights=str(tmp_path / "w.safetensors"))
    model = load_described(description)
    assert model(torch.rand(1, 3, 45, 60)).shape == (1, 11, 45, 60)
    np.testing.assert_array_equal(model.palette, CAMVID_PALETTE)
    with pytest.raises(InputError, match="has no weights of its own"):
        load_described(Description(CAMVID_CLASSES, network=spec))
    with pytest.raises(InputError, match="must name its 2 to 255 classes"):
        load_own(spec, weights=tmp_path / "w.safetensors")
