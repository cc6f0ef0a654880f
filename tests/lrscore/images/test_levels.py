import numpy as np
import pytest

from lrscore.errors import SettingsError
from lrscore.images.levels import blank_far_regions, check_levels, equal_rows, interpolate_levels
from lrscore.images.regions import GridRegions

DISTANCES = GridRegions(30, 50, 3, 5).distances()


def slow_levels(low, high, *, variance=False, per_group=False):
    """One entry at a time."""
    levels = np.empty(DISTANCES.shape)
    for i, row in enumerate(DISTANCES):
        largest = max(row) if per_group else max(max(r) for r in DISTANCES)
        for j, distance in enumerate(row):
            fraction = distance / largest
            if variance:
                levels[i, j] = ((1 - fraction) * low**2 + fraction * high**2) ** 0.5
            else:
                levels[i, j] = (1 - fraction) * low + fraction * high
    return levels


@pytest.mark.parametrize("variance", [False, True])
@pytest.mark.parametrize("per_group", [False, True])
def test_interpolation_matches_the_slow_definition(variance, per_group):
    levels = interpolate_levels(
        DISTANCES, 0.1, 0.3, interpolation="variance" if variance else "linear", per_group=per_group
    )
    np.testing.assert_allclose(
        levels, slow_levels(0.1, 0.3, variance=variance, per_group=per_group), rtol=1e-14
    )


def test_per_group_gives_every_group_the_largest_level_somewhere():
    assert (interpolate_levels(DISTANCES, 0.1, 0.3, per_group=True).max(axis=1) == 0.3).all()
    assert (
        interpolate_levels(DISTANCES, 0.1, 0.3).max(axis=1) < 0.3
    ).any()  # the middle never sees it otherwise


def test_one_region_has_the_lowest_level():
    assert interpolate_levels(np.zeros((1, 1)), 0.1, 0.3).tolist() == [[0.1]]


def test_blanked_regions_are_infinite():
    levels = blank_far_regions(np.full(DISTANCES.shape, 0.2), DISTANCES, 2)
    np.testing.assert_array_equal(np.isinf(levels), DISTANCES >= 2)


@pytest.mark.parametrize("bad", [[[0.1, -0.1]], [[0.1, 0.0]], [[0.1, float("nan")]]])
def test_levels_must_be_positive(bad):
    with pytest.raises(SettingsError, match="above 0"):
        check_levels(bad)


def test_levels_must_have_the_right_shape():
    with pytest.raises(SettingsError, match=r"shape \(2, 2\), got shape \(1, 2\)"):
        check_levels([[0.1, 0.2]], (2, 2))


def test_groups_with_equal_rows_belong_together():
    levels = np.array([[0.1, np.inf], [0.2, 0.1], [0.1, np.inf], [0.2, 0.1], [0.2, np.nextafter(0.1, 1)]])
    assert equal_rows(levels) == [[0, 2], [1, 3], [4]]
