"""Sparse sampling of flip noise: the work follows the ones and the flips, not nodes times attributes.

Ones are kept by comparing 32 random bits each with an integer threshold. Among all other attributes a flip is
rare, so the gaps between flips are drawn instead (geometric, exact up to the 2^-53 grid of the uniforms); a flip
that lands on a one is dropped there, because the ones have had their own draw. Both lists come out ascending and are
merged, not sorted: the same noisy attributes always give the same matrix, whichever input they came from.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.noise.flips import RESOLUTION, FlipNoise

_INT64_MIN = -(2**63)
_LARGEST_TABLE = 2**31  # attributes; beyond it a table of all attributes would not fit


@dataclass(frozen=True)
class NoisyAttributes:
    """Binary attributes of `n` nodes, laid out for repeated noisy copies on one device.

    Args:
        ones: (ones,) int64 position `node * d + attribute` of every one, ascending.
        clusters_of_ones: (ones,) int64 cluster of every one's node.
        table: (n * d,) bool, whether an attribute is one: the look-up that drops flips landing on ones.
        clusters: (n,) int64 cluster of every node.
        shape: (n, d).
    """

    ones: torch.Tensor
    clusters_of_ones: torch.Tensor
    table: torch.Tensor
    clusters: torch.Tensor
    shape: tuple[int, int]

    @classmethod
    def build(
        cls,
        rows: np.ndarray,
        columns: np.ndarray,
        shape: tuple[int, int],
        clusters: np.ndarray,
        device: torch.device,
    ) -> NoisyAttributes:
        """From the positions of the ones (any order, no repeats) and the cluster of every node."""
        nodes, width = shape
        if nodes * width > _LARGEST_TABLE:
            raise InputError(
                f"a graph may have at most {_LARGEST_TABLE} nodes x attributes, got {nodes} x {width}"
            )
        flat = np.sort(rows.astype(np.int64) * width + columns.astype(np.int64))
        table = torch.zeros(nodes * width, dtype=torch.bool)
        table[torch.as_tensor(flat)] = True
        clusters = clusters.astype(np.int64)
        return cls(
            ones=torch.as_tensor(flat, device=device),
            clusters_of_ones=torch.as_tensor(clusters[flat // width], device=device),
            table=table.to(device),
            clusters=torch.as_tensor(clusters, device=device),
            shape=shape,
        )

    def sample(self, noise: FlipNoise, group: int, copies: int, generator: torch.Generator) -> torch.Tensor:
        """`copies` noisy versions of all attributes under the noise of one group, as one sparse CSR matrix.

        Args:
            noise: flip probabilities, of which the group's row is drawn.
            group: output group `i`.
            copies: number of independent versions `B`.
            generator: source of randomness, on the attributes' device.

        Returns:
            (B * n, d) float32 CSR tensor with ones; copy `b` holds rows `b * n` to `(b + 1) * n`.
        """
        kept = self._kept_ones(noise.to_zero[group], copies, generator)
        fresh = self._new_ones(noise.to_one[group], copies, generator)
        return self._csr(merge_sorted(kept, fresh), copies)

    def _kept_ones(self, to_zero: np.ndarray, copies: int, generator: torch.Generator) -> torch.Tensor:
        """Positions of the ones that stay, copy by copy, ascending; each stays with probability `1 - q-`."""
        count = self.ones.numel()
        kept = stayed(to_zero, self.clusters_of_ones, copies, generator)
        copy = floor_divide(kept, count)
        one = torch.sub(kept, copy, alpha=count)
        return self.ones.index_select(0, one).add_(copy, alpha=self.table.numel())

    def _new_ones(self, to_one: np.ndarray, copies: int, generator: torch.Generator) -> torch.Tensor:
        """Positions of the zeros that become one, ascending: drawn at the highest rate, thinned to each cluster's."""
        nodes, width = self.shape
        highest = float(to_one.max())
        if highest == 0:
            return torch.empty(0, dtype=torch.int64, device=self.ones.device)
        flips = bernoulli_positions(copies * nodes * width, highest, generator)
        inside = torch.sub(flips, floor_divide(flips, nodes * width), alpha=nodes * width)
        stays = ~self.table.index_select(0, inside)
        if to_one.min() < highest:
            cluster = self.clusters.index_select(0, floor_divide(inside, width))
            share = torch.as_tensor(to_one / highest, device=self.ones.device).index_select(0, cluster)
            uniform = torch.rand(
                flips.numel(), dtype=torch.float64, generator=generator, device=self.ones.device
            )
            stays &= uniform < share
        return flips.index_select(0, torch.nonzero(stays).view(-1))

    def _csr(self, positions: torch.Tensor, copies: int) -> torch.Tensor:
        """CSR matrix of ones at ascending positions `row * width + column`."""
        rows, width = copies * self.shape[0], self.shape[1]
        first = torch.arange(rows + 1, device=positions.device) * width
        starts = torch.searchsorted(positions, first)
        columns = torch.sub(positions, floor_divide(positions, width), alpha=width)
        return csr_of_ones(starts.to(torch.int32), columns.to(torch.int32), (rows, width))


