"""Settings of an attack. They need no torch: whoever plans an attack does not wait for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.errors import SettingsError
from lrscore.settings import set_field, whole_number


@dataclass(frozen=True, eq=False)
class AttackSettings:
    """How strong an attack is, and how it is measured.

    Args:
        epsilon: norm of the perturbation: l2 for Gaussian noise, l1 for uniform and Laplace noise.
        allocation: (J,) additive budget to spend in every region, such as the worst allocation that a collective
            certificate found; scaled down if it exceeds the budget. None: the attack spends as it likes.
        targets: (H, W) bool, the pixels to attack; all if None. Those that abstain are never counted.
        steps: gradient steps.
        copies: noisy copies of each group behind one step.
        pilot_samples: fresh noisy copies of each group that say where another class leads.
        samples: further ones, in the groups where one does, that test it.
        error: probability, over those samples, that any pixel is called changed that is not.
        batch_size: noisy copies in one backward pass; chosen by device if None.

    Raises:
        SettingsError: a number is outside its range.
    """

    epsilon: float
    allocation: np.ndarray | None = None
    targets: np.ndarray | None = None
    steps: int = 16
    copies: int = 1
    pilot_samples: int = 32
    samples: int = 64
    error: float = 0.01
    batch_size: int | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.epsilon) and self.epsilon >= 0):
            raise SettingsError(f"epsilon must be a finite number of at least 0, got {self.epsilon!r}")
        if not 0 < self.error < 1:
            raise SettingsError(f"error must be a probability in (0, 1), got {self.error!r}")
        for name in ("steps", "copies", "pilot_samples", "samples", "batch_size"):
            if getattr(self, name) is not None:
                set_field(self, name, whole_number(name, getattr(self, name), 1))
