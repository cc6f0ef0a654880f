"""What stands between a noisy picture and somebody's network: clamp, normalise, pad, and check what comes out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lrscore.errors import InputError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class PreparedNetwork(nn.Module):
    """A network for pictures in [0, 1] of any size.

    Args:
        network: normalised pictures (B, 3, H', W') -> scores (B, classes, H', W'), or a mapping with them under "out".
        classes: number of score channels that must come out.
        mean, std: of each colour, in pixel values in [0, 1]; std above 0.
        multiple: pictures are padded at the right and bottom, repeating their border, to a multiple of this many
            pixels; the scores of the padding are cut off.

    Raises:
        InputError: mean, std or multiple is outside its range.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        network: nn.Module,
        *,
        classes: int,
        mean: Sequence[float] = (0.0, 0.0, 0.0),
        std: Sequence[float] = (1.0, 1.0, 1.0),
        multiple: int = 1,
    ) -> None:
        super().__init__()
        if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
            raise InputError(f"mean and std must be three numbers, std above 0, got {mean!r} and {std!r}")
        if multiple < 1:
            raise InputError(f"multiple must be a whole number of at least 1, got {multiple!r}")
        self.network, self.classes, self.multiple = network, classes, multiple
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, classes, H, W) of pictures (B, 3, H, W), which are clamped to [0, 1] first.

        Raises:
            InputError: the network returns something else.
        """
        height, width = images.shape[-2:]
        down, right = -height % self.multiple, -width % self.multiple
        normal = (images.clamp(0, 1) - self.mean) / self.std
        if down or right:
            normal = nn.functional.pad(normal, (0, right, 0, down), mode="replicate")
        scores = self.network(normal)
        if isinstance(scores, dict):
            scores = scores.get("out")
        expected = (len(images), self.classes, height + down, width + right)
        if not isinstance(scores, Tensor) or tuple(scores.shape) != expected:
            got = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
            raise InputError(f"the network must return scores of shape {expected}, got {got}")
        return scores[:, :, :height, :width]


class Program(nn.Module):
    """A TorchScript or exported program as a module; it has no training mode to switch."""

    def __init__(self, program: nn.Module) -> None:
        super().__init__()
        self.program = program

    def forward(self, images: Tensor) -> Tensor:
        """Whatever the program returns."""
        return self.program(images)

    def train(self, mode: bool = True) -> Program:
        """Stay as exported: exported programs refuse the question."""
        return self
