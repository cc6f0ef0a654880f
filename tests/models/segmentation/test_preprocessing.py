"""Clamping, normalising, padding, and what a network must return."""

import pytest
import torch
from torch import Tensor, nn

from lrscore.errors import InputError
from models.segmentation.preprocessing import IMAGENET_MEAN, IMAGENET_STD, PreparedNetwork


def test_noise_is_clamped_and_padding_is_cut_off() -> None:
    seen: list[Tensor] = []

    class Spy(nn.Module):
        def forward(self, images: Tensor) -> dict[str, Tensor]:
            seen.append(images)
            return {"out": images[:, :2], "aux": images}

    prepared = PreparedNetwork(Spy(), classes=2, mean=IMAGENET_MEAN, std=IMAGENET_STD, multiple=8)
    pictures = 3 * torch.randn(1, 3, 17, 24)
    scores = prepared(pictures)
    assert seen[0].shape == (1, 3, 24, 24)
    clean = pictures.clamp(0, 1)
    expected = (clean - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[
        :, None, None
    ]
    torch.testing.assert_close(scores, expected[:, :2])
    torch.testing.assert_close(seen[0][:, :, 17:], seen[0][:, :, 16:17].expand(-1, -1, 7, -1))
    with pytest.raises(InputError, match=r"scores of shape \(1, 3, 24, 24\), got \(1, 2, 24, 24\)"):
        PreparedNetwork(Spy(), classes=3, multiple=8)(pictures)
    with pytest.raises(InputError, match="std above 0"):
        PreparedNetwork(Spy(), classes=2, std=(1, 0, 1))
    with pytest.raises(InputError, match="multiple must be"):
        PreparedNetwork(Spy(), classes=2, multiple=0)
