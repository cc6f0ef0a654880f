"""The image viewer: synchronized panels of layers with one crosshair, drawn in the browser."""

from ui.components.frontend.legend import ColourScale
from ui.components.viewer.component import RingEdit, ViewerEvent, image_viewer
from ui.components.viewer.layers import (
    ImageLayer,
    LooksLayer,
    Panel,
    PixelValues,
    RegionLayer,
    Regions,
    Rings,
)

__all__ = [
    "ColourScale",
    "ImageLayer",
    "LooksLayer",
    "Panel",
    "PixelValues",
    "RegionLayer",
    "Regions",
    "RingEdit",
    "Rings",
    "ViewerEvent",
    "image_viewer",
]
