"""The training loop of the denoiser: levels and noise anew for every patch, averaged weights, resumable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from lrscore.errors import InputError
from models.denoising.network import SPREAD, LevelDenoiser, LevelDenoiserConfig, preconditioning
from models.denoising.noise import NoiseMix, add_noise, draw_levels
from models.denoising.pictures import Source, draw_patches
from models.optimising import SteppedTraining, averaged
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


class DenoiserTrainer(SteppedTraining):
    """One training run: its state, and the loss that advances it."""

    network: LevelDenoiser
    longest = 1.0

    def __init__(self, sources: Sequence[Source], settings: DenoiserTraining) -> None:
        super().__init__(settings.seed)
        self.sources, self.settings, self.steps = sources, settings, settings.steps
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            network = LevelDenoiser(LevelDenoiserConfig())
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = averaged(self.network, settings.averaging)
        self.optimizer = torch.optim.Adam(self.network.parameters(), settings.learning_rate, fused=True)
        self.schedule = LambdaLR(self.optimizer, self._rate)

    @property
    def average(self) -> LevelDenoiser:
        """The averaged weights, in evaluation mode: what is kept."""
        return cast(LevelDenoiser, self.averaged.module)

    def loss(self) -> Tensor:
        """The loss of the next step: 1 is the best linear guess from each pixel alone."""
        settings = self.settings
        clean = draw_patches(self.sources, settings.batch_size, settings.patch, self.random)
        levels = draw_levels(settings.batch_size, settings.patch, settings.noise, self.random)
        noisy = add_noise(clean, levels, settings.noise, self.generator)
        return denoising_loss(self.network, clean, noisy, levels)

    def save(self, path: Path) -> None:
        """Write everything that `resume` needs, atomically."""
        self.write_state(path, {"settings": _lasting(self.settings)})

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
        self.restore(state)

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
