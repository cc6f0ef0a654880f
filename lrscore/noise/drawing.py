"""Unit noise whose law holds, tails included: drawn in double precision, rounded to a lattice, exact in float32.

`torch.randn` in single precision ends at 5.77 standard deviations and `exponential_` at 16.6 scales: what lies beyond
is missing, 1e-3 of all copies of a small picture. What is drawn here ends beyond 12 standard deviations and 44 scales.
What is missing and what rounding does to the law, with the sizes: docs/theory.md, 9.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

LATTICE = 2.0**-16
"""Unit noise is rounded to multiples of this: values below 256 are then exact in float32."""

# Values per stream. A draw is cut into pieces of this size whatever the number of threads, so that the numbers do not
# depend on it.
_PIECE = 1 << 16
_CUDA_PIECE = 1 << 24
_KEY_WORDS = 4

_Fill = Callable[[np.random.Generator, np.ndarray], None]
_CudaFill = Callable[["torch.Tensor", "torch.Generator"], object]


def draw_normal(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Standard normal numbers, rounded to `LATTICE`: float32 of that shape on the generator's device."""
    return _draw(shape, generator, _fill_normal, lambda piece, own: piece.normal_(generator=own))


def draw_uniform(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Uniform numbers of [-1, 1], rounded to `LATTICE`: float32 of that shape on the generator's device."""
    return _draw(shape, generator, _fill_uniform, lambda piece, own: piece.uniform_(-1, 1, generator=own))


def draw_laplace(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Laplace numbers of scale 1, rounded to `LATTICE`: float32 of that shape on the generator's device."""

    def fill(piece: torch.Tensor, own: torch.Generator) -> None:
        piece.exponential_(generator=own).sub_(piece.new_empty(piece.shape).exponential_(generator=own))

    return _draw(shape, generator, _fill_laplace, fill)


def _fill_normal(source: np.random.Generator, values: np.ndarray) -> None:
    source.standard_normal(out=values)


def _fill_uniform(source: np.random.Generator, values: np.ndarray) -> None:
    source.random(out=values)
    values *= 2
    values -= 1


def _fill_laplace(source: np.random.Generator, values: np.ndarray) -> None:
    source.standard_exponential(out=values)
    values -= source.standard_exponential(values.size)  # the difference of two exponentials is Laplace


def _draw(
    shape: tuple[int, ...], generator: torch.Generator, fill: _Fill, fill_cuda: _CudaFill
) -> torch.Tensor:
    """Numbers of a generator on the processor or on CUDA; there are no others that draw in double precision."""
    import torch

    count = math.prod(shape)
    if generator.device.type == "cuda":
        numbers = torch.empty(count, dtype=torch.float32, device=generator.device)
        for part in numbers.split(_CUDA_PIECE):
            exact = torch.empty(part.shape, dtype=torch.float64, device=generator.device)
            fill_cuda(exact, generator)
            part.copy_(exact.div_(LATTICE).round_()).mul_(LATTICE)
        return numbers.view(shape)
    # 256 bits of the generator name the streams: its state moves on, and one seed always gives the same numbers
    key, drawn = np.empty(_KEY_WORDS, dtype=np.int64), np.empty(count, dtype=np.float32)
    torch.from_numpy(key).random_(-(2**63), None, generator=generator)
    _fill_pieces(drawn, key.view(np.uint32).tolist(), fill, torch.get_num_threads())
    return torch.from_numpy(drawn).view(shape)


def _fill_pieces(drawn: np.ndarray, key: list[int], fill: _Fill, threads: int) -> None:
    """Fill the array (n,) piece by piece, each from a stream of its own."""

    def fill_piece(start: int) -> None:
        part = drawn[start : start + _PIECE]
        seed = np.random.SeedSequence(key, spawn_key=(start // _PIECE,))
        exact = np.empty(part.size)
        fill(np.random.Generator(np.random.SFC64(seed)), exact)
        exact *= 1 / LATTICE
        part[:] = np.rint(exact, out=exact)
        part *= LATTICE

    starts = range(0, drawn.size, _PIECE)
    if min(threads, len(starts)) < 2:
        for start in starts:
            fill_piece(start)
        return
    # NumPy fills without holding the interpreter
    with ThreadPoolExecutor(min(threads, len(starts))) as pool:
        list(pool.map(fill_piece, starts))
