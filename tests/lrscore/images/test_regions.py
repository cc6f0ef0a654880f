import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrscore.errors import SettingsError
from lrscore.images.regions import GridRegions


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 6), st.integers(1, 6))
def test_every_pixel_lies_in_exactly_one_cell(height, width, rows, cols):
    rows, cols = min(rows, height), min(cols, width)
    regions = GridRegions(height, width, rows, cols)
    covered = np.zeros((height, width), dtype=int)
    for region in range(regions.count):
        covered[regions.slices(region)] += 1
        assert (regions.index_map()[regions.slices(region)] == region).all()
    assert (covered == 1).all()


@given(st.integers(1, 5), st.integers(1, 5))
def test_distances_are_chebyshev_distances_of_cells(rows, cols):
    distances = GridRegions(50, 50, rows, cols).distances()
    cells = [(r, c) for r in range(rows) for c in range(cols)]
    slow = [[max(abs(r - q), abs(c - d)) for q, d in cells] for r, c in cells]
    np.testing.assert_array_equal(distances, slow)


def test_cells_are_numbered_row_by_row():
    index = GridRegions(4, 6, 2, 3).index_map()
    np.testing.assert_array_equal(index[0], [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(index[3], [3, 3, 4, 4, 5, 5])


@pytest.mark.parametrize(
    ("rows", "cols", "text"), [(5, 1, "larger than the image"), (0, 1, "at least one row")]
)
def test_impossible_grids_are_refused(rows, cols, text):
    with pytest.raises(SettingsError, match=text):
        GridRegions(4, 4, rows, cols)
