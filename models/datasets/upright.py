"""Pictures turned upright as their EXIF data say, where these can be read; whatever else they hold is ignored."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from lrscore.errors import InputError, first_line

LYING = (5, 6, 7, 8)
"""Orientations that exchange width and height."""
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@contextmanager
def decoding(what: str) -> Iterator[None]:
    """Turn whatever a damaged file provokes while its pixels are decoded into one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that nobody here reads
            yield
    except (InputError, MemoryError):
        raise
    except Exception as error:  # decoders fail in many ways
        reason = first_line(error)
        raise InputError(f"the {what} is damaged: {reason}") from error


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or none that can be read.

    TIFF files are turned by the imaging library itself, size and pixels alike.
    """
    if picture.format == "TIFF":
        return 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # tags of wrong types and broken offsets: the pixels are fine
        return 1
    if isinstance(value, tuple | list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, int) and value in (1, *_TURNS) else 1


def turned_upright(picture: Image.Image) -> Image.Image:
    """The first picture of a file with its pixels loaded, turned as the EXIF data say."""
    turn = _TURNS.get(orientation(picture))
    picture.load()
    return picture if turn is None else picture.transpose(turn)
