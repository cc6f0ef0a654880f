"""The bundled scenes: chosen seeds with names for the command line and words for people."""

from __future__ import annotations

from dataclasses import dataclass

from lrscore.errors import InputError
from models.scenes.render import Scene, render_scene


@dataclass(frozen=True)
class GalleryScene:
    """A chosen scene. `name` is a slug and never changes, because stored certificates carry it."""

    name: str
    seed: int
    title: str
    description: str


GALLERY: tuple[GalleryScene, ...] = (
    GalleryScene(
        "zebra-crossing",
        63,
        "Zebra crossing",
        "A clear day in front of a crossing: large calm areas, and thin bollards and stripes beside them.",
    ),
    GalleryScene(
        "high-street",
        44,
        "High street",
        "Shops, passers-by and parked cars: many small things close together, each with its own border.",
    ),
    GalleryScene(
        "autumn-avenue",
        43,
        "Autumn avenue",
        "Trees with ragged crowns against houses and sky, and their shadow on the road.",
    ),
    GalleryScene(
        "dusk-shops",
        25,
        "Shops at dusk",
        "Lit windows and dark people: light that few training photos show.",
    ),
    GalleryScene(
        "cyclist-crossing",
        3,
        "Cyclist crossing",
        "A bicycle seen from the side: spokes and frame one or two pixels wide.",
    ),
    GalleryScene(
        "suburban-morning",
        13,
        "Suburban morning",
        "Gardens, walls and parked vans under an open sky, with hard sunlight.",
    ),
    GalleryScene(
        "gloomy-crossing",
        35,
        "Gloomy crossing",
        "A dull day with little contrast: noise of the same level hides more here.",
    ),
    GalleryScene(
        "park-railings",
        100,
        "Park railings",
        "A far view past railings: bars that one sees through, and small cars near the horizon.",
    ),
)
"""Eight scenes that differ in light, density and distance, in the order in which they are shown."""


def load_gallery_scene(name: str) -> Scene:
    """Render a bundled scene at 180 x 240 pixels.

    Raises `InputError` with the list of names if there is none of that name.
    """
    for entry in GALLERY:
        if entry.name == name:
            return render_scene(entry.seed)
    known = ", ".join(entry.name for entry in GALLERY)
    raise InputError(f"name: expected a bundled scene ({known}), got {name!r}")
