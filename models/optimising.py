"""What training runs do with torch's own tools: averaged weights, learning rate, steps one after another, resuming."""

from __future__ import annotations

import io
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from lrscore.atomic import write_bytes
from lrscore.kept_pages import keep_freed_pages


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


def descend(
    loss: Tensor,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: LambdaLR,
    average: AveragedModel,
    *,
    longest: float,
) -> float:
    """One optimizer step along a loss, carried on by learning rate and average; returns the loss.

    Args:
        longest: Euclidean norm to which a longer gradient is cut.
    """
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), longest)
    optimizer.step()
    schedule.step()
    average.update_parameters(network)
    return float(loss.detach())


class SteppedTraining(ABC):
    """A training run that goes step by step and can be stored between two of them.

    Attributes:
        steps: of the whole run.
        longest: gradients are cut to that norm.
        network, optimizer, schedule, averaged: what a step advances; set by the subclass.
        generator, random: all that is drawn comes from these two.
        step_number: steps that have been taken.
    """

    steps: int
    longest: float
    network: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: LambdaLR
    averaged: AveragedModel

    def __init__(self, seed: int) -> None:
        keep_freed_pages(self)
        self.generator = torch.Generator().manual_seed(seed)
        self.random = np.random.default_rng(seed)
        self.step_number = 0

    @abstractmethod
    def loss(self) -> Tensor:
        """The loss of the next step, on newly drawn pictures."""

    def step(self) -> float:
        """One optimizer step; returns the loss."""
        loss = descend(
            self.loss(), self.network, self.optimizer, self.schedule, self.averaged, longest=self.longest
        )
        self.step_number += 1
        return loss

    def run(
        self,
        *,
        every: int,
        report: Callable[[int, float], object],
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        """Train to the last step, or until a report asks to stop.

        Args:
            every: steps between two reports; the last step is reported as well.
            report: called as `report(step, mean_loss)`; training stops early if it returns True.
            progress: called as `progress(done, total)` after every step.
        """
        losses: list[float] = []
        while self.step_number < self.steps:
            losses.append(self.step())
            if progress is not None:
                progress(self.step_number, self.steps)
            if self.step_number % every == 0 or self.step_number == self.steps:
                if report(self.step_number, float(np.mean(losses))) is True:
                    return
                losses.clear()

    def write_state(self, path: Path, more: Mapping[str, Any]) -> None:
        """Write everything that `restore` needs, and what the run wants to remember besides, atomically."""
        state = {
            "step": self.step_number,
            "network": self.network.state_dict(),
            "average": self.averaged.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "torch_random": self.generator.get_state(),
            "numpy_random": self.random.bit_generator.state,
            **more,
        }
        content = io.BytesIO()
        torch.save(state, content)
        write_bytes(path, content.getbuffer())

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue where a state was written; the weights come out as if the run had never been interrupted."""
        self.step_number = state["step"]
        self.network.load_state_dict(state["network"])
        self.averaged.module.load_state_dict(state["average"])
        self.averaged.n_averaged.fill_(self.step_number)
        self.optimizer.load_state_dict(state["optimizer"])  # with the next step's learning rate
        self.schedule.last_epoch = self.step_number
        self.generator.set_state(state["torch_random"])
        self.random.bit_generator.state = state["numpy_random"]
