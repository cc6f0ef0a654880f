"""Pictures made on the server: thumbnails, downloads and reports. The pages' own pictures are the viewer's work.

Everything is uint8; patterns are drawn after enlarging, so that they stay fine.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from ui.style.palette import Pattern, Style, parse_colour

_PERIOD = 9  # pixels between two lines of a pattern


def colour_picture(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 of an image (C, H, W) in [0, 1]; one channel is repeated."""
    pixels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else np.ascontiguousarray(pixels[:, :, :3])


def grey_picture(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8, the brightness of an image (C, H, W): the ground that states are painted on."""
    colour = colour_picture(image).astype(np.float64)
    grey = np.rint(colour @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def label_picture(labels: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 class colours; labels outside the palette (void) become black."""
    colours = np.zeros((256, 3), dtype=np.uint8)
    colours[: len(palette)] = palette
    return colours[np.clip(labels, 0, 255)]


def enlarge(values: np.ndarray, factor: int) -> np.ndarray:
    """Every pixel of (H, W, ...) as a square of `factor` pixels."""
    return values.repeat(factor, axis=0).repeat(factor, axis=1)


def styles_picture(
    ground: np.ndarray,
    numbers: np.ndarray,
    styles: Sequence[Style],
    *,
    dark: bool = False,
    opacity: float = 0.8,
    factor: int = 3,
) -> np.ndarray:
    """Paint styles over a picture.

    Args:
        ground: (H, W, 3) uint8.
        numbers: (H, W) positions in `styles`; others stay unpainted.
        dark: for the dark theme.
        opacity: of the paint, in [0, 1].
        factor: enlargement.

    Returns:
        (factor * H, factor * W, 3) uint8.
    """
    canvas = enlarge(ground, factor).astype(np.float32)
    large = enlarge(numbers, factor)
    for number, style in enumerate(styles):
        here = large == number
        if not here.any():
            continue
        fill = parse_colour(style.dark if dark else style.light)
        canvas[here] += opacity * (np.array(fill, dtype=np.float32) - canvas[here])
        lines = here & pattern_mask(style.pattern, large.shape)
        canvas[lines] = parse_colour(style.ink_dark if dark else style.ink_light)
    return np.rint(canvas).astype(np.uint8)


def pattern_mask(pattern: Pattern, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) bool: where a pattern leaves ink."""
    rows, cols = np.indices(shape)
    return {
        "none": lambda: np.zeros(shape, dtype=bool),
        "horizontal": lambda: rows % _PERIOD < 2,
        "diagonal": lambda: (rows + cols) % _PERIOD < 2,
        "cross": lambda: ((rows + cols) % _PERIOD < 2) | ((rows - cols) % _PERIOD < 2),
        "dots": lambda: (
            (rows % _PERIOD < 3) & ((cols + (rows // _PERIOD % 2) * (_PERIOD // 2)) % _PERIOD < 3)
        ),
    }[pattern]()


def swatch(style: Style, *, dark: bool, size: int = 18) -> np.ndarray:
    """(size, size, 3) uint8: the style by itself, for a legend outside the viewer."""
    ground = np.full((1, 1, 3), 128, dtype=np.uint8)
    return styles_picture(
        ground, np.zeros((1, 1), dtype=np.uint8), (style,), dark=dark, opacity=1.0, factor=size
    )


def data_uri(pixels: np.ndarray) -> str:
    """A picture as a `data:` address, for HTML that needs no second request."""
    return "data:image/png;base64," + base64.b64encode(encode_png(pixels)).decode("ascii")


FAST = 1  # compression level: the message mostly travels inside one machine


def encode_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """`(H, W, 3)` or `(H, W, 4)` uint8 pixels as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png", compress_level=FAST)
    return buffer.getvalue()
