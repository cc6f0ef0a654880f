"""The image viewer: synchronized panels of layers with one crosshair, drawn in the browser."""

from ui.components.frontend.legend import ColourScale
from ui.components.viewer.component import RingEdit, ViewerEvent, image_viewer
from ui.components.viewer.layers import (
    ImageLayer,
    Panel,
    PixelValues,
    RegionLayer,
    Regions,
    Rings,
    StylesLayer,
)

__all__ = [
    "ColourScale",
    "ImageLayer",
    "Panel",
    "PixelValues",
    "RegionLayer",
    "Regions",
    "RingEdit",
    "Rings",
    "StylesLayer",
    "ViewerEvent",
    "image_viewer",
]
