"""Layers, panels, regions and values refuse what cannot be drawn, with one clear sentence."""

from __future__ import annotations

import numpy as np
import pytest

from lrscore.errors import InputError
from lrscore.images.regions import GridRegions
from ui.components.viewer import ImageLayer, Panel, PixelValues, RegionLayer, Regions, StylesLayer
from ui.style.palette import STATES

PIXELS = np.zeros((4, 6, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [PIXELS.astype(float), PIXELS[..., :2], PIXELS[..., 0], np.zeros((0, 6, 3), np.uint8)],
    ids=["float", "two channels", "no channels", "empty"],
)
def test_image_layer_wants_uint8_colours(pixels: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"layer 'photo': pixels must be uint8 of shape \(H, W, 3\)"):
        ImageLayer("photo", pixels)


@pytest.mark.parametrize("opacity", [-0.1, 1.1, np.nan])
def test_opacity_is_a_share(opacity: float) -> None:
    with pytest.raises(InputError, match=r"opacity must be in \[0, 1\]"):
        ImageLayer("photo", PIXELS, opacity=opacity)


def test_styles_layer_wants_known_numbers() -> None:
    StylesLayer("states", np.array([[0, 4], [255, 1]]), STATES)
    with pytest.raises(InputError, match="numbers must be 255 or below 5, got 5"):
        StylesLayer("states", np.array([[0, 5]]), STATES)
    with pytest.raises(InputError, match="numbers must be 255 or below 5, got -1"):
        StylesLayer("states", np.array([[0, -1]]), STATES)
    with pytest.raises(InputError, match="numbers must be integers"):
        StylesLayer("states", np.zeros((2, 2)), STATES)
    with pytest.raises(InputError, match="styles must be 1 to 255 styles, got 0"):
        StylesLayer("states", np.zeros((2, 2), dtype=int), ())


def test_region_layer_wants_one_colour_and_label_per_region() -> None:
    with pytest.raises(InputError, match=r"colours must be uint8 of shape \(regions, 4\)"):
        RegionLayer("budget", np.zeros((2, 3), dtype=np.uint8))
    with pytest.raises(InputError, match=r"labels must be one per region \(2\), got 1"):
        RegionLayer("budget", np.zeros((2, 4), dtype=np.uint8), ("a",))


def test_panel_wants_layers_with_different_names() -> None:
    with pytest.raises(InputError, match="at least one layer"):
        Panel("Input", ())
    with pytest.raises(InputError, match="names of layers must be unique"):
        Panel("Input", (ImageLayer("a", PIXELS), ImageLayer("a", PIXELS)))


def test_regions_from_slices_number_pixels_as_the_core_does() -> None:
    grid = GridRegions(7, 11, 3, 4)
    regions = Regions.from_slices(grid.slices(region) for region in range(grid.count))
    expected = grid.index_map()
    assert [[regions.at(row, column) for column in range(11)] for row in range(7)] == expected.tolist()
    assert regions.at(7, 0) is None
    assert regions.at(0, -1) is None


@pytest.mark.parametrize("box", [(0, 0, 0, 4), (3, 0, 2, 4), (0, 4, 2, 4), (-1, 0, 2, 4)])
def test_regions_must_not_be_empty(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError, match="region 0 must be"):
        Regions((box,))


def test_no_regions_is_none_and_not_an_empty_list() -> None:
    with pytest.raises(InputError, match="at least one rectangle"):
        Regions(())


def test_values_are_numbers_on_a_picture() -> None:
    with pytest.raises(InputError, match=r"values 'radius' must be numbers of shape \(H, W\)"):
        PixelValues("radius", np.zeros(3))
    with pytest.raises(InputError, match="must be numbers"):
        PixelValues("radius", np.array([["a"]]))
    with pytest.raises(InputError, match="must be integers to have names"):
        PixelValues("label", np.zeros((2, 2)), ("sky",))
