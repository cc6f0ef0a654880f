"""Forward passes a second."""

from __future__ import annotations

import time

import torch

from models.evaluation.smoothed import Scorer


@torch.inference_mode()
def passes_per_second(
    model: Scorer, *, size: tuple[int, int] = (180, 240), batch_size: int = 32, seconds: float = 5.0
) -> float:
    """Noisy passes a second with the current number of threads: drawing noise, network, arg-max and vote count.

    Meaningful on an idle machine only.
    """
    generator = torch.Generator().manual_seed(0)
    image = torch.rand((3, *size), generator=generator)
    reference = torch.zeros(size, dtype=torch.int64)
    agreements = torch.zeros(size, dtype=torch.int64)
    done, start = -2, time.perf_counter()
    while done <= 0 or time.perf_counter() - start < seconds:
        if done == 0:  # two batches have warmed caches and allocator up
            start = time.perf_counter()
        noisy = image + 0.1 * torch.randn((batch_size, *image.shape), generator=generator)
        agreements += (model(noisy).argmax(dim=1) == reference).sum(dim=0)
        done += 1
    return done * batch_size / (time.perf_counter() - start)
