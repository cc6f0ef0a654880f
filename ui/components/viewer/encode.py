"""Turns panels, regions and values into the message that the viewer's script reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrscore.errors import InputError
from ui.components.frontend.legend import ColourScale, compact, encode_scale, encode_style
from ui.components.frontend.payload import Payload
from ui.components.viewer.layers import (
    NOTHING,
    ImageLayer,
    Layer,
    Panel,
    PixelValues,
    Regions,
    Rings,
    StylesLayer,
)


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything one viewer shows; checks that the parts fit together.

    Raises:
        InputError: no panel, equal titles, arrays of different size, a region layer without regions or with the
            wrong number of rows, regions outside the picture.
    """

    panels: Sequence[Panel]
    regions: Regions | None = None
    values: Sequence[PixelValues] = ()

    def __post_init__(self) -> None:
        if not self.panels:
            raise InputError("panels must hold at least one panel")
        titles = [panel.title for panel in self.panels]
        if len(set(titles)) < len(titles):
            raise InputError(f"titles of panels must be unique, got {titles}")
        self._check_sizes()
        self._check_regions()

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of every picture, taken from the first layer that has pixels."""
        for panel in self.panels:
            for layer in panel.layers:
                if isinstance(layer, ImageLayer | StylesLayer):
                    return layer.shape
        raise InputError("panels must hold at least one layer with pixels")

    def _check_sizes(self) -> None:
        height, width = self.shape
        pixel_layers = [
            (f"layer {layer.name!r} of panel {panel.title!r}", layer.shape)
            for panel in self.panels
            for layer in panel.layers
            if isinstance(layer, ImageLayer | StylesLayer)
        ]
        for what, shape in [*pixel_layers, *((f"values {v.name!r}", v.values.shape) for v in self.values)]:
            if shape != (height, width):
                raise InputError(
                    f"{what} must be {height}x{width} like the first layer, got {shape[0]}x{shape[1]}"
                )

    def _check_regions(self) -> None:
        height, width = self.shape
        count = len(self.regions.rectangles) if self.regions else 0
        for _, _, bottom, right in self.regions.rectangles if self.regions else ():
            if bottom > height or right > width:
                raise InputError(
                    f"regions must lie inside the {height}x{width} picture, got one that ends at {bottom}, {right}"
                )
        for panel in self.panels:
            for layer in panel.layers:
                if not isinstance(layer, ImageLayer | StylesLayer) and len(layer.colours) != count:
                    raise InputError(
                        f"layer {layer.name!r} of panel {panel.title!r} must have one colour per region ({count}), "
                        f"got {len(layer.colours)}"
                    )


def encode_scene(
    scene: Scene,
    *,
    key: str,
    max_height: int,
    selected: tuple[int, int] | None = None,
    file_name: str = "",
    plain: bool = False,
) -> bytes:
    """The message of a scene: header and arrays, see `ui.components.frontend.payload`."""
    payload = Payload()
    height, width = scene.shape
    header = {
        "key": key,
        "width": width,
        "height": height,
        "max_height": max_height,
        "file_name": file_name,
        "plain": plain,
        "panels": [
            {
                "title": panel.title,
                "description": panel.description,
                "layers": [_layer(payload, layer) for layer in panel.layers],
            }
            for panel in scene.panels
        ],
        "regions": scene.regions
        and {"rectangles": scene.regions.rectangles, "outlined": scene.regions.outlined},
        "values": [_values(payload, values) for values in scene.values],
        "selected": selected,
    }
    return payload.pack(header)


def _layer(payload: Payload, layer: Layer) -> dict[str, Any]:
    common = {"name": layer.name, "opacity": layer.opacity, "visible": layer.visible}
    if isinstance(layer, StylesLayer):
        present = np.unique(layer.numbers)
        return {
            **common,
            "kind": "styles",
            "blob": payload.add_array(layer.numbers.astype(np.uint8)),
            "styles": [encode_style(style) for style in layer.styles],
            "present": present[present != NOTHING].tolist(),
            "legend": layer.legend,
        }
    scale = encode_scale(layer.scale)
    if isinstance(layer, ImageLayer):
        return {**common, "kind": "image", "blob": payload.add_image(layer.pixels), "scale": scale}
    return {
        **common,
        "kind": "regions",
        "colours": layer.colours.tolist(),
        "labels": layer.labels,
        "scale": scale,
        "rings": None if layer.rings is None else _rings(layer.rings, layer.scale),
    }


def _rings(rings: Rings, scale: ColourScale | None) -> dict[str, Any]:
    """Handles of a layer, with the ends of its colours; a blanked region's level is null."""
    assert scale is not None
    return {
        "group": rings.group,
        "distances": rings.distances,
        "levels": [level if np.isfinite(level) else None for level in rings.levels],
        "low": rings.low,
        "high": rings.high,
        "step": rings.step,
        "range": [scale.low, scale.high],
    }


def _values(payload: Payload, values: PixelValues) -> dict[str, Any]:
    floating = values.values.dtype.kind == "f"
    return {
        "name": values.name,
        "blob": payload.add_array(compact(values.values, argument=f"values {values.name!r}")),
        "names": values.names,
        "unit": values.unit,
        "digits": values.digits if floating else 0,
    }
