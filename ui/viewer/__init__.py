"""The image viewer: synchronized panels of layers with one crosshair, drawn in the browser."""

from ui.frontend.legend import ColourScale
from ui.viewer.component import ViewerEvent, image_viewer
from ui.viewer.layers import ImageLayer, LooksLayer, Panel, PixelValues, RegionLayer, Regions

__all__ = [
    "ColourScale",
    "ImageLayer",
    "LooksLayer",
    "Panel",
    "PixelValues",
    "RegionLayer",
    "Regions",
    "ViewerEvent",
    "image_viewer",
]
