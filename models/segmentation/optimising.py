"""What every training run of a segmentation network does with torch's own tools: averaged weights, learning rate."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel


def averaged(network: nn.Module, longest: float) -> AveragedModel:
    """An exponential average of a network's weights and buffers, which `update_parameters` carries on.

    Early on the average follows closely; otherwise the initial weights would stay in it for long.

    Args:
        longest: share of the average that one step keeps in the end.
    """

    def follow(average: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not average.is_floating_point():
            return current
        keep = min(longest, (1 + int(count)) / (10 + int(count)))
        return torch.lerp(average, current, 1 - keep)

    average = AveragedModel(network, avg_fn=follow, use_buffers=True)
    return average.eval().requires_grad_(False)


def warm_half_cosine(optimizer: torch.optim.Optimizer, steps: int, warmup: int) -> LambdaLR:
    """A learning rate that rises linearly over the first `warmup` steps and falls to 0 along a half cosine over all."""

    def share(step: int) -> float:
        return min(1.0, (step + 1) / max(1, warmup)) * 0.5 * (1 + math.cos(math.pi * step / steps))

    return LambdaLR(optimizer, share)
