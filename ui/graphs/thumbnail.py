"""A graph as a picture made on the server: nodes in the colours and shapes of their states over pale edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from ui.components.graph_view.drawing import PLAIN
from ui.components.graph_view.encode import distinct_edges, fit_positions
from ui.style.palette import Pattern, Style, parse_colour
from ui.style.theme import DARK, LIGHT

_SMOOTH = 2  # drawn larger and scaled down
_EDGES = ("#c9c8c2", "#3a454e")
Colour = tuple[int, ...]


def graph_picture(
    positions: np.ndarray,
    edges: np.ndarray,
    numbers: np.ndarray,
    styles: Sequence[Style],
    size: tuple[int, int] = (480, 360),
    *,
    dark: bool = False,
) -> np.ndarray:
    """The picture, (height, width, 3) uint8.

    Args:
        positions: (n, 2) layout.
        edges: (2, E) node numbers.
        numbers: (n,) positions in `styles`; others are drawn grey, below the rest.
        size: width and height.
        dark: for the dark theme.
    """
    sheet = _Sheet(positions, edges, size, dark=dark)
    for node in np.argsort(-numbers.astype(np.int64), kind="stable"):
        number = int(numbers[node])
        if number < len(styles):
            style = styles[number]
            fill = parse_colour(style.dark if dark else style.light)
            ink = parse_colour(style.ink_dark if dark else style.ink_light)
            sheet.mark(int(node), fill, ink, style.pattern)
        else:
            sheet.mark(int(node), parse_colour(PLAIN[dark]), None, "none")
    return sheet.pixels()


def graph_colours_picture(
    positions: np.ndarray, edges: np.ndarray, colours: np.ndarray, size: tuple[int, int], *, dark: bool
) -> np.ndarray:
    """The same with a colour (n, 3) uint8 for every node."""
    sheet = _Sheet(positions, edges, size, dark=dark)
    rim = parse_colour("#6d7178")
    for node, colour in enumerate(colours.tolist()):
        sheet.mark(node, tuple(colour), rim, "none")
    return sheet.pixels()


class _Sheet:
    """A canvas with the edges of a graph on it."""

    def __init__(
        self, positions: np.ndarray, edges: np.ndarray, size: tuple[int, int], *, dark: bool
    ) -> None:
        self._size = size
        width, height = _SMOOTH * size[0], _SMOOTH * size[1]
        points, extent = fit_positions(positions)
        scale = min(width / extent[0], height / extent[1])
        self._points = points * scale + (np.array([width, height]) - scale * np.array(extent)) / 2
        self._background = parse_colour((DARK if dark else LIGHT).background)
        self._canvas = Image.new("RGB", (width, height), self._background)
        self._draw = ImageDraw.Draw(self._canvas)
        grown = max(1.0, size[0] / 480)
        self._radius = _SMOOTH * grown * float(np.clip(60 / np.sqrt(len(points)), 1.6, 6.0))
        for one, other in distinct_edges(edges).T:
            ends = [tuple(self._points[one]), tuple(self._points[other])]
            self._draw.line(ends, fill=_EDGES[dark], width=_SMOOTH)

    def mark(self, node: int, fill: Colour, ink: Colour | None, pattern: Pattern) -> None:
        """A node: the pattern decides the shape, as in the graph view."""
        draw, radius = self._draw, self._radius
        x, y = self._points[node]
        thin = max(1, round(radius / 6))
        if pattern == "cross":
            for sign in (-1, 1):
                ends = [(x - radius, y - sign * radius), (x + radius, y + sign * radius)]
                draw.line(ends, fill=fill, width=max(2, round(0.9 * radius)))
        elif pattern == "horizontal":
            draw.rectangle(_box(x, y, 0.9 * radius), fill=fill, outline=ink, width=thin)
        elif pattern == "dots":
            draw.ellipse(
                _box(x, y, radius), fill=self._background, outline=fill, width=max(2, round(0.45 * radius))
            )
        elif pattern == "diagonal":
            draw.ellipse(
                _box(x, y, 1.25 * radius),
                fill=self._background,
                outline=fill,
                width=max(1, round(0.3 * radius)),
            )
            draw.ellipse(_box(x, y, 0.7 * radius), fill=fill)
        else:
            draw.ellipse(_box(x, y, radius), fill=fill, outline=ink, width=thin)

    def pixels(self) -> np.ndarray:
        """(height, width, 3) uint8."""
        return np.asarray(self._canvas.resize(self._size, Image.Resampling.LANCZOS))


def _box(x: float, y: float, radius: float) -> list[float]:
    return [x - radius, y - radius, x + radius, y + radius]
