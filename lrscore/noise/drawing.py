"""Unit noise whose law holds, tails included: rounded to a lattice, exact in float32.

`torch.randn` in single precision ends at 5.77 standard deviations and `exponential_` at 16.6 scales: what lies beyond
is missing, 1e-3 of all copies of a small picture. On the processor whole numbers of lattice steps are drawn by their
own law (`LatticeLaw`), on CUDA numbers in double precision that are rounded. What is missing and what rounding does to
the law, with the sizes: docs/theory.md, 9.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from lrscore.noise.lattice_law import BLOCK, LatticeLaw, random_words

if TYPE_CHECKING:
    import torch

LATTICE = 2.0**-16
"""Unit noise is rounded to multiples of this: values below 256 are then exact in float32."""

# Values per stream. A draw is cut into pieces of this size whatever the number of threads, so that the numbers do not
# depend on it.
_PIECE = 1 << 17
_CUDA_PIECE = 1 << 24
_KEY_WORDS = 4
# Where the laws are cut off; the alias tables' rounding ends them a little earlier
_NORMAL_END, _LAPLACE_END = 12.5, 46.0

_Fill = Callable[[np.random.Generator, np.ndarray], None]
_CudaFill = Callable[["torch.Tensor", "torch.Generator"], object]


def drawn_by(device: torch.device) -> str:
    """How numbers come from a seed on a device: under one name always the same ones. Certificates record it."""
    return "torch, double precision" if device.type == "cuda" else "lattice tables, SFC64"


def draw_normal(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Standard normal numbers, rounded to `LATTICE`: float32 of that shape on the generator's device."""
    return _draw(shape, generator, normal_law().fill, lambda piece, own: piece.normal_(generator=own))


def draw_uniform(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Uniform numbers of [-1, 1], rounded to `LATTICE`: float32 of that shape on the generator's device."""
    return _draw(shape, generator, fill_uniform, lambda piece, own: piece.uniform_(-1, 1, generator=own))


def draw_laplace(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Laplace numbers of scale 1, rounded to `LATTICE`: float32 of that shape on the generator's device."""

    def fill(piece: torch.Tensor, own: torch.Generator) -> None:
        piece.exponential_(generator=own).sub_(piece.new_empty(piece.shape).exponential_(generator=own))

    return _draw(shape, generator, laplace_law().fill, fill)


@cache
def normal_law() -> LatticeLaw:
    """Standard normal numbers in lattice steps, rounded to the nearest one."""

    def probability(step: np.ndarray) -> np.ndarray:
        squared = (step * LATTICE) ** 2
        # The density's mean over a cell, by its second derivative; the next term is below 1e-18
        return LATTICE / math.sqrt(2 * math.pi) * np.exp(-squared / 2) * (1 + LATTICE**2 / 24 * (squared - 1))

    return LatticeLaw.of(probability, round(_NORMAL_END / (BLOCK * LATTICE)))


@cache
def laplace_law() -> LatticeLaw:
    """Laplace numbers of scale 1 in lattice steps, rounded to the nearest one."""
    centre, flank = -math.expm1(-LATTICE / 2), math.sinh(LATTICE / 2)

    def probability(step: np.ndarray) -> np.ndarray:
        return np.where(step == 0, centre, flank * np.exp(-np.abs(step) * LATTICE))

    return LatticeLaw.of(probability, round(_LAPLACE_END / (BLOCK * LATTICE)))


def fill_uniform(source: np.random.Generator, steps: np.ndarray) -> None:
    """Uniform numbers of [-1, 1] in lattice steps, rounded to the nearest one: exactly, of 32 bits each."""
    most = round(1 / LATTICE)
    words = random_words(source, -(-steps.size // 2)).view(np.uint32)[: steps.size]
    kept = 32 - most.bit_length()  # bits below a step: 2^32 numbers lie on 2 * most steps
    steps[:] = words >> np.uint32(kept)
    steps += (words >> np.uint32(kept - 1)) & np.uint32(1)  # rounds; the two ends get half a cell each
    steps -= most


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
    """Fill the array (n,) float32 piece by piece, each from a stream of its own.

    Args:
        fill: fills an array with lattice steps.
    """

    def fill_piece(start: int) -> None:
        part = drawn[start : start + _PIECE]
        seed = np.random.SeedSequence(key, spawn_key=(start // _PIECE,))
        fill(np.random.Generator(np.random.SFC64(seed)), part)
        part *= np.float32(LATTICE)

    starts = range(0, drawn.size, _PIECE)
    if min(threads, len(starts)) < 2:
        for start in starts:
            fill_piece(start)
        return
    # NumPy fills without holding the interpreter
    with ThreadPoolExecutor(min(threads, len(starts))) as pool:
        list(pool.map(fill_piece, starts))
