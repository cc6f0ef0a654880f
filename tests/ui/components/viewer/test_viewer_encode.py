"""Scenes check that their parts fit, and their messages hold what the script needs."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest

from lrscore.errors import InputError
from tests.ui.components.messages import unpack
from ui.components.viewer import (
    ColourScale,
    ImageLayer,
    Panel,
    PixelValues,
    RegionLayer,
    Regions,
    StylesLayer,
)
from ui.components.viewer.encode import Scene, encode_scene
from ui.style.palette import RADIUS, STATES

PHOTO = ImageLayer("photo", np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3))
HALVES = Regions(((0, 0, 4, 3), (0, 3, 4, 6)))
TWO_COLOURS = np.array([[255, 0, 0, 128], [0, 0, 255, 0]], dtype=np.uint8)


def message(scene: Scene, **options: Any) -> tuple[dict[str, Any], list[bytes]]:
    return unpack(encode_scene(scene, key="k", max_height=300, **options))


def test_message_names_sizes_layers_and_selection() -> None:
    states = np.array([[0, 1, 255, 3, 3, 3]] * 4)
    panels = [
        Panel("Input", (PHOTO,), "a street"),
        Panel("Certified", (PHOTO, StylesLayer("states", states, STATES, opacity=0.5, visible=False))),
    ]
    header, blobs = message(Scene(panels), selected=(1, 2))
    assert (header["width"], header["height"], header["max_height"], header["selected"]) == (
        6,
        4,
        300,
        [1, 2],
    )
    assert [panel["title"] for panel in header["panels"]] == ["Input", "Certified"]
    first, second = header["panels"][1]["layers"]
    assert first["blob"] == header["panels"][0]["layers"][0]["blob"], "the photo travels once"
    assert (second["kind"], second["opacity"], second["visible"]) == ("styles", 0.5, False)
    assert second["present"] == [0, 1, 3]
    assert np.frombuffer(zlib.decompress(blobs[second["blob"]]), np.uint8).tolist() == states.ravel().tolist()
    assert second["styles"][1] == {
        "name": STATES[1].name,
        "fill": [STATES[1].light, STATES[1].dark],
        "ink": [STATES[1].ink_light, STATES[1].ink_dark],
        "pattern": STATES[1].pattern,
    }


def test_message_holds_regions_scales_and_values() -> None:
    layer = RegionLayer(
        "budget", TWO_COLOURS, ("0.4", ""), scale=ColourScale(RADIUS, 0, 0.5, "budget", "of ε")
    )
    radius = np.full((4, 6), 0.25)
    radius[0, 0] = np.nan
    values = [
        PixelValues("radius", radius, digits=2),
        PixelValues("label", np.ones((4, 6), int), ("sky", "road")),
    ]
    header, blobs = message(Scene([Panel("Input", (PHOTO, layer))], HALVES, values))
    assert header["regions"] == {"rectangles": [[0, 0, 4, 3], [0, 3, 4, 6]], "outlined": True}
    sent = header["panels"][0]["layers"][1]
    assert sent["colours"] == TWO_COLOURS.tolist()
    assert (sent["scale"]["name"], sent["scale"]["low"], sent["scale"]["high"]) == (
        "budget",
        "0 of ε",
        "0.5 of ε",
    )
    assert (sent["scale"]["colours"][0], sent["scale"]["colours"][-1]) == (
        RADIUS.anchors[0],
        RADIUS.anchors[-1],
    )
    sent_radius = np.frombuffer(zlib.decompress(blobs[header["values"][0]["blob"]]), "<f4")
    assert np.array_equal(sent_radius, radius.ravel().astype(np.float32), equal_nan=True)
    assert (header["values"][0]["digits"], header["values"][1]["digits"]) == (2, 0)
    assert header["values"][1]["names"] == ["sky", "road"]


@pytest.mark.parametrize(
    ("scene", "message"),
    [
        (lambda: Scene([]), "at least one panel"),
        (lambda: Scene([Panel("a", (PHOTO,)), Panel("a", (PHOTO,))]), "titles of panels must be unique"),
        (
            lambda: Scene([Panel("a", (PHOTO, ImageLayer("b", np.zeros((6, 4, 3), np.uint8))))]),
            "layer 'b' of panel 'a' must be 4x6 like the first layer, got 6x4",
        ),
        (
            lambda: Scene([Panel("a", (PHOTO,))], values=[PixelValues("radius", np.zeros((2, 2)))]),
            "values 'radius' must be 4x6 like the first layer, got 2x2",
        ),
        (
            lambda: Scene([Panel("a", (PHOTO,))], Regions(((0, 0, 4, 7),))),
            "regions must lie inside the 4x6 picture",
        ),
        (
            lambda: Scene([Panel("a", (PHOTO, RegionLayer("budget", TWO_COLOURS)))]),
            r"layer 'budget' of panel 'a' must have one colour per region \(0\), got 2",
        ),
        (lambda: Scene([Panel("a", (RegionLayer("budget", TWO_COLOURS),))], HALVES), "one layer with pixels"),
    ],
)
def test_parts_that_do_not_fit_are_refused(scene: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        scene()
