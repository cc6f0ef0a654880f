"""StreetViews: a pyramid of noisy views, each averaged to its own resolution, merged from coarse to fine.

Localized smoothing pays where an output reads little of the picture well and the rest roughly (docs/theory.md, 2.5).
This network is a `StreetUNet` built that way: each part of it has a view of its own. The scores of a pixel read

- view 0 at full resolution within a few pixels: convolutions at 1/2 and 1/4;
- view 1, averaged over 4x4 pixels and enlarged again, within a larger window: convolutions down to 1/8;
- view 2, averaged over 8x8 pixels, everywhere: dilated convolutions at 1/16, and its coordinates.

At levels `s`, `4 s` and `8 s` every view carries noise of level `s` at its own resolution, so that context stays clean
while its weight in the certificate falls to 1/16 and 1/64. Windows are bounded by construction: whatever reads view 0
or 1 is a convolution, a mean of a block, or an enlargement, and `receptive_fields` adds them up. As layers and names
are those of a `StreetUNet`, training can start from one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.segmentation.reach import Step, averaging, blocks_of, convolution, enlarged, reach
from models.segmentation.street_unet import (
    MEAN,
    SPREAD,
    STRIDE,
    ConvNorm,
    Fusable,
    Merge,
    ResidualBlock,
    StreetUNet,
    pad_to_stride,
    with_coordinates,
)

POOLS = (1, 4, 8)
"""Pixels that each view is averaged over in each direction; also the ratio of the levels that suits the views."""
_HALF_KNOWN = 0.1  # level, at a view's own resolution, in the middle of the level input's range


@dataclass(frozen=True)
class StreetViewsConfig:
    """Sizes of a StreetViews; the first four as in `StreetUNetConfig`.

    Args:
        sharp_blocks: residual blocks at 1/4 after all views have met; each adds 8 pixels to every window.
    """

    classes: int = 11
    widths: tuple[int, int, int, int] = (24, 48, 96, 192)
    blocks: tuple[int, int] = (1, 2)
    dilations: tuple[int, ...] = (1, 2)
    sharp_blocks: int = 0


class _Fine(nn.Module):
    """One view at full resolution (B, 3, H, W) to features at 1/4."""

    def __init__(self, half: int, quarter: int, blocks: int) -> None:
        super().__init__()
        self.stem = ConvNorm(3, half, stride=2)
        self.down4 = ConvNorm(half, quarter, stride=2)
        self.told = _told_to(quarter)
        self.stage4 = nn.Sequential(*(ResidualBlock(quarter) for _ in range(blocks)))

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        x = self.down4(F.relu_(self.stem(x)))
        return self.stage4(F.relu_(x + _everywhere(self.told(known))))


class _Rough(nn.Module):
    """The last view, averaged to 1/8, and its coordinates to features there."""

    def __init__(self, eighth: int) -> None:
        super().__init__()
        self.stem = ConvNorm(5, eighth)
        self.told = _told_to(eighth)
        self.mix = ConvNorm(eighth, eighth)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        x = self.stem(with_coordinates(x))
        return F.relu_(self.mix(F.relu_(x + _everywhere(self.told(known)))))


class StreetViews(Fusable):
    """Noisy views to class scores; see the module.

    `views(copies, levels)` is the network. Called with one batch of pictures it reads every view from it, told that
    there is no noise.
    """

    pools = POOLS

    def __init__(self, config: StreetViewsConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or StreetViewsConfig()
        half, quarter, eighth, sixteenth = config.widths
        self.sharp = _Fine(half, quarter, config.blocks[0])
        self.middle = _Fine(half, quarter, 0)  # nothing fine is left in it
        self.far = _Rough(eighth)
        self.down8 = ConvNorm(quarter, eighth, stride=2)
        self.stage8 = nn.Sequential(*(ResidualBlock(eighth) for _ in range(config.blocks[1])))
        self.down16 = ConvNorm(eighth, sixteenth, stride=2)
        self.stage16 = nn.Sequential(*(ResidualBlock(sixteenth, dilation=d) for d in config.dilations))
        self.merge8 = Merge(sixteenth, eighth)
        self.merge4 = Merge(eighth, quarter)
        self.refine = nn.Sequential(*(_idle_block(quarter) for _ in range(config.sharp_blocks)))
        self.head = nn.Conv2d(quarter, 4 * config.classes, kernel_size=1)

    @property
    def receptive_fields(self) -> tuple[int | None, ...]:
        """Pixels around an output pixel that each view may influence; None: everything."""
        blocks4, blocks8 = self.config.blocks
        patches = [convolution(stride=2)] * 2
        met: list[Step] = [enlarged(2), blocks_of(2), *[convolution()] * (2 * self.config.sharp_blocks + 1)]
        at_eighth = [enlarged(2), *[convolution()] * (2 * blocks8 + 1), convolution(stride=2)]
        sharp = [*met, *[convolution()] * (2 * blocks4), *patches]
        middle = [*met, *at_eighth, *patches, enlarged(POOLS[1]), averaging(POOLS[1])]
        return reach(sharp, STRIDE), reach(middle, STRIDE), None

    def forward(self, images: Tensor) -> Tensor:
        return self.views([images] * len(POOLS), [0.0] * len(POOLS))

    def views(self, copies: Sequence[Tensor], levels: Sequence[float]) -> Tensor:
        """Scores (B, classes, H, W).

        Args:
            copies: the views (B, 3, H, W), finest first, values in any range, unclamped.
            levels: of the noise in them; inf: the view is blank.
        """
        height, width = copies[0].shape[-2:]
        known = [torch.full_like(copies[0][:1, 0, 0, 0], float(level)) for level in levels]
        scores = self.half_scores(copies, known)
        scores = F.interpolate(scores, scale_factor=2.0, mode="bilinear", align_corners=False)
        return scores[..., :height, :width]

    def half_scores(self, copies: Sequence[Tensor], levels: Sequence[Tensor]) -> Tensor:
        """Scores at half the padded resolution, where training takes its loss.

        Args:
            levels: for each view (B,) or (1,).
        """
        own = [level / pool for level, pool in zip(levels, POOLS, strict=True)]  # at each view's resolution
        known = torch.stack(
            [1 - _HALF_KNOWN / (level + _HALF_KNOWN) for level in own], dim=1
        )  # 0: clean, 1: blank
        sharp, middle, far = (
            _averaged(copy, pool, level) for copy, pool, level in zip(copies, POOLS, own, strict=True)
        )
        middle = F.interpolate(middle, scale_factor=float(POOLS[1]), mode="bilinear", align_corners=False)
        x16 = self.stage16(F.relu_(self.down16(self.far(far, known))))
        x8 = self.stage8(F.relu_(self.down8(self.middle(_channels_last(middle), known))))
        x4 = self.sharp(_channels_last(sharp), known)
        x4 = self.refine(self.merge4(self.merge8(x16, x8), x4))
        return F.pixel_shuffle(self.head(x4), 2)

    def fits(self, street: StreetUNet) -> bool:
        """Whether a street network has the same layers, as far as it has them."""
        own, other = self.config, street.config
        return all(getattr(own, name) == getattr(other, name) for name in asdict(other))

    def start_from(self, street: StreetUNet) -> None:
        """Take over the weights of a street network that fits; what it lacks stays idle or as it is."""
        weights = dict(_renamed(street.state_dict()))
        self.load_state_dict({name: weights.get(name, value) for name, value in self.state_dict().items()})


def _renamed(weights: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """A street network's weights under the names they have here: view 0 and view 1 both begin as its picture did."""
    for name, value in weights.items():
        if name.split(".")[0] in ("stem", "down4", "stage4"):
            yield f"sharp.{name}", value
            yield f"middle.{name}", value
        else:
            yield name, value


def _averaged(copy: Tensor, pool: int, level: Tensor) -> Tensor:
    """The view at its own resolution, in units of what signal and noise together spread by there."""
    # Linear throughout: the mean of clamped noise is biased, the mean of noise is not
    x = pad_to_stride(copy)
    if pool > 1:
        x = F.avg_pool2d(x, pool)
    return (x - MEAN) * torch.rsqrt(SPREAD**2 + level**2).view(-1, 1, 1, 1).to(x)


def _idle_block(channels: int) -> ResidualBlock:
    """A block that changes nothing until it is trained."""
    block = ResidualBlock(channels)
    assert isinstance(block.second.norm, nn.BatchNorm2d)
    nn.init.zeros_(block.second.norm.weight)
    return block


def _told_to(channels: int) -> nn.Linear:
    """What all levels add to features; nothing until it is trained."""
    told = nn.Linear(len(POOLS), channels, bias=False)
    nn.init.zeros_(told.weight)
    return told


def _everywhere(values: Tensor) -> Tensor:
    return values[:, :, None, None]


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def street_views(classes: int = 11) -> StreetViews:
    """A fresh network for so many classes, as a description may name it."""
    return StreetViews(StreetViewsConfig(classes=classes))
