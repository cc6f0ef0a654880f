"""Styles, colour scales and numbers as the components' scripts read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lrscore.errors import InputError
from ui.style.palette import ColourMap, Style

_LEGEND_STOPS = 17


@dataclass(frozen=True)
class ColourScale:
    """Legend of a layer that was painted with a colour map: `low` and `high` are the ends of its range."""

    colour_map: ColourMap
    low: float
    high: float
    name: str = ""
    unit: str = ""


def encode_style(style: Style) -> dict[str, Any]:
    """A style with its colours as pairs of light and dark theme."""
    return {
        "name": style.name,
        "fill": [style.light, style.dark],
        "ink": [style.ink_light, style.ink_dark],
        "pattern": style.pattern,
    }


def encode_scale(scale: ColourScale | None) -> dict[str, Any] | None:
    """A colour scale with its ends as text and its colours as evenly spaced stops."""
    if scale is None:
        return None
    stops = np.linspace(0, len(scale.colour_map.table) - 1, _LEGEND_STOPS).round().astype(int)
    unit = f" {scale.unit}" if scale.unit else ""
    return {
        "name": scale.name or scale.colour_map.name,
        "low": f"{scale.low:g}{unit}",
        "high": f"{scale.high:g}{unit}",
        "colours": ["#{:02x}{:02x}{:02x}".format(*row) for row in scale.colour_map.table[stops].tolist()],
    }


def compact(values: npt.NDArray[Any], *, argument: str) -> npt.NDArray[Any]:
    """The smallest of float32, uint8, uint16 and int32 that holds the values.

    Raises:
        InputError: integers beyond 32 bits.
    """
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    for kind in (np.uint8, np.uint16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind)
    raise InputError(f"{argument} must fit into 32 bits, got values from {low} to {high}")
