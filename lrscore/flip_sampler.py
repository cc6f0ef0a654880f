"""Sparse sampling of flip noise: the work follows the ones and the flips, not nodes times attributes.

Ones are kept by comparing 32 random bits each with an integer threshold. Among all other attributes a flip is
rare, so the gaps between flips are drawn instead (geometric, exact up to the 2^-53 grid of the uniforms); a flip
that lands on a one is dropped there, because the ones have had their own draw. Nothing is sorted or coalesced.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import torch

from lrscore.errors import InputError
from lrscore.noise.flips import RESOLUTION

_INT64_MIN = -(2**63)
_LARGEST_TABLE = 2**31  # attributes; beyond it a table of all attributes would not fit


@dataclass(frozen=True)
class NoisyAttributes:
    """Binary attributes of `n` nodes, laid out for repeated noisy copies on one device.

    Args:
        columns: (ones,) int32 attribute of every one, node by node.
        rows: (ones,) int64 node of every one, ascending.
        table: (n * d,) bool, whether an attribute is one: the look-up that drops flips landing on ones.
        clusters: (n,) int64 cluster of every node.
        shape: (n, d).
    """

    columns: torch.Tensor
    rows: torch.Tensor
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
        return cls(
            columns=torch.as_tensor((flat % width).astype(np.int32), device=device),
            rows=torch.as_tensor(flat // width, device=device),
            table=table.to(device),
            clusters=torch.as_tensor(clusters.astype(np.int64), device=device),
            shape=shape,
        )

    def sample(
        self, to_one: np.ndarray, to_zero: np.ndarray, copies: int, generator: torch.Generator
    ) -> torch.Tensor:
        """`copies` noisy versions under flip probabilities (J,) per cluster; see `FlipNoise.sample`."""
        kept_rows, kept_columns = self._kept_ones(to_zero, copies, generator)
        parts = [
            self._new_ones(float(probability), to_one == probability, copies, generator)
            for probability in np.unique(to_one)
            if probability > 0
        ]
        return _stack_csr([(kept_rows, kept_columns), *parts], copies * self.shape[0], self.shape[1])

    def _kept_ones(
        self, to_zero: np.ndarray, copies: int, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows and columns of the ones that stay, copy by copy; each stays with probability `1 - q-`."""
        count = self.columns.numel()
        below = np.rint(to_zero * RESOLUTION) - RESOLUTION // 2  # zeroed iff the signed draw is below
        thresholds = torch.as_tensor(below.astype(np.int32), device=self.columns.device)[self.clusters][
            self.rows
        ]
        draws = torch.empty((copies * count + 1) // 2, dtype=torch.int64, device=self.columns.device)
        draws.random_(_INT64_MIN, None, generator=generator)
        bits = draws.view(torch.int32)[: copies * count].view(copies, count)
        kept = torch.nonzero((bits >= thresholds).view(-1)).view(-1)
        copy = _floor_divide(kept, count)
        one = torch.sub(kept, copy, alpha=count)
        rows = self.rows.index_select(0, one).add_(copy, alpha=self.shape[0])
        return rows, self.columns.index_select(0, one)

    def _new_ones(
        self, probability: float, chosen: np.ndarray, copies: int, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows and columns of zeros that become one with the same probability, in the chosen clusters."""
        nodes, width = self.shape
        members = torch.nonzero(torch.as_tensor(chosen, device=self.columns.device)[self.clusters]).view(-1)
        count = members.numel()
        flips = bernoulli_positions(copies * count * width, probability, generator)
        line = _floor_divide(flips, width)  # running number of the row among the chosen ones of all copies
        column = torch.sub(flips, line, alpha=width)
        copy = _floor_divide(line, max(count, 1))
        node = torch.sub(line, copy, alpha=count)
        if count < nodes:
            node = members.index_select(0, node)
        is_one = self.table.index_select(0, torch.add(column, node, alpha=width))
        zero = torch.nonzero(~is_one).view(-1)
        row = node.add_(copy, alpha=nodes)
        return row.index_select(0, zero), column.index_select(0, zero).to(torch.int32)


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


def _floor_divide(value: torch.Tensor, divisor: int) -> torch.Tensor:
    """Whole quotients of numbers below 2^53, by way of float64, whose division is faster than that of integers.

    The quotient `k - 1/divisor` just below a whole number is farther from it than the spacing of floats there, so
    rounding never carries it over.
    """
    return torch.div(value.to(torch.float64), float(max(divisor, 1))).to(torch.int64)


def _stack_csr(parts: list[tuple[torch.Tensor, torch.Tensor]], rows: int, width: int) -> torch.Tensor:
    """One CSR matrix of ones from several lists of positions.

    The parts share no position and each visits its rows in ascending order, so that the place of an element is
    its place in its own part plus the number of elements of all other parts in earlier rows (in earlier or the
    same rows, for parts stacked before it). Columns within a row are not sorted.
    """
    counts = torch.stack([torch.bincount(row, minlength=rows) for row, _ in parts])  # (parts, rows)
    starts = torch.zeros(rows + 1, dtype=torch.int64, device=counts.device)
    torch.cumsum(counts.sum(dim=0), 0, out=starts[1:])
    total = sum(column.numel() for _, column in parts)
    columns = torch.empty(total, dtype=torch.int32, device=counts.device)
    ahead = starts[:-1].clone()  # where the part's elements of a row begin
    for part, (row, column) in enumerate(parts):
        own = torch.cumsum(counts[part], 0) - counts[part]
        place = (ahead - own).index_select(0, row).add_(torch.arange(row.numel(), device=row.device))
        columns.scatter_(0, place, column)
        ahead += counts[part]
    return csr_of_ones(starts.to(torch.int32), columns, (rows, width))


def csr_of_ones(starts: torch.Tensor, columns: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Sparse CSR tensor of float32 ones; torch's notice that the format is young is not passed on."""
    values = torch.ones(columns.numel(), dtype=torch.float32, device=columns.device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(starts, columns, values, shape, check_invariants=False)
