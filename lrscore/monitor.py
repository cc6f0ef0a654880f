"""How a long computation reports and is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrscore.errors import Cancelled

if TYPE_CHECKING:
    import torch

Progress = Callable[[int, int], object]
"""Told `(done, total)` as the work goes on."""


class Monitor:
    """Counts the work of a run, tells the caller, and asks whether to stop.

    Args:
        total: number of noisy copies the run will take.
        progress: called as `progress(done, total)` after every batch.
        cancel: asked before every batch; True stops the run with `Cancelled`.
    """

    def __init__(
        self,
        total: int,
        progress: Progress | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        self.total, self.done = total, 0
        self._progress, self._cancel = progress, cancel

    def check(self) -> None:
        """Raise `Cancelled` if the caller wants to stop."""
        if self._cancel is not None and self._cancel():
            raise Cancelled("the run was cancelled")

    def advance(self, copies: int) -> None:
        """Count work done and report it."""
        self.done += copies
        if self._progress is not None:
            self._progress(self.done, self.total)


@dataclass(frozen=True, eq=False)
class Run:
    """What every layer of one computation shares: randomness, device, and whoever watches it.

    Args:
        generator: all randomness; the same seed, device and settings give the same counts.
        device: where the model runs.
        progress, cancel: see `Monitor`.
    """

    generator: torch.Generator
    device: torch.device
    progress: Progress | None = None
    cancel: Callable[[], bool] | None = None

    @classmethod
    def on(
        cls,
        device: str | torch.device,
        generator: torch.Generator,
        progress: Progress | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Run:
        """A run on a device that may be given by its name."""
        import torch

        return cls(generator, torch.device(device), progress, cancel)

    def monitor(self, total: int) -> Monitor:
        """A monitor of so much work."""
        return Monitor(total, self.progress, self.cancel)
