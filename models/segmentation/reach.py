"""How far an output pixel can see, layer by layer: intervals of positions, followed from the scores to the picture.

Derived from the layers alone, so that it holds for every weight. Borders only shorten it: zeros stand for nothing, and
a repeated last row lies nearer than the places it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Interval = tuple[int, int]
Step = Callable[[Interval], Interval]
"""Positions of a layer's output that count (first, last) to those of its input that they may depend on."""


def convolution(kernel: int = 3, *, stride: int = 1, dilation: int = 1, padding: int | None = None) -> Step:
    """A convolution; its padding is that of "same" unless named."""
    before = dilation * (kernel // 2) if padding is None else padding

    def step(seen: Interval) -> Interval:
        return stride * seen[0] - before, stride * seen[1] - before + dilation * (kernel - 1)

    return step


def averaging(size: int) -> Step:
    """The mean of blocks that do not overlap."""
    return convolution(size, stride=size, padding=0)


def enlarged(factor: int) -> Step:
    """Bilinear enlargement, corners not aligned: every place mixes the two coarse ones around it."""

    def before(place: int) -> int:
        return (2 * place + 1 - factor) // (2 * factor)

    return lambda seen: (before(seen[0]), before(seen[1]) + 1)


def blocks_of(size: int) -> Step:
    """A pixel shuffle: `size` places share one position."""
    return lambda seen: (seen[0] // size, seen[1] // size)


def reach(steps: Sequence[Step], period: int) -> int:
    """Largest distance in pixels between an output pixel and a picture's pixel that it may depend on.

    Args:
        steps: from the scores back to the picture.
        period: pixels after which the layers' grids repeat.
    """
    farthest = 0
    for pixel in range(period):
        seen = pixel, pixel
        for step in steps:
            seen = step(seen)
        farthest = max(farthest, pixel - seen[0], seen[1] - pixel)
    return farthest
