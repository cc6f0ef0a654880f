"""What an image viewer shows: panels, their layers, regions and the values of its readout.

All arrays of one viewer have the same height and width. Rows run downward and columns to the right, from 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lrscore.errors import InputError
from ui.components.frontend.legend import ColourScale
from ui.style.palette import Style

NOTHING = 255
"""Number of a pixel that a `StylesLayer` leaves unpainted."""


@dataclass(frozen=True, eq=False)
class ImageLayer:
    """Ready-made pixels.

    Args:
        name: unique within its panel; shown beside the layer's slider.
        pixels: (H, W, 3) or (H, W, 4) uint8.
        opacity: where the slider starts, in [0, 1].
        visible: whether the layer starts switched on.
        scale: legend, if the pixels come from a colour map.
    """

    name: str
    pixels: npt.NDArray[np.uint8]
    opacity: float = 1.0
    visible: bool = True
    scale: ColourScale | None = None

    def __post_init__(self) -> None:
        shape, dtype = np.shape(self.pixels), np.asarray(self.pixels).dtype
        if len(shape) != 3 or shape[2] not in (3, 4) or 0 in shape or dtype != np.uint8:
            raise InputError(
                f"layer {self.name!r}: pixels must be uint8 of shape (H, W, 3) or (H, W, 4), "
                f"got {dtype} of shape {shape}"
            )
        _check_opacity(self.name, self.opacity)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass(frozen=True, eq=False)
class StylesLayer:
    """A number per pixel, painted with the style of that number; patterns are drawn at screen resolution.

    Args:
        name: unique within its panel.
        numbers: (H, W) integers: positions in `styles`, or 255 for nothing.
        styles: at most 255 styles.
        opacity, visible: as for `ImageLayer`.
        legend: whether the styles that occur are listed below the panel.
    """

    name: str
    numbers: npt.NDArray[np.integer]
    styles: tuple[Style, ...]
    opacity: float = 1.0
    visible: bool = True
    legend: bool = True

    def __post_init__(self) -> None:
        numbers = np.asarray(self.numbers)
        if numbers.ndim != 2 or numbers.size == 0 or not np.issubdtype(numbers.dtype, np.integer):
            raise InputError(
                f"layer {self.name!r}: numbers must be integers of shape (H, W), "
                f"got {numbers.dtype} of shape {numbers.shape}"
            )
        if not 0 < len(self.styles) <= NOTHING:
            raise InputError(
                f"layer {self.name!r}: styles must be 1 to {NOTHING} styles, got {len(self.styles)}"
            )
        unknown = numbers[(numbers != NOTHING) & ((numbers < 0) | (numbers >= len(self.styles)))]
        if unknown.size:
            raise InputError(
                f"layer {self.name!r}: numbers must be {NOTHING} or below {len(self.styles)}, got {unknown.flat[0]}"
            )
        _check_opacity(self.name, self.opacity)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.numbers.shape[0], self.numbers.shape[1]


@dataclass(frozen=True)
class Rings:
    """Handles on a region layer: one per distance from a region, dragged up or down to change the level there.

    Args:
        group: the region in the middle.
        distances: of every region from it, whole numbers; regions at the same distance form a ring.
        levels: of every region; infinite where it is blanked.
        low, high, step: range and grid of the levels that a drag can set.
    """

    group: int
    distances: tuple[int, ...]
    levels: tuple[float, ...]
    low: float
    high: float
    step: float

    def __post_init__(self) -> None:
        if len(self.distances) != len(self.levels) or not 0 <= self.group < len(self.levels):
            raise InputError(
                f"rings must have a distance and a level per region and lie around one of them, got "
                f"{len(self.distances)} distances, {len(self.levels)} levels, region {self.group}"
            )
        if not 0 < self.step <= self.low < self.high:
            raise InputError(
                f"step, low and high must be 0 < step <= low < high, got {self.step}, {self.low}, {self.high}"
            )


@dataclass(frozen=True, eq=False)
class RegionLayer:
    """A colour per region, with a text if wanted: attack budget, noise level, share of certified pixels.

    Args:
        name: unique within its panel.
        colours: (regions, 4) uint8 RGBA, one row per region of the viewer's `regions`.
        labels: one short text per region, drawn in its middle where there is room.
        opacity, visible, scale: as for `ImageLayer`.
        rings: handles that change a level ring by ring; needs labels and a scale, which follow the handle.
    """

    name: str
    colours: npt.NDArray[np.uint8]
    labels: tuple[str, ...] | None = None
    opacity: float = 0.7
    visible: bool = True
    scale: ColourScale | None = None
    rings: Rings | None = None

    def __post_init__(self) -> None:
        shape, dtype = np.shape(self.colours), np.asarray(self.colours).dtype
        if len(shape) != 2 or shape[1] != 4 or dtype != np.uint8:
            raise InputError(
                f"layer {self.name!r}: colours must be uint8 of shape (regions, 4), got {dtype} of shape {shape}"
            )
        if self.labels is not None and len(self.labels) != shape[0]:
            raise InputError(
                f"layer {self.name!r}: labels must be one per region ({shape[0]}), got {len(self.labels)}"
            )
        if self.rings is not None and (
            self.scale is None or self.labels is None or len(self.rings.levels) != shape[0]
        ):
            raise InputError(f"layer {self.name!r}: rings need a scale, labels, and a level per region")
        _check_opacity(self.name, self.opacity)


Layer = ImageLayer | StylesLayer | RegionLayer


@dataclass(frozen=True, eq=False)
class Panel:
    """A titled stack of layers, the first one at the bottom. `description` is read aloud to the blind."""

    title: str
    layers: tuple[Layer, ...]
    description: str = ""

    def __post_init__(self) -> None:
        names = [layer.name for layer in self.layers]
        if not names:
            raise InputError(f"panel {self.title!r}: layers must hold at least one layer")
        if len(set(names)) < len(names):
            raise InputError(f"panel {self.title!r}: names of layers must be unique, got {names}")


@dataclass(frozen=True)
class Regions:
    """Rectangles `(top, left, bottom, right)` in pixels, half open; their positions are the region numbers.

    Args:
        rectangles: at least one, none of them empty.
        outlined: whether the outlines start switched on.
    """

    rectangles: tuple[tuple[int, int, int, int], ...]
    outlined: bool = True

    def __post_init__(self) -> None:
        if not self.rectangles:
            raise InputError("regions must hold at least one rectangle")
        for number, (top, left, bottom, right) in enumerate(self.rectangles):
            if not (0 <= top < bottom and 0 <= left < right):
                raise InputError(
                    f"region {number} must be (top, left, bottom, right) with top < bottom and left < right, "
                    f"got {(top, left, bottom, right)}"
                )

    @classmethod
    def from_slices(cls, slices: Iterable[tuple[slice, slice]], *, outlined: bool = True) -> Regions:
        """Regions from row and column slices, one pair per region in the order of the region numbers."""
        boxes = [(rows.start, columns.start, rows.stop, columns.stop) for rows, columns in slices]
        return cls(tuple(boxes), outlined)

    def at(self, row: int, column: int) -> int | None:
        """Number of the first region that holds a pixel, or None."""
        for number, (top, left, bottom, right) in enumerate(self.rectangles):
            if top <= row < bottom and left <= column < right:
                return number
        return None


@dataclass(frozen=True, eq=False)
class PixelValues:
    """A value per pixel for the readout.

    Args:
        name: what the readout calls it.
        values: (H, W) bool, integer or float. NaN reads "none".
        names: text per value instead of the number; values without one read "none".
        unit: written after a number.
        digits: digits after the point, for floats.
    """

    name: str
    values: npt.NDArray[np.bool_ | np.integer | np.floating]
    names: tuple[str, ...] | None = None
    unit: str = ""
    digits: int = 3

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        if values.ndim != 2 or values.dtype.kind not in "biuf":
            raise InputError(
                f"values {self.name!r} must be numbers of shape (H, W), got {values.dtype} of shape {values.shape}"
            )
        if self.names is not None and values.dtype.kind == "f":
            raise InputError(f"values {self.name!r} must be integers to have names, got {values.dtype}")


def _check_opacity(name: str, opacity: float) -> None:
    if not 0 <= opacity <= 1:
        raise InputError(f"layer {name!r}: opacity must be in [0, 1], got {opacity}")
