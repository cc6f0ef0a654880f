"""The search for a network of views: windows counted pixel by pixel, and commands that train can read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.view_networks import REFERENCE, candidates, training, window_weights
from lrscore.images.regions import GridRegions
from models.segmentation import train


@pytest.mark.parametrize(("size", "grid"), [((30, 40), (3, 4)), ((23, 31), (4, 5)), ((20, 20), (1, 1))])
def test_windows_count_the_cells_that_a_pixel_may_see(size: tuple[int, int], grid: tuple[int, int]) -> None:
    regions = GridRegions(*size, *grid)
    fields, ratios = (3, 9, None), (1.0, 4.0, 8.0)
    index, expected = regions.index_map(), np.zeros((regions.count, regions.count))
    for field, ratio in zip(fields, ratios, strict=True):
        met = np.zeros_like(expected, dtype=bool)
        for down, across in np.ndindex(*size):
            reach = max(size) if field is None else field
            window = index[
                max(0, down - reach) : down + reach + 1, max(0, across - reach) : across + reach + 1
            ]
            met[index[down, across], window] = True
        expected += met / ratio**2
    np.testing.assert_allclose(window_weights(regions, fields, ratios), expected)


@pytest.mark.parametrize("name", [REFERENCE, *candidates()])
def test_trainings_are_commands_that_differ_in_the_network_alone(name: str) -> None:
    words = training(name, out=Path("runs"), steps=600, scenes=400, data_root=None)
    chosen = vars(train.parser().parse_args(words))
    other = vars(
        train.parser().parse_args(
            training(REFERENCE, out=Path("runs"), steps=600, scenes=400, data_root=None)
        )
    )
    differing = {key for key in chosen if chosen[key] != other[key]}
    assert differing <= {"architecture", "sharp_blocks", "noise", "highest", "out", "state", "log"}