def stayed(
    to_zero: np.ndarray, places: torch.Tensor, copies: int, generator: torch.Generator
) -> torch.Tensor:
    """Positions `copy * count + one` of the ones that stay in each of several copies, ascending.

    Args:
        to_zero: probability that a one is lost, in every place, in whole units of `1 / RESOLUTION`.
        places: (count,) place of every one.
    """
    count = places.numel()
    below = np.rint(to_zero * RESOLUTION) - RESOLUTION // 2  # zeroed iff the signed draw is below
    limits = torch.as_tensor(below.astype(np.int32), device=places.device)
    draws = torch.empty((copies * count + 1) // 2, dtype=torch.int64, device=places.device)
    draws.random_(_INT64_MIN, None, generator=generator)
    bits = draws.view(torch.int32)[: copies * count].view(copies, count)
    return torch.nonzero((bits >= limits[places]).view(-1)).view(-1)


def merge_sorted(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """The numbers of two ascending tensors without common elements, ascending."""
    few, many = (first, second) if first.numel() < second.numel() else (second, first)
    places = torch.searchsorted(many, few).add_(torch.arange(few.numel(), device=few.device))
    rest = torch.ones(few.numel() + many.numel(), dtype=torch.bool, device=few.device)
    rest.index_fill_(0, places, False)
    merged = torch.empty(rest.numel(), dtype=few.dtype, device=few.device)
    merged.masked_scatter_(rest, many)
    return merged.scatter_(0, places, few)


def bernoulli_positions(count: int, probability: float, generator: torch.Generator) -> torch.Tensor:
    """Indices of the successes among `count` independent trials, ascending, at a cost of the successes alone.

    Args:
        count: number of trials, below 2^53.
        probability: of each success, in (0, 1).

    Returns:
        int64 tensor on the generator's device.
    """
    assert 0 < probability < 1
    assert 0 <= count < 2**53
    pieces, last = [], -1
    while last < count - 1:
        mean = (count - 1 - last) * probability
        draws = int(mean + 5 * mean**0.5) + 16
        uniform = torch.rand(draws, dtype=torch.float64, generator=generator, device=generator.device)
        # 1 - u is in (0, 1]; floor(ln(1 - u) / ln(1 - q)) failures come before the next success
        gaps = torch.log1p(-uniform).div_(np.log1p(-probability)).floor_().add_(1.0)
        positions = gaps.cumsum_(0).add_(last)
        pieces.append(positions)
        last = int(min(positions[-1].item(), count))
    positions = torch.cat(pieces) if pieces else torch.empty(0, dtype=torch.float64, device=generator.device)
    return positions[: int(torch.searchsorted(positions, float(count)))].to(torch.int64)


def floor_divide(value: torch.Tensor, divisor: int) -> torch.Tensor:
    """Whole quotients of numbers below 2^53, by way of float64, whose division is faster than that of integers.

    The quotient `k - 1/divisor` just below a whole number is farther from it than the spacing of floats there, so
    rounding never carries it over.
    """
    return torch.div(value.to(torch.float64), float(max(divisor, 1))).to(torch.int64)


def csr_of_ones(starts: torch.Tensor, columns: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Sparse CSR tensor of float32 ones; torch's notice that the format is young is not passed on."""
    values = torch.ones(columns.numel(), dtype=torch.float32, device=columns.device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(starts, columns, values, shape, check_invariants=False)
