"""States stay apart for colour-blind readers and in greyscale; maps are even and keep their range."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from ui.style.palette import (
    ALLOCATION,
    COLOUR_MAPS,
    DIFFERENCE,
    NOISE,
    RADIUS,
    SHARE,
    STATES,
    WRONG,
    ColourMap,
    Style,
    class_styles,
    parse_colour,
)

# Machado, Oliveira and Fernandes (2009), severity 1.0; they act on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
SMALLEST_COLOUR_DISTANCE = 20.0  # CIELAB units; 2.3 is one just noticeable difference
SMALLEST_LIGHTNESS_STEP = 12.0  # of 100


def linear_rgb(colour: str) -> np.ndarray:
    srgb = np.array(parse_colour(colour)) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def cielab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    ratio = to_xyz @ linear / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour: str, vision: str) -> np.ndarray:
    return cielab(np.clip(VISION[vision] @ linear_rgb(colour), 0, 1))


PAIRS = list(itertools.combinations(STATES, 2))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_states_differ_in_colour_for_every_kind_of_vision(theme: str, vision: str) -> None:
    for one, other in PAIRS:
        distance = np.linalg.norm(seen(getattr(one, theme), vision) - seen(getattr(other, theme), vision))
        assert distance >= SMALLEST_COLOUR_DISTANCE, (one.name, other.name, distance)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_differ_in_greyscale(theme: str) -> None:
    for one, other in PAIRS:
        step = abs(seen(getattr(one, theme), "normal")[0] - seen(getattr(other, theme), "normal")[0])
        assert step >= SMALLEST_LIGHTNESS_STEP, (one.name, other.name, step)


def test_states_differ_in_pattern_and_name() -> None:
    assert len({style.pattern for style in STATES}) == len(STATES)
    assert len({style.name for style in STATES}) == len(STATES)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_patterns_are_visible_on_their_fill(theme: str) -> None:
    for style in STATES:
        if style.pattern == "none":
            continue
        ink = seen(getattr(style, f"ink_{theme}"), "normal")[0]
        assert abs(ink - seen(getattr(style, theme), "normal")[0]) >= SMALLEST_LIGHTNESS_STEP, style.name


def lightness(colours: np.ndarray) -> np.ndarray:
    return np.array([seen("#{:02x}{:02x}{:02x}".format(*row), "normal")[0] for row in colours.tolist()])


@pytest.mark.parametrize("colour_map", [RADIUS, ALLOCATION, NOISE, SHARE], ids=lambda m: m.name)
def test_sequential_maps_run_in_one_direction_over_most_of_the_range(colour_map: ColourMap) -> None:
    steps = np.diff(lightness(colour_map.table[::5]))
    assert np.all(steps < 0) or np.all(steps > 0)
    assert abs(steps.sum()) >= 60


def test_difference_map_is_lightest_in_the_middle() -> None:
    light = lightness(DIFFERENCE.table)
    assert 120 <= int(np.argmax(light)) <= 135
    assert light[0] < 50
    assert light[-1] < 50


def test_maps_of_different_quantities_do_not_share_a_dark_end() -> None:
    ends = [cielab(linear_rgb(m.anchors[-1])) for m in (RADIUS, ALLOCATION, NOISE)]
    assert all(np.linalg.norm(a - b) > 20 for a, b in itertools.combinations(ends, 2))


@pytest.mark.parametrize("colour_map", COLOUR_MAPS, ids=lambda m: m.name)
def test_table_begins_and_ends_with_its_anchors(colour_map: ColourMap) -> None:
    table = colour_map.table
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert tuple(table[0]) == parse_colour(colour_map.anchors[0])
    assert tuple(table[-1]) == parse_colour(colour_map.anchors[-1])


def test_values_outside_the_range_are_clipped_and_nan_is_transparent() -> None:
    colours = RADIUS.apply(np.array([[-1.0, 0.0, 0.25], [0.5, np.inf, np.nan]]), 0.0, 0.5)
    assert colours.shape == (2, 3, 4)
    first, last, middle = RADIUS.table[0], RADIUS.table[-1], RADIUS.table[round(0.5 * 255)]
    assert colours[0, 0].tolist() == colours[0, 1].tolist() == [*first, 255]
    assert colours[1, 0].tolist() == colours[1, 1].tolist() == [*last, 255]
    assert colours[0, 2].tolist() == [*middle, 255]
    assert colours[1, 2, 3] == 0


def test_faded_values_are_opaque_at_the_high_end_only() -> None:
    colours = ALLOCATION.apply(np.array([0.0, 0.2, 1.0, 2.0, np.nan]), 0.0, 1.0, fade=True)
    assert colours[:, 3].tolist() == [0, 51, 255, 255, 0]
    assert colours[2, :3].tolist() == ALLOCATION.table[-1].tolist()


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (1.0, 0.0), (0.0, np.inf), (np.nan, 1.0)])
def test_empty_ranges_are_refused(low: float, high: float) -> None:
    with pytest.raises(InputError, match="low < high"):
        RADIUS.apply([0.0], low, high)


@pytest.mark.parametrize("text", ["red", "#12345", "#12345g", "", "1234567"])
def test_colours_that_are_not_hexadecimal_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"light must look like #rrggbb, got"):
        Style("x", text, "#000000")


def test_unknown_pattern_is_refused() -> None:
    with pytest.raises(InputError, match="pattern must be one of"):
        Style("x", "#000000", "#000000", "zigzag")  # type: ignore[arg-type]


def test_class_styles_take_their_colours_from_the_palette() -> None:
    styles = class_styles(("sky", "road"), np.array([[1, 2, 3], [255, 0, 16]], dtype=np.uint8))
    assert [(style.name, style.light, style.dark) for style in styles] == [
        ("sky", "#010203", "#010203"),
        ("road", "#ff0010", "#ff0010"),
    ]
    with pytest.raises(InputError, match=r"palette must be uint8 of shape \(1, 3\)"):
        class_styles(("sky",), np.zeros((2, 3), dtype=np.uint8))


@pytest.mark.parametrize("name", CAMVID_CLASSES)
def test_no_class_looks_like_wrong(name: str) -> None:
    colour = CAMVID_PALETTE[CAMVID_CLASSES.index(name)]
    for theme in ("light", "dark"):
        painted = np.array(parse_colour(getattr(WRONG, theme)))
        assert np.abs(colour.astype(int) - painted).max() > 60, f"{name} beside wrong, {theme} theme"
