"""TwoViewUNet: every tile of a picture from a view of its own, with a rough second view of the whole picture.

Localized smoothing wants an output that depends much on its own cell and little on all others. This network is
built that way: the scores of a tile come from the *near* view inside that tile (a `StreetUNet` on the tile, cut out
before the first convolution) and from the *far* view of the whole picture, which is averaged over 4x4 pixels at once
and may therefore be very noisy. Nothing else is read, so that under independent noise on both views the smoothing
distribution of a tile has the noise levels of `lrscore.images.views`, and one pair of noisy views serves all tiles.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lrscore.images.regions import GridRegions
from models.segmentation.street_unet import (
    MEAN,
    SPREAD,
    STRIDE,
    ConvNorm,
    Fusable,
    Merge,
    ResidualBlock,
    StreetUNet,
    StreetUNetConfig,
    pad_to_stride,
    with_coordinates,
)

_POOL = 4  # pixels that the far view is averaged over, in each direction
_CONTEXT_STRIDE = 8
DEFAULT_TILES = (3, 5)


@dataclass(frozen=True)
class TwoViewConfig:
    """Sizes: of the network on tiles, and the context's channels at 1/4, 1/8 and 1/16."""

    tile: StreetUNetConfig = field(default_factory=StreetUNetConfig)
    context: tuple[int, int, int] = (32, 64, 128)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.tile.classes


class Context(nn.Module):
    """The far view (B, 3, H, W) and its coordinates to features at 1/8 of the resolution."""

    def __init__(self, widths: tuple[int, int, int], outputs: int) -> None:
        super().__init__()
        quarter, eighth, sixteenth = widths
        self.stem = ConvNorm(5, quarter)
        self.down8 = ConvNorm(quarter, eighth, stride=2)
        self.stage8 = ResidualBlock(eighth)
        self.down16 = ConvNorm(eighth, sixteenth, stride=2)
        self.stage16 = nn.Sequential(*(ResidualBlock(sixteenth, dilation=d) for d in (1, 2)))
        self.merge8 = Merge(sixteenth, eighth)
        self.inject = nn.Conv2d(eighth, outputs, kernel_size=1)

    def forward(self, far: Tensor) -> Tensor:
        # Not clamped before it is averaged: the mean of clamped noise is biased, the mean of noise is not.
        rough = (F.avg_pool2d(pad_to_stride(far), _POOL).clamp(-1.0, 2.0) - MEAN) / SPREAD
        x = F.relu_(self.stem(with_coordinates(rough)))
        x8 = self.stage8(F.relu_(self.down8(x)))
        x16 = self.stage16(F.relu_(self.down16(x8)))
        return self.inject(self.merge8(x16, x8))


class TwoViewUNet(Fusable):
    """Two noisy views to class scores, tile by tile.

    `two_views(near, far, regions)` is the network; called with one batch of images it reads both views from it, on
    the default tiles.
    """

    def __init__(self, config: TwoViewConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or TwoViewConfig()
        self.tile = StreetUNet(config.tile)
        self.context = Context(config.context, config.tile.widths[2])

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        return self.two_views(images, images, GridRegions(height, width, *DEFAULT_TILES))

    def two_views(self, near: Tensor, far: Tensor, regions: GridRegions) -> Tensor:
        """Scores (B, classes, H, W); those of a cell depend on `near` inside that cell and on `far` everywhere.

        Args:
            near, far: (B, 3, H, W) float, values in any range.
            regions: the tiles.
        """
        cut = _Tiling(regions, near.device)
        batch, height, width = len(near), cut.height, cut.width
        context = cut.sample(self.context(far))
        scores = self.tile.half_scores(cut.tiles(near), context)
        scores = F.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)
        scores = scores.view(batch, regions.rows, regions.cols, -1, height, width)
        rows = []
        for row in range(regions.rows):
            cells = []
            for col in range(regions.cols):
                down, across = regions.slices(row * regions.cols + col)
                cells.append(scores[:, row, col, :, : down.stop - down.start, : across.stop - across.start])
            rows.append(torch.cat(cells, dim=3))
        return torch.cat(rows, dim=2)


class _Tiling:
    """Cuts a batch into equally large tiles, each padded by repeating its own last row and column."""

    def __init__(self, regions: GridRegions, device: torch.device) -> None:
        self.regions = regions
        spans = [regions.slices(cell) for cell in range(regions.count)]
        down = [spans[row * regions.cols][0] for row in range(regions.rows)]
        across = [spans[col][1] for col in range(regions.cols)]
        self.height, self.width = _longest(down), _longest(across)
        self._down, self._across = _places(down, self.height), _places(across, self.width)
        self._device = device

    def tiles(self, images: Tensor) -> Tensor:
        """(B, C, H, W) to (B * tiles, C, height, width)."""
        down, across = self._down.to(self._device), self._across.to(self._device)
        cut = images.index_select(2, down.ravel()).index_select(3, across.ravel())
        return self._apart(cut, self.height, self.width).contiguous(memory_format=torch.channels_last)

    def sample(self, features: Tensor) -> Tensor:
        """Whole-picture features (B, C, h, w) at 1/8, interpolated at the places of each tile's own 1/8 grid."""
        down = _interpolation(self.regions.height, self._down[:, 0], self.height, features.shape[2])
        across = _interpolation(self.regions.width, self._across[:, 0], self.width, features.shape[3])
        sampled = down.to(features) @ features @ across.to(features).T
        height, width = self.height // _CONTEXT_STRIDE, self.width // _CONTEXT_STRIDE
        return self._apart(sampled, height, width).contiguous(memory_format=torch.channels_last)

    def _apart(self, cut: Tensor, height: int, width: int) -> Tensor:
        batch, channels = cut.shape[:2]
        parted = cut.view(batch, channels, self.regions.rows, height, self.regions.cols, width)
        return parted.permute(0, 2, 4, 1, 3, 5).reshape(-1, channels, height, width)


def _longest(spans: list[slice]) -> int:
    """Length that all tiles are padded to."""
    longest = max(span.stop - span.start for span in spans)
    return longest + -longest % STRIDE


def _places(spans: list[slice], length: int) -> Tensor:
    """(tiles, length) which pixel stands where; never one of another tile."""
    steps = torch.arange(length)
    return torch.stack([(span.start + steps).clamp(max=span.stop - 1) for span in spans])


def _interpolation(side: int, starts: Tensor, length: int, features: int) -> Tensor:
    """(tiles * length / 8, features) weights of linear interpolation between feature centers."""
    own = (torch.arange(length // _CONTEXT_STRIDE) + 0.5) * _CONTEXT_STRIDE
    places = ((starts[:, None] + own).clamp(max=side) / _CONTEXT_STRIDE - 0.5).clamp(0, features - 1).ravel()
    distance = (places[:, None] - torch.arange(features)).abs()
    return (1 - distance).clamp(min=0)
