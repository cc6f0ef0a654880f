"""Photographs and index masks from files: limits checked before decoding, orientation applied, resized with care."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lrscore.errors import InputError

MAX_BYTES = 30 * 2**20
MAX_PIXELS = 40_000_000
MIN_SIDE = 16
WORKING_SIZE = (180, 240)


@dataclass(frozen=True)
class Photo:
    """A decoded picture.

    Args:
        image: (3, H, W) float32 on the 1/255 lattice in [0, 1].
        original: (height, width) before resizing.
    """

    image: np.ndarray
    original: tuple[int, int]

    @property
    def remark(self) -> str:
        """What resizing did, in words; empty if nothing."""
        height, width = self.image.shape[1:]
        if (height, width) == self.original:
            return ""
        return f"resized from {self.original[1]}x{self.original[0]} to {width}x{height} pixels (wide x high)"


def load_photo(source: str | Path | bytes, size: tuple[int, int] | None = WORKING_SIZE) -> Photo:
    """Decode a picture to RGB and scale it to fit into `size`, keeping its shape.

    Args:
        source: a path, or the bytes of a file.
        size: (height, width) to fit into; None keeps the original size.

    Raises:
        InputError: no such file, too large, not a picture, or too small.
    """
    picture = _open(source)
    with picture:
        _check_size(picture)
        original = _decode(picture)
    height, width = original.height, original.width
    target = (height, width) if size is None else _fit((height, width), size)
    if target != (height, width):
        original = original.resize((target[1], target[0]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if min(target) < MIN_SIDE:
        raise InputError(
            f"a picture needs at least {MIN_SIDE} pixels in each direction, got {target[1]}x{target[0]}"
        )
    values = np.asarray(original, dtype=np.float32) / np.float32(255)
    return Photo(np.ascontiguousarray(values.transpose(2, 0, 1)), (height, width))


def load_mask(source: str | Path | bytes, size: tuple[int, int]) -> np.ndarray:
    """An index mask (grey or palette picture, pixel value = class) as (H, W) int64, nearest neighbour to `size`.

    Raises:
        InputError: no such file, or not a grey or palette picture.
    """
    picture = _open(source)
    with picture:
        if picture.mode not in ("L", "P", "1", "I;16", "I"):
            raise InputError(
                f"a mask must be a grey or palette picture with class numbers, got mode {picture.mode}"
            )
        _check_size(picture)
        resized = picture.resize((size[1], size[0]), Image.Resampling.NEAREST)
    return np.asarray(resized, dtype=np.int64)


def _open(source: str | Path | bytes) -> Image.Image:
    if isinstance(source, bytes):
        name, length = "the upload", len(source)
    else:
        path = Path(source)
        if not path.is_file():
            raise InputError(f"no picture at {path}")
        name, length = str(path), path.stat().st_size
    if length > MAX_BYTES:
        raise InputError(f"{name} has {length / 2**20:.0f} MiB; at most {MAX_BYTES >> 20} MiB are read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(BytesIO(source) if isinstance(source, bytes) else path)
    except Image.DecompressionBombError as error:
        raise InputError(f"{name} has too many pixels; at most {MAX_PIXELS:,} are read") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InputError(f"{name} is not a picture this software can read (PNG, JPEG, WebP, ...)") from error


def _check_size(picture: Image.Image) -> None:
    """Refuse by the header, before a single pixel is decoded."""
    if picture.width * picture.height > MAX_PIXELS:
        raise InputError(
            f"the picture has {picture.width}x{picture.height} pixels; at most {MAX_PIXELS:,} in all are read"
        )


def _decode(picture: Image.Image) -> Image.Image:
    try:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
            with_alpha = upright.convert("RGBA")
            white = Image.new("RGBA", with_alpha.size, (255, 255, 255, 255))
            return Image.alpha_composite(white, with_alpha).convert("RGB")
        return upright.convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise InputError(f"the picture is damaged: {error}") from error


def _fit(original: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the original's shape within `size`; small pictures are enlarged too."""
    scale = min(size[0] / original[0], size[1] / original[1])
    return max(1, round(original[0] * scale)), max(1, round(original[1] * scale))
