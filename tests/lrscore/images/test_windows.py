"""Windows and levels of views against direct computations."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from lrscore import ImageSettings
from lrscore.errors import InputError, SettingsError
from lrscore.images.regions import GridRegions
from lrscore.images.windows import (
    MAX_VIEWS,
    View,
    checked_views,
    clearest_levels,
    needed_window,
    refuse_narrow_windows,
    window_levels,
)
from lrscore.noise import GaussianNoise


def random_view(random: np.random.Generator) -> View:
    window = None if random.random() < 0.3 else int(random.integers(0, 4))
    return View(window, float("inf") if random.random() < 0.15 else float(10 ** random.uniform(-2, 1)))


@pytest.mark.parametrize("seed", range(40))
def test_weights_are_the_squared_shift_of_what_a_group_reads(seed: int) -> None:
    """All pixels of all views that a group reads as one Gaussian vector; a perturbation moves its mean."""
    random = np.random.default_rng(seed)
    rows, cols = random.integers(1, 5, size=2).tolist()
    regions = GridRegions(rows * 2 + 1, cols * 3 + 1, rows, cols)
    views = [random_view(random) for _ in range(random.integers(1, 5))]
    levels = window_levels(regions.distances(), views)
    weights = GaussianNoise().weight(levels)
    index = regions.index_map()
    perturbation = random.normal(size=index.shape)
    spent = np.bincount(index.ravel(), (perturbation**2).ravel(), minlength=regions.count)
    for group in range(regions.count):
        row, col = divmod(group, cols)
        shift, deviation = [], []
        for window, level in views:
            for y, x in np.ndindex(index.shape):
                r, c = divmod(int(index[y, x]), cols)
                if window is None or max(abs(r - row), abs(c - col)) <= window:
                    shift.append(perturbation[y, x])
                    deviation.append(level)
        squared = float(((np.array(shift) / np.array(deviation)) ** 2).sum())
        assert weights[group] @ spent == pytest.approx(squared, rel=1e-11)


@pytest.mark.parametrize("seed", range(20))
def test_no_weight_is_below_its_exact_value(seed: int) -> None:
    random = np.random.default_rng(seed)
    distances = GridRegions(9, 9, 3, 3).distances()
    for _ in range(40):
        spread = random.choice([0.01, 1.0, 8.0])
        views = [
            View(random.choice([0, 1, 2, None]), float(10 ** random.uniform(-spread, spread)))
            for _ in range(random.integers(2, MAX_VIEWS + 1))
        ]
        levels = window_levels(distances, views)
        for place in np.ndindex(distances.shape):
            seen = [
                Fraction(view.level)
                for view in views
                if view.window is None or distances[place] <= view.window
            ]
            exact = sum((1 / level**2 for level in seen), Fraction(0))
            if len(seen) == 1:
                assert levels[place] == float(seen[0])
            elif seen:
                assert (
                    exact
                    <= Fraction(float(GaussianNoise().weight(levels[place])))
                    <= exact * (1 + Fraction(1, 10**13))
                )
            else:
                assert math.isinf(levels[place])


def test_coarse_views_beside_an_extremely_fine_one_keep_their_weight() -> None:
    distances = GridRegions(4, 4, 1, 4).distances()
    views = [View(0, 1e-170), View(None, 1.0), View(None, 2.0)]
    assert window_levels(distances, views)[0, 3] == pytest.approx((1 + 0.25) ** -0.5)


def test_the_clearest_view_is_the_one_of_the_lowest_level() -> None:
    distances = GridRegions(4, 4, 1, 4).distances()
    found = clearest_levels(distances, [View(1, 0.1), View(2, 0.3), View(None, math.inf)])
    np.testing.assert_array_equal(found[0], [0.1, 0.1, 0.3, math.inf])


@pytest.mark.parametrize("seed", range(30))
def test_needed_windows_hold_every_pixel_of_the_field(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, cols = random.integers(1, 7, size=2).tolist()
    regions = GridRegions(int(random.integers(rows, 25)), int(random.integers(cols, 25)), rows, cols)
    field = int(random.integers(0, 12))
    index = regions.index_map()
    farthest = 0
    for y, x in np.ndindex(index.shape):
        near = index[max(0, y - field) : y + field + 1, max(0, x - field) : x + field + 1]
        r, c = np.divmod(near, cols)
        own = divmod(int(index[y, x]), cols)
        farthest = max(farthest, int(np.maximum(abs(r - own[0]), abs(c - own[1])).max()))
    assert needed_window(field, regions) == farthest


def test_a_model_that_sees_farther_than_the_settings_is_refused() -> None:
    views = checked_views([(1, 0.2), (2, 0.4), (None, 0.8)])
    refuse_narrow_windows((1, 2, None), views)
    refuse_narrow_windows((0, 1, 3), views)
    for needed in [(2, 2, None), (1, None, None), (1, 3, 0)]:
        with pytest.raises(InputError, match="claim too much"):
            refuse_narrow_windows(needed, views)
    with pytest.raises(InputError, match="reads 2 views, the settings have 3"):
        refuse_narrow_windows((1, 2), views)
    # Nothing is seen of a blank view, however far one looks
    refuse_narrow_windows((1, None), checked_views([(1, 0.2), (0, math.inf)]))


def test_two_views_are_a_shorthand() -> None:
    short = ImageSettings(grid=(2, 3), two_views=True, level_min=0.25, level_max=2.0)
    long = ImageSettings(grid=(2, 3), views=((0, 0.25), (None, 2.0)))
    assert short.all_views() == long.all_views() == (View(0, 0.25), View(None, 2.0))
    np.testing.assert_array_equal(short.noise_levels(), long.noise_levels())
    assert (long.level_min, long.level_max) == (0.25, 2.0)
    assert ImageSettings(**long.to_dict()) == long
    blank = replace(short, mask_distance=1)
    np.testing.assert_array_equal(
        blank.noise_levels(),
        ImageSettings(grid=(2, 3), views=((0, 0.25), (None, math.inf))).noise_levels(),
    )
    assert long.shared_copies() == [list(range(6))]
    assert ImageSettings().all_views() is None


def test_what_views_do_not_read_makes_no_difference() -> None:
    settings = ImageSettings(views=[[1, 0.2], [None, 0.6]])  # type: ignore[arg-type]
    assert settings.views == ((1, 0.2), (None, 0.6))
    assert replace(settings, level_min=0.01, level_max=9.0, per_group=True) == settings
    assert settings.levels_in_words() == "0.2 within 1, 0.6 everywhere"


@pytest.mark.parametrize(
    ("views", "words"),
    [
        ((), "1 to 8 pairs"),
        (((0, 0.1),) * 9, "1 to 8 pairs"),
        ("0.1", "1 to 8 pairs"),
        ((0.1, 0.2), "a pair"),
        (((0.5, 0.1),), "whole number of cells"),
        (((-1, 0.1),), "whole number of cells"),
        (((True, 0.1),), "whole number of cells"),
        (((0, 0.0),), "above 0"),
        (((0, math.nan),), "above 0"),
        (((0, "x"),), "above 0"),
        (((0, math.inf), (None, math.inf)), "finite level"),
    ],
)
def test_views_that_there_are_not(views: object, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        ImageSettings(views=views)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"noise": "laplace"},
        {"two_views": True},
        {"mask_distance": 1},
        {"levels": ((0.1,) * 15,) * 15},
    ],
)
def test_settings_that_views_can_not_have(change: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        ImageSettings(views=((0, 0.1), (None, 0.5)), **change)  # type: ignore[arg-type]
