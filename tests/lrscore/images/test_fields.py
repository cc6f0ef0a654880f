"""Measured receptive fields against those that follow from the layers, and models made of measured networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lrscore import ImageSettings, certify_image
from lrscore.errors import InputError
from lrscore.images.fields import measured_field, view_model
from lrscore.images.views import ViewsModel, fitting_views
from tests.lrscore.linear import seeded


def network(*layers: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*layers).eval()


class Half(nn.Module):
    """Halved by a convolution, enlarged again to the picture's size."""

    def __init__(self, kernel: int, mode: str) -> None:
        super().__init__()
        self.down = nn.Conv2d(3, 4, kernel, stride=2, padding=kernel // 2)
        self.mode = mode

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return F.interpolate(F.relu(self.down(batch)), size=batch.shape[2:], mode=self.mode)


class Mean(nn.Module):
    """Adds the mean over the picture."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return batch + batch.mean(dim=(2, 3), keepdim=True)


def conv(kernel: int, dilation: int = 1, mode: str = "zeros", channels: int = 3) -> nn.Conv2d:
    padding = dilation * (kernel // 2)
    return nn.Conv2d(channels, 3, kernel, padding=padding, dilation=dilation, padding_mode=mode)


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ([conv(1)], 0),
        ([conv(3), nn.ReLU(), conv(5)], 1 + 2),
        ([conv(3, dilation=4), nn.BatchNorm2d(3), nn.ReLU()], 4),
        ([conv(3, mode="reflect"), conv(3, mode="replicate")], 2),
        ([nn.MaxPool2d(3, stride=1, padding=1), conv(3)], 2),
        ([conv(9, dilation=7)], 28),
        # Rows 2k - 1 to 2k + 1 make row k of the half; rows 2k and 2k + 1 read it
        ([Half(3, "nearest")], 2),
        ([nn.AvgPool2d(2), nn.Upsample(scale_factor=2)], 1),
    ],
)
def test_fields_of_layers(layers: list[nn.Module], field: int) -> None:
    sizes = None if not any(isinstance(layer, nn.AvgPool2d) for layer in layers) else [(48, 64)]
    assert measured_field(network(*layers), sizes=sizes) == field


def test_influences_that_cancel_or_are_weighed_by_zero_count() -> None:
    blind = network(conv(5))
    with torch.no_grad():
        blind[0].weight.zero_()  # type: ignore[union-attr]
    assert measured_field(blind, sizes=[(20, 20)]) == 2
    dead = network(conv(3), nn.ReLU(), conv(3))
    with torch.no_grad():
        dead[0].bias.fill_(-100.0)  # type: ignore[union-attr,operator]
    assert measured_field(dead, sizes=[(20, 20)]) == 2


@pytest.mark.parametrize(
    "layer", [Mean(), nn.InstanceNorm2d(3), nn.GroupNorm(1, 3), conv(3, mode="circular")]
)
def test_operations_over_the_whole_picture_have_no_bound(layer: nn.Module) -> None:
    assert measured_field(network(conv(1), layer)) is None
    with pytest.raises(InputError, match="reads the whole picture"):
        view_model(network(layer))
    with pytest.raises(InputError, match="network 1 reads the whole picture"):
        view_model(network(layer), network(conv(1)))


def test_a_model_of_measured_networks_is_certified_in_narrow_windows() -> None:
    model = view_model(network(conv(3), nn.ReLU(), conv(3)), network(conv(3), Mean()), class_names="abc")
    assert isinstance(model, ViewsModel)
    assert model.receptive_fields == (2, None)
    image = torch.rand((3, 24, 32), generator=seeded())
    settings = ImageSettings(grid=(6, 8), views=((0, 0.1), (None, 0.4)), samples=200, pilot_samples=20)
    with pytest.raises(InputError, match="sees 1 cells"):
        certify_image(model, image, settings, generator=seeded())
    views = fitting_views(model, settings.regions(24, 32), [0.1, 0.4])
    assert [view.window for view in views] == [1, None]
    fitted = ImageSettings(grid=(6, 8), views=views, samples=200, pilot_samples=20)
    certificate = certify_image(model, image, fitted, generator=seeded())
    assert certificate.class_names == ("a", "b", "c")
    assert torch.equal(model(image[None]), model.views([image[None]] * 2, [0.0, 0.0]))
    assert np.isfinite(certificate.weights).all()


class Uneven(nn.Module):
    """Looks farther on pictures of odd height."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        wide = 5 if batch.shape[2] % 2 else 3
        return F.avg_pool2d(batch, wide, stride=1, padding=wide // 2)


def test_a_size_at_which_the_network_looks_farther_is_refused() -> None:
    model = view_model(Uneven().eval(), sizes=[(20, 20)])
    assert model.receptive_fields == (1,)
    model(torch.zeros(1, 3, 24, 20))
    with pytest.raises(InputError, match=r"25x20 pixels a network reads 2 pixels .* not 1"):
        model(torch.zeros(1, 3, 25, 20))
    assert view_model(Uneven().eval()).receptive_fields == (2,)


def test_networks_that_change_the_size_are_refused() -> None:
    with pytest.raises(InputError, match="must keep the size"):
        measured_field(network(nn.Conv2d(3, 3, 3)))
    with pytest.raises(InputError, match="got none"):
        view_model()
