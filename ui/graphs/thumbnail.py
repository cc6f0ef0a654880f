"""A graph as a small picture: nodes in the colours of their states over pale edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from ui.components.graph_view.drawing import PLAIN
from ui.components.graph_view.encode import distinct_edges, fit_positions
from ui.style.palette import Style, parse_colour
from ui.style.theme import LIGHT

_SMOOTH = 2  # drawn larger and scaled down
_EDGES = "#c9c8c2"


def graph_picture(
    positions: np.ndarray,
    edges: np.ndarray,
    numbers: np.ndarray,
    styles: Sequence[Style],
    size: tuple[int, int] = (480, 360),
) -> np.ndarray:
    """The picture, (height, width, 3) uint8.

    Args:
        positions: (n, 2) layout.
        edges: (2, E) node numbers.
        numbers: (n,) positions in `styles`; others are drawn grey, below the rest.
        size: width and height.
    """
    width, height = _SMOOTH * size[0], _SMOOTH * size[1]
    points, extent = fit_positions(positions)
    scale = min(width / extent[0], height / extent[1])
    points = points * scale + (np.array([width, height]) - scale * np.array(extent)) / 2
    canvas = Image.new("RGB", (width, height), LIGHT.background)
    draw = ImageDraw.Draw(canvas)
    for one, other in distinct_edges(edges).T:
        draw.line([tuple(points[one]), tuple(points[other])], fill=_EDGES, width=_SMOOTH)
    radius = _SMOOTH * float(np.clip(60 / np.sqrt(len(points)), 1.6, 6.0))
    for node in np.argsort(-numbers.astype(np.int64), kind="stable"):
        number = int(numbers[node])
        style = styles[number] if number < len(styles) else None
        box = [*(points[node] - radius), *(points[node] + radius)]
        fill = parse_colour(style.light if style else PLAIN[0])
        draw.ellipse(box, fill=fill, outline=parse_colour(style.ink_light) if style else None)
    return np.asarray(canvas.resize(size, Image.Resampling.LANCZOS))
