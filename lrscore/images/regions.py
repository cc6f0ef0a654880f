"""Grid regions: the blocks of pixels that share noise levels and, as outputs, one smoothing distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.errors import SettingsError


@dataclass(frozen=True)
class GridRegions:
    """A `rows x cols` grid over an image; cell `r * cols + c` is region (and output group) number `r * cols + c`.

    Args:
        height, width: image size in pixels.
        rows, cols: number of cells in each direction; every cell holds at least one pixel.

    Raises:
        SettingsError: the grid has no cell or more cells than pixels in a direction.
    """

    height: int
    width: int
    rows: int
    cols: int

    def __post_init__(self) -> None:
        if self.rows < 1 or self.cols < 1:
            raise SettingsError(f"grid needs at least one row and one column, got {self.rows}x{self.cols}")
        if self.rows > self.height or self.cols > self.width:
            raise SettingsError(
                f"grid {self.rows}x{self.cols} is larger than the image: "
                f"{self.height} pixels high, {self.width} wide"
            )

    @property
    def count(self) -> int:
        """Number of regions `J` (equal to the number of output groups `I`)."""
        return self.rows * self.cols

    def slices(self, region: int) -> tuple[slice, slice]:
        """Row and column slice of the pixels of one region."""
        row, col = divmod(region, self.cols)
        return _span(row, self.rows, self.height), _span(col, self.cols, self.width)

    def index_map(self) -> np.ndarray:
        """Region number of every pixel, (H, W) int64."""
        index = np.empty((self.height, self.width), dtype=np.int64)
        for region in range(self.count):
            index[self.slices(region)] = region
        return index

    def distances(self) -> np.ndarray:
        """Grid distance `max(|drow|, |dcol|)` between every two regions, (J, J) int64."""
        row, col = np.divmod(np.arange(self.count), self.cols)
        return np.maximum(np.abs(row[:, None] - row), np.abs(col[:, None] - col))


def _span(index: int, parts: int, length: int) -> slice:
    """The `index`-th of `parts` nearly equal pieces of `range(length)`."""
    return slice(index * length // parts, (index + 1) * length // parts)


def cells_met(pixels: int, parts: int, length: int) -> int:
    """How many pieces away the farthest one lies that a piece of `range(length)`, grown by `pixels`, still meets.

    Args:
        pixels: at least 0.
        parts, length: as of a grid's rows and height, or columns and width.
    """
    starts = np.arange(parts + 1) * length // parts
    here = np.arange(parts)
    first = np.searchsorted(starts, np.maximum(starts[:-1] - pixels, 0), side="right") - 1
    last = np.searchsorted(starts, np.minimum(starts[1:] - 1 + pixels, length - 1), side="right") - 1
    return int(max((here - first).max(), (last - here).max()))
