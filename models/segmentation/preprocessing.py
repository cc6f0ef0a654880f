"""What stands between a noisy picture and somebody's network: clamp, normalise, pad, and check what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lrscore.errors import InputError
from lrscore.memory import is_out_of_memory
from models.functions import said
from models.segmentation.network_scores import enlarged, find_scores, two_channels

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_USUAL_MULTIPLES = (2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Wiring:
    """How a network is fed and read, as `models.segmentation.description.Description` explains its keys.

    Args:
        mean, std: of each colour, in the values that the network sees; std above 0.
        multiple: pictures are padded at the right and bottom, repeating their border, to a multiple of this many
            pixels; the scores of the padding are cut off.
        reverse: feed blue, green, red.
        scale: value of white.
        output, one_channel, enlarge: see there.
        drop: numbers of the channels that are no class.

    Raises:
        InputError: mean, std or multiple is outside its range.
    """

    mean: Sequence[float] = (0.0, 0.0, 0.0)
    std: Sequence[float] = (1.0, 1.0, 1.0)
    multiple: int = 1
    reverse: bool = False
    scale: float = 1.0
    output: str | int | None = None
    drop: tuple[int, ...] = ()
    one_channel: str | None = None
    enlarge: bool | None = None

    def __post_init__(self) -> None:
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise InputError(
                f"mean and std must be three numbers, std above 0, got {self.mean!r} and {self.std!r}"
            )
        if self.multiple < 1:
            raise InputError(f"multiple must be a whole number of at least 1, got {self.multiple!r}")


class PreparedNetwork(nn.Module):
    """A network for pictures in [0, 1] of any size.

    Args:
        network: normalised pictures (B, 3, H', W') -> scores (B, channels, H', W'), or something that holds them.
        classes: number of score channels that must come out.
        wiring: how the network is fed and read; or its fields as keywords.

    Raises:
        InputError: mean, std or multiple is outside its range.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, network: nn.Module, *, classes: int, wiring: Wiring | None = None, **options: Any
    ) -> None:
        super().__init__()
        self.network, self.classes = network, classes
        self.wiring = wiring or Wiring(**options)
        for name in ("mean", "std"):
            values = torch.tensor(getattr(self.wiring, name), dtype=torch.float32)[:, None, None]
            self.register_buffer(name, values, persistent=False)

    @property
    def multiple(self) -> int:
        """What sides are padded to."""
        return self.wiring.multiple

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, classes, H, W) of pictures (B, 3, H, W), which are clamped to [0, 1] first.

        Raises:
            InputError: the network fails, or returns something else.
        """
        height, width = images.shape[-2:]
        scores = self._read(self._ask(self._feed(images, self.multiple)), images, self.multiple)
        return scores[:, :, :height, :width]

    def _feed(self, images: Tensor, multiple: int) -> Tensor:
        """Clamped, channels in order, scaled, normalised, padded."""
        height, width = images.shape[-2:]
        values = images.clamp(0, 1)
        values = values.flip(1) if self.wiring.reverse else values
        normal = (values * self.wiring.scale - self.mean) / self.std
        down, right = -height % multiple, -width % multiple
        if down or right:
            normal = nn.functional.pad(normal, (0, right, 0, down), mode="replicate")
        return normal

    def _ask(self, normal: Tensor) -> Any:
        try:
            return self.network(normal)
        except (Exception, SystemExit) as error:  # networks of strangers fail as they like
            if is_out_of_memory(error):
                raise
            advice = (
                "" if (helps := self._helpful_multiple(normal)) is None else f'; set "multiple" to {helps}'
            )
            if other := {value.dtype for value in self.network.parameters()} - {torch.float32}:
                advice += f"; it holds weights of {min(map(str, other))}: call float() on it"
            raise InputError(
                f"the network cannot take a batch of shape {tuple(normal.shape)}: {said(error)}{advice}"
            ) from error

    def _read(self, returned: Any, images: Tensor, multiple: int) -> Tensor:
        """The checked scores of the padded pictures."""
        height, width = (side + -side % multiple for side in images.shape[-2:])
        scores = find_scores(returned, self.wiring.output)
        if scores.ndim == 3 and len(images) == len(scores):  # (B, H, W): one channel
            scores = scores.unsqueeze(1)
        if not scores.is_floating_point():
            raise InputError(
                f"the network returns {scores.dtype}, which are class numbers or truth values and no scores: it must "
                "return what the largest of is taken"
            )
        if scores.ndim == 4:
            scores = enlarged(scores, height, width, self.wiring.enlarge)
            if scores.shape[1] == 1 and self.classes == 2 and not self.wiring.drop:
                scores = two_channels(scores, self.wiring.one_channel)
        expected = (len(images), self.classes + len(self.wiring.drop), height, width)
        if tuple(scores.shape) != expected:
            raise InputError(f"the network must return scores of shape {expected}, got {tuple(scores.shape)}")
        if self.wiring.drop:
            kept = [channel for channel in range(scores.shape[1]) if channel not in self.wiring.drop]
            scores = scores[:, kept]
        return scores

    def _helpful_multiple(self, normal: Tensor) -> int | None:
        """The smallest usual multiple with which the network takes the picture, None if none helps."""
        if self.multiple > 1:
            return None
        one = normal[:1]
        for multiple in _USUAL_MULTIPLES:
            down, right = (-side % multiple for side in one.shape[-2:])
            try:
                self.network(nn.functional.pad(one, (0, right, 0, down), mode="replicate"))
            except (Exception, SystemExit):
                continue
            return multiple
        return None


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
