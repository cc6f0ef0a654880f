"""LevelDenoiser: noisy pictures and the noise level of every pixel in, clean pictures out.

One network serves every level and every pattern of levels, because the level of each pixel is a further input (FFDNet:
Zhang, Zuo, Zhang 2018). What the network computes is put between two fixed affine maps that depend on the level (Karras
et al. 2022, table 1): its input has unit variance whatever the level, its output has unit variance to be learned, and
at level 0 the picture passes through unchanged. How much of the noisy pixel is kept is learned as well: from its
neighbours alone a pixel is often told better than with it, and a network that could only add would have to carry the
noise of every pixel through all its layers to take it away again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE = 16
"""The network works on multiples of this many pixels; other sizes are padded and cropped back."""
MIDDLE, SPREAD = 0.45, 0.25
"""Rough mean and standard deviation of photographs in [0, 1]."""
_AS_GOOD_AS_BLANK = 1e6  # a level whose code is 1 in float32; keeps squares finite


@dataclass(frozen=True)
class LevelDenoiserConfig:
    """Sizes of a LevelDenoiser: channels and residual blocks (each way) at 1/2, 1/4, 1/8 and 1/16 of the resolution."""

    widths: tuple[int, int, int, int] = (24, 48, 96, 96)
    blocks: tuple[int, int, int, int] = (1, 1, 1, 1)


class PlainBlock(nn.Module):
    """Two 3x3 convolutions around an identity path, without normalisation: brightness must come through."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.relu_(self.first(x)))


class LevelDenoiser(nn.Module):
    """Denoise pictures whose noise level is known pixel by pixel.

    Levels are standard deviations of zero-mean noise, independent from pixel to pixel; the kind of noise is not told.
    """

    def __init__(self, config: LevelDenoiserConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or LevelDenoiserConfig()
        widths, blocks = config.widths, config.blocks
        # 2x2 pixels of three colours and of the level's code become 16 channels
        self.stem = nn.Conv2d(16, widths[0], 3, padding=1)
        self.encoders = nn.ModuleList(
            _stage(width, count) for width, count in zip(widths, blocks, strict=True)
        )
        self.decoders = nn.ModuleList(
            _stage(width, count) for width, count in zip(widths[:-1], blocks[:-1], strict=True)
        )
        steps = list(pairwise(widths))
        self.downs = nn.ModuleList(nn.Conv2d(fine, coarse, 2, stride=2) for fine, coarse in steps)
        self.ups = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in steps)
        # Back to 2x2 pixels: three colours, and what is kept of the noisy pixel
        self.head = nn.Conv2d(widths[0], 16, 3, padding=1)

    def forward(self, noisy: Tensor, levels: Tensor) -> Tensor:
        """The clean pictures, as well as they can be told.

        Args:
            noisy: (B, 3, H, W) float, any values: pictures in [0, 1] with noise that is not clamped.
            levels: standard deviation of every pixel's noise, at least 0, of a shape that broadcasts to (B, 1, H, W);
                `inf` where nothing is left of the picture and `noisy` is 0.

        Returns:
            (B, 3, H, W), near [0, 1] and not clamped. Where the level is 0, `noisy` itself.
        """
        code, variance = preconditioning(levels)
        height, width = noisy.shape[-2:]
        centred = noisy - MIDDLE
        told = (4 * code - 2).expand(len(noisy), 1, height, width)
        entered = torch.cat([centred / (variance + SPREAD**2).sqrt(), told], dim=1)
        learned = self._body(_padded(entered))[..., :height, :width]
        weight = code.sqrt()
        kept = (1 - code) * (1 - weight * learned[:, 3:])
        return MIDDLE + centred * kept + learned[:, :3] * (SPREAD * weight)

    @property
    def reach(self) -> int:
        """How many pixels away, in rows or columns, an input may influence an output; more than can, never less.

        Every 3x3 convolution at 1/s of the resolution reaches s pixels farther, and a pixel shares the cell of the
        coarsest grid with others up to `STRIDE - 1` pixels away.
        """
        steps = [2 * 2**level for level in range(len(self.config.widths))]
        twice = sum(2 * step * count for step, count in zip(steps, self.config.blocks, strict=True))
        once = sum(2 * step * count for step, count in zip(steps[:-1], self.config.blocks[:-1], strict=True))
        return twice + once + 2 * steps[0] + STRIDE - 1

    def _body(self, x: Tensor) -> Tensor:
        x = F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)
        x = self.encoders[0](self.stem(x))
        skipped = []
        for down, encoder in zip(self.downs, self.encoders[1:], strict=True):
            skipped.append(x)
            x = encoder(F.relu(down(x)))
        for number in reversed(range(len(self.ups))):
            enlarged = F.interpolate(self.ups[number](x), scale_factor=2.0, mode="nearest")
            x = self.decoders[number](skipped[number] + enlarged)
        return F.pixel_shuffle(self.head(x), 2)


def preconditioning(levels: Tensor) -> tuple[Tensor, Tensor]:
    """What the level `t` of a pixel makes of it.

    Returns:
        The code `t^2 / (t^2 + SPREAD^2)` in [0, 1], which tells the network the level and weighs what it learned (the
        rest, `1 - code`, is the share of the noisy pixel in the best linear guess from that pixel alone, from which the
        network departs), and `t^2`.
    """
    variance = levels.clamp(max=_AS_GOOD_AS_BLANK).square()
    return variance / (variance + SPREAD**2), variance


def _stage(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(PlainBlock(width) for _ in range(count)))


def _padded(x: Tensor) -> Tensor:
    """Repeat the last row and column until both sides are multiples of the stride."""
    bottom, right = -x.shape[-2] % STRIDE, -x.shape[-1] % STRIDE
    return F.pad(x, (0, right, 0, bottom), mode="replicate") if bottom or right else x
