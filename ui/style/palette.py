"""Colours and patterns of the dashboard: certificate states, sequential maps, and how to apply them.

Five states have five styles. Each differs from every other in hue, in lightness *and* in pattern, so that any one of
the three is enough: hue for a projector, lightness for a greyscale print, pattern for a tiny legend. Blue means
certified (dark: by itself, light: together with the others), vermilion means wrong, and the pale style recedes.
The dark theme keeps the hues and mirrors the lightness. `tests/ui/test_palette.py` checks the distances under
simulated protanopia, deuteranopia and tritanopia and in greyscale.

Maps run in even steps of perceived lightness (interpolated in OKLab, Ottosson 2020). Their range is an argument of
every call and never taken from the data: two pictures with the same range may be compared.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lrscore.errors import InputError

Pattern = Literal["none", "diagonal", "cross", "dots", "horizontal"]
PATTERNS: tuple[Pattern, ...] = ("none", "diagonal", "cross", "dots", "horizontal")

_MAP_STEPS = 256


def parse_colour(text: str, *, argument: str = "colour") -> tuple[int, int, int]:
    """`#rrggbb` as three numbers in 0..255; `argument` names the culprit in the error."""
    if len(text) == 7 and text[0] == "#":
        try:
            return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
        except ValueError:
            pass
    raise InputError(f"{argument} must look like #rrggbb, got {text!r}")


@dataclass(frozen=True)
class Style:
    """How one kind of pixel or node is painted.

    Args:
        name: what the legend says.
        light, dark: fill as `#rrggbb` for the light and the dark theme.
        pattern: lines or dots over the fill, drawn at screen resolution.
        ink_light, ink_dark: colour of the pattern, `#rrggbb`.

    Raises:
        InputError: a colour is not `#rrggbb`, or the pattern is unknown.
    """

    name: str
    light: str
    dark: str
    pattern: Pattern = "none"
    ink_light: str = "#000000"
    ink_dark: str = "#ffffff"

    def __post_init__(self) -> None:
        for field in ("light", "dark", "ink_light", "ink_dark"):
            parse_colour(getattr(self, field), argument=field)
        if self.pattern not in PATTERNS:
            raise InputError(f"pattern must be one of {', '.join(PATTERNS)}, got {self.pattern!r}")


ABSTAINED = Style("abstained", "#202024", "#f4f1ea", "horizontal", "#8a8a92", "#8f8b80")
WRONG = Style("wrong", "#d24a1a", "#e56f3a", "cross", "#5a1600", "#4a1500")
UNCERTIFIED = Style("not certified", "#ece5d3", "#3a3833", "dots", "#a2977a", "#77715f")
CERTIFIED = Style("certified by itself", "#0f4a94", "#8fc8f6")
COLLECTIVE = Style("survives the worst attack found", "#62b6e8", "#2a69ab", "diagonal", "#1d6aa3", "#7db9ee")

STATES: tuple[Style, ...] = (ABSTAINED, WRONG, UNCERTIFIED, CERTIFIED, COLLECTIVE)
"""The five certificate states, in the order of the legend. Their positions are the state numbers of the viewer."""


def class_styles(names: tuple[str, ...], palette: npt.NDArray[np.uint8]) -> tuple[Style, ...]:
    """One plain style per class from a `(classes, 3)` uint8 palette, the same in both themes."""
    if palette.shape != (len(names), 3) or palette.dtype != np.uint8:
        raise InputError(
            f"palette must be uint8 of shape ({len(names)}, 3), one row per class, "
            f"got {palette.dtype} of shape {palette.shape}"
        )
    colours = ["#{:02x}{:02x}{:02x}".format(*row) for row in palette.tolist()]
    return tuple(Style(name, colour, colour) for name, colour in zip(names, colours, strict=True))


@dataclass(frozen=True)
class ColourMap:
    """A sequential or diverging map from numbers to colours.

    Args:
        name: what the map is for.
        anchors: two or more `#rrggbb` colours, evenly spaced from the low to the high end.
    """

    name: str
    anchors: tuple[str, ...]

    @property
    def table(self) -> npt.NDArray[np.uint8]:
        """The map as a read-only `(256, 3)` uint8 table."""
        return _table(self.anchors)

    def apply(
        self, values: npt.ArrayLike, low: float, high: float, *, fade: bool = False
    ) -> npt.NDArray[np.uint8]:
        """Colours of `values` (any shape) as uint8 RGBA `(..., 4)`.

        `low` and below get the first colour, `high` and above (infinity too) the last; NaN becomes transparent.

        Args:
            values: numbers.
            low, high: ends of the range.
            fade: let opacity grow from 0 at `low` to 1 at `high`, for layers over a picture of either theme.

        Raises:
            InputError: `low < high` does not hold, or one of them is not finite.
        """
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise InputError(f"low and high must be finite with low < high, got {low} and {high}")
        numbers = np.asarray(values, dtype=np.float64)
        known = ~np.isnan(numbers)
        share = (np.clip(np.where(known, numbers, low), low, high) - low) / (high - low)
        colours = self.table[np.rint(share * (_MAP_STEPS - 1)).astype(np.intp)]
        alpha = np.rint(255 * np.where(known, share if fade else 1, 0)).astype(np.uint8)
        return np.concatenate([colours, alpha[..., None]], axis=-1)


RADIUS = ColourMap("certified radius", ("#fbf6d9", "#b5ddb4", "#55b3b0", "#2b7aa8", "#234a8a", "#1d1f52"))
ALLOCATION = ColourMap("attack budget", ("#fff4e3", "#fdcf94", "#f79a55", "#dd5a2b", "#a42618", "#5a0c12"))
NOISE = ColourMap("noise level", ("#f6f1fa", "#d8c5e8", "#b394d0", "#9a5fb0", "#7c3590", "#560f66"))
SHARE = ColourMap("share of votes", ("#1c1f26", "#3f4a5c", "#66788f", "#93a7b8", "#c6d3da", "#fbfcf5"))
DIFFERENCE = ColourMap(
    "difference", ("#8c3a08", "#e0843e", "#f8d9b8", "#f7f6f2", "#bcdcee", "#4b98c9", "#114b86")
)

COLOUR_MAPS: tuple[ColourMap, ...] = (RADIUS, ALLOCATION, NOISE, SHARE, DIFFERENCE)


@functools.cache
def _table(anchors: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    points = _oklab(np.array([parse_colour(anchor) for anchor in anchors], dtype=np.float64) / 255)
    position = np.linspace(0, len(anchors) - 1, _MAP_STEPS)
    channels = [np.interp(position, np.arange(len(anchors)), points[:, channel]) for channel in range(3)]
    table = np.rint(_srgb(np.stack(channels, axis=1)) * 255).astype(np.uint8)
    table.setflags(write=False)
    return table


_LINEAR_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_CONES_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _oklab(srgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """sRGB in [0, 1], (n, 3), to OKLab."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _LINEAR_TO_CONES.T) @ _CONES_TO_LAB.T


def _srgb(oklab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """OKLab, (n, 3), to sRGB, clipped to [0, 1]."""
    cones = (oklab @ np.linalg.inv(_CONES_TO_LAB).T) ** 3
    linear = np.clip(cones @ np.linalg.inv(_LINEAR_TO_CONES).T, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
