"""StreetUNet: a compact U-Net for noisy street scenes, sized for thousands of passes on two CPU cores.

Design, in the order of what it buys:

- Plain 3x3 convolutions in channels-last layout: on CPUs they run several times faster per multiplication than
  depthwise ones. Most of the work sits at 1/8 and 1/16 of the resolution, where noise has averaged out.
- The head predicts at 1/4 with four sub-pixels a position (a pixel shuffle to 1/2) and enlarges bilinearly, so
  that thin poles and signs survive without any convolution at full resolution.
- No global pooling: context comes from dilated convolutions at 1/16, so that what is far away matters less
  than what is near ("softly local", docs/theory.md, 1.2), which localized smoothing rewards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

STRIDE = 16
"""The network works on multiples of this many pixels; other sizes are padded and cropped back."""

MEAN, SPREAD = 0.4, 0.3  # rough mean and standard deviation of street photographs in [0, 1]


@dataclass(frozen=True)
class StreetUNetConfig:
    """Sizes of a StreetUNet: channels at 1/2, 1/4, 1/8 and 1/16, and the dilations of the blocks at 1/16."""

    classes: int = 11
    widths: tuple[int, int, int, int] = (24, 48, 96, 192)
    blocks: tuple[int, int] = (1, 2)
    dilations: tuple[int, ...] = (1, 2)


class ConvNorm(nn.Module):
    """3x3 (or 1x1) convolution and batch normalisation; `fuse` turns the pair into one convolution."""

    def __init__(
        self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        padding = dilation * (kernel // 2)
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))

    def fuse(self) -> None:
        """Fold the normalisation into the convolution (evaluation mode only; changes scores by rounding)."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around an identity path."""

    def __init__(self, channels: int, *, dilation: int = 1) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels, dilation=dilation)
        self.second = ConvNorm(channels, channels, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu_(self.second(F.relu_(self.first(x))) + x)


class Merge(nn.Module):
    """Decoder step: narrow the coarse map, enlarge it twofold, add it to the finer one, and mix by a 3x3."""

    def __init__(self, coarse: int, fine: int) -> None:
        super().__init__()
        self.narrow = ConvNorm(coarse, fine, kernel=1)
        self.mix = ConvNorm(fine, fine)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        enlarged = F.interpolate(self.narrow(coarse), scale_factor=2.0, mode="bilinear", align_corners=False)
        return F.relu_(self.mix(F.relu_(enlarged + fine)))


class Fusable(nn.Module):
    """A network of `ConvNorm` that can be made faster for good."""

    def fuse(self) -> Self:
        """Switch to evaluation for good: normalisations folded, gradients to weights off, channels-last."""
        self.eval().requires_grad_(False)
        for module in self.modules():
            if isinstance(module, ConvNorm):
                module.fuse()
        return self.channels_last()

    def channels_last(self) -> Self:
        """Store the weights in the layout that CPU convolutions are fastest in; scores stay the same."""
        return self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class StreetUNet(Fusable):
    """Noisy images to class scores.

    Input (B, 3, H, W) float, values in any range: clamped to [0, 1] and normalised here. Output
    (B, classes, H, W) scores (logits). H and W are any size of at least 16.
    """

    def __init__(self, config: StreetUNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or StreetUNetConfig()
        half, quarter, eighth, sixteenth = config.widths
        self.stem = ConvNorm(3, half, stride=2)
        self.down4 = ConvNorm(half, quarter, stride=2)
        self.stage4 = nn.Sequential(*(ResidualBlock(quarter) for _ in range(config.blocks[0])))
        self.down8 = ConvNorm(quarter, eighth, stride=2)
        self.stage8 = nn.Sequential(*(ResidualBlock(eighth) for _ in range(config.blocks[1])))
        self.down16 = ConvNorm(eighth, sixteenth, stride=2)
        self.stage16 = nn.Sequential(*(ResidualBlock(sixteenth, dilation=d) for d in config.dilations))
        self.merge8 = Merge(sixteenth, eighth)
        self.merge4 = Merge(eighth, quarter)
        self.head = nn.Conv2d(quarter, 4 * config.classes, kernel_size=1)

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        scores = self.half_scores(images)  # (B, classes, ceil16(H) / 2, ceil16(W) / 2)
        scores = F.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)
        return scores[..., :height, :width]

    def half_scores(self, images: Tensor, context: Tensor | None = None) -> Tensor:
        """Scores at half the padded resolution, where training takes its loss.

        Args:
            context: (B, widths[2], H / 8, W / 8) features to add at 1/8 of the padded resolution.
        """
        x = (images.clamp(0.0, 1.0) - MEAN) / SPREAD
        x = pad_to_stride(x).contiguous(memory_format=torch.channels_last)
        x = F.relu_(self.stem(x))
        x4 = self.stage4(F.relu_(self.down4(x)))
        x8 = F.relu_(self.down8(x4))
        x8 = self.stage8(x8 if context is None else x8 + context)
        x16 = self.stage16(F.relu_(self.down16(x8)))
        x4 = self.merge4(self.merge8(x16, x8), x4)
        return F.pixel_shuffle(self.head(x4), 2)


def with_coordinates(x: Tensor) -> Tensor:
    """Features (B, C, h, w) with two channels more, channels-last: rows, then columns, from -1 to 1."""
    height, width = x.shape[-2:]
    down = torch.linspace(-1, 1, height, dtype=x.dtype, device=x.device).view(1, 1, -1, 1)
    across = torch.linspace(-1, 1, width, dtype=x.dtype, device=x.device).view(1, 1, 1, -1)
    shape = (len(x), 1, height, width)
    x = torch.cat([x, down.expand(shape), across.expand(shape)], dim=1)
    return x.contiguous(memory_format=torch.channels_last)


def pad_to_stride(x: Tensor) -> Tensor:
    """Repeat the last row and column until both sides are multiples of the stride."""
    bottom, right = -x.shape[-2] % STRIDE, -x.shape[-1] % STRIDE
    return F.pad(x, (0, right, 0, bottom), mode="replicate") if bottom or right else x


def street_unet(classes: int = 11) -> StreetUNet:
    """A fresh network for so many classes, as a description may name it."""
    return StreetUNet(StreetUNetConfig(classes=classes))
