"""The training loop of the denoiser: levels and noise anew for every patch, averaged weights, resumable."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from lrscore.atomic import write_bytes
from lrscore.errors import InputError
from models.denoising.network import SPREAD, LevelDenoiser, LevelDenoiserConfig, preconditioning
from models.denoising.noise import NoiseMix, add_noise, draw_levels
from models.denoising.pictures import Source, draw_patches
from models.segmentation.optimising import averaged
from models.weights import read_weights


@dataclass(frozen=True)
class DenoiserTraining:
    """What a training run depends on besides its pictures.

    Args:
        steps: optimizer steps. The learning rate rises over `warmup` of them, stays, and falls to 0 over the last
            `cooldown` share; a run that is resumed before its fall may have another number of steps.
        batch_size, patch: patches in one step, and their side in pixels.
        averaging: decay of the exponential average of the weights, which is what is kept.
    """

    steps: int = 12_000
    batch_size: int = 16
    patch: int = 96
    learning_rate: float = 1e-3
    warmup: int = 200
    cooldown: float = 0.3
    averaging: float = 0.998
    seed: int = 0
    noise: NoiseMix = field(default_factory=NoiseMix)


class DenoiserTrainer:
    """One training run: its state, and the step that advances it."""

    def __init__(self, sources: Sequence[Source], settings: DenoiserTraining) -> None:
        self.sources, self.settings = sources, settings
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.random = np.random.default_rng(settings.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            network = LevelDenoiser(LevelDenoiserConfig())
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._averaged = averaged(self.network, settings.averaging)
        self.optimizer = torch.optim.Adam(self.network.parameters(), settings.learning_rate, fused=True)
        self._schedule = LambdaLR(self.optimizer, self._rate)
        self.step_number = 0

    @property
    def average(self) -> LevelDenoiser:
        """The averaged weights, in evaluation mode: what is kept."""
        return cast(LevelDenoiser, self._averaged.module)

    def step(self) -> float:
        """One optimizer step; returns the loss: 1 is the best linear guess from each pixel alone."""
        settings = self.settings
        clean = draw_patches(self.sources, settings.batch_size, settings.patch, self.random)
        levels = draw_levels(settings.batch_size, settings.patch, settings.noise, self.random)
        noisy = add_noise(clean, levels, settings.noise, self.generator)
        loss = denoising_loss(self.network, clean, noisy, levels)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self._schedule.step()
        self._averaged.update_parameters(self.network)
        self.step_number += 1
        return float(loss.detach())

    def run(
        self,
        *,
        every: int,
        report: Callable[[int, float], object],
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        """Train to the last step; `report(step, mean loss)` is called every so many steps and at the end."""
        losses: list[float] = []
        while self.step_number < self.settings.steps:
            losses.append(self.step())
            if progress is not None:
                progress(self.step_number, self.settings.steps)
            if self.step_number % every == 0 or self.step_number == self.settings.steps:
                report(self.step_number, float(np.mean(losses)))
                losses.clear()

    def save(self, path: Path) -> None:
        """Write everything that `resume` needs, atomically."""
        state = {
            "settings": _lasting(self.settings),
            "step": self.step_number,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "updates": self._averaged.n_averaged,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "torch_random": self.generator.get_state(),
            "numpy_random": self.random.bit_generator.state,
        }
        content = io.BytesIO()
        torch.save(state, content)
        write_bytes(path, content.getbuffer())

    def resume(self, path: Path) -> None:
        """Continue where `save` stopped, perhaps to another last step.

        Raises:
            InputError: the file holds no such run, or one with other settings.
        """
        try:
            state = torch.load(path, weights_only=True)
            same = state["settings"] == _lasting(self.settings)
        except Exception as error:  # a damaged archive fails in many ways
            raise InputError(f"{path.name} does not hold the state of a denoiser's training") from error
        if not same:
            raise InputError(f"{path.name} belongs to a run with other settings")
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self._averaged.n_averaged.copy_(state["updates"])
        self.optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["torch_random"])
        self.random.bit_generator.state = state["numpy_random"]
        self.step_number = state["step"]

    def start_from(self, path: Path) -> None:
        """Take over the weights of a stored denoiser of the same sizes."""
        for network in (self.network, self.average):
            network.load_state_dict(read_weights(path))

    def _rate(self, step: int) -> float:
        settings = self.settings
        falling = (settings.steps - step) / max(1, settings.cooldown * settings.steps)
        return max(0.0, min(1.0, (step + 1) / max(1, settings.warmup), falling))


def denoising_loss(network: LevelDenoiser, clean: Tensor, noisy: Tensor, levels: Tensor) -> Tensor:
    """Mean squared error in units of what is hard: pixels of every level count alike (Karras et al. 2022).

    The error of a pixel is divided by that of the best linear guess from the pixel alone.
    """
    code, _ = preconditioning(levels)
    errors = (network(noisy, levels) - clean).square() / (SPREAD**2 * code)
    return errors.mean()


def _lasting(settings: DenoiserTraining) -> dict[str, object]:
    """What must not change on the way, in plain values."""
    chosen = asdict(settings)
    del chosen["steps"]
    chosen["noise"] = {key: list(v) if isinstance(v, tuple) else v for key, v in chosen["noise"].items()}
    return chosen
