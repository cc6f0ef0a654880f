"""Forward passes a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from models.segmentation.evaluation.smoothed import Scorer


@dataclass(frozen=True)
class Speed:
    """Passes a second: of the `network` alone, and `complete` with drawing noise, arg-max and counting votes."""

    network: float
    complete: float


@torch.inference_mode()
def passes_per_second(
    model: Scorer, *, size: tuple[int, int] = (180, 240), batch_size: int = 32, seconds: float = 5.0
) -> Speed:
    """Measure with the current number of threads for about twice `seconds`; meaningful on an idle machine only."""
    generator = torch.Generator().manual_seed(0)
    image = torch.rand((3, *size), generator=generator)
    labels = torch.zeros(size, dtype=torch.int64)
    agreements = torch.zeros(size, dtype=torch.int64)
    noisy = image + 0.1 * torch.randn((batch_size, *image.shape), generator=generator)

    def sample() -> None:
        copies = image + 0.1 * torch.randn(noisy.shape, generator=generator)
        agreements.add_((model(copies).argmax(dim=1) == labels).sum(dim=0))

    return Speed(batch_size * _rate(lambda: model(noisy), seconds), batch_size * _rate(sample, seconds))


def _rate(call: Callable[[], object], seconds: float) -> float:
    """Calls a second, after two calls that warm caches and allocator up."""
    call(), call()
    start, calls = time.perf_counter(), 0
    while calls == 0 or time.perf_counter() - start < seconds:
        call()
        calls += 1
    return calls / (time.perf_counter() - start)
