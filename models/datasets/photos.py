"""Photographs and index masks from files: limits checked before decoding, orientation applied, resized with care."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from lrscore.errors import InputError
from models.datasets.upright import LYING as _LYING
from models.datasets.upright import decoding, orientation, turned_upright

MAX_BYTES = 30 * 2**20
MAX_PIXELS = 40_000_000
MIN_SIDE = 16
WORKING_SIZE = (180, 240)

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
"""What is decoded. The imaging library knows dozens more, some of which start other programs (EPS) to be read."""
MASK_FORMATS = ("PNG", "BMP", "TIFF", "GIF")  # the others may lose class numbers to compression
MAX_SCANS = 100  # encoders make about ten
MAX_SCANNED_PIXELS = 600_000_000
_SCAN = b"\xff\xda"  # within a scan this pair of bytes does not occur
_SIXTEEN_BIT = 257  # 65535 / 255


@dataclass(frozen=True)
class Photo:
    """A decoded picture.

    Args:
        image: (3, H, W) float32 on the 1/255 lattice in [0, 1].
        original: (height, width) before resizing.
        first_of_many: the file holds several pictures, and this is the first.
    """

    image: np.ndarray
    original: tuple[int, int]
    first_of_many: bool = False

    @property
    def remark(self) -> str:
        """What was left out and what resizing did, in words; empty if nothing."""
        height, width = self.image.shape[1:]
        parts = ["the first picture of several"] if self.first_of_many else []
        if (height, width) != self.original:
            before = f"{self.original[1]}x{self.original[0]}"
            parts.append(f"resized from {before} to {width}x{height} pixels (wide x high)")
        return ", ".join(parts)


def load_photo(source: str | Path | bytes, size: tuple[int, int] | None = WORKING_SIZE) -> Photo:
    """Decode a picture to RGB and scale it to fit into `size`, keeping its shape.

    Of animations and other files with several pictures the first one is taken; it is turned upright as its EXIF data
    say; transparency is laid on white; 16 bits of grey are scaled to 8.

    Args:
        source: a path, or the bytes of a file.
        size: (height, width) to fit into; None keeps the original size.

    Raises:
        InputError: no such file, too large, not a picture of one of the `FORMATS`, or too small.
    """
    with open_picture(source, FORMATS) as picture:
        original, several = _decode(picture)
    height, width = original.height, original.width
    target = (height, width) if size is None else _fit((height, width), size)
    if target != (height, width):
        original = original.resize((target[1], target[0]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if min(target) < MIN_SIDE:
        raise InputError(
            f"a picture needs at least {MIN_SIDE} pixels in each direction, got {target[1]}x{target[0]}"
        )
    values = np.asarray(original, dtype=np.float32) / np.float32(255)
    return Photo(np.ascontiguousarray(values.transpose(2, 0, 1)), (height, width), several)


def load_mask(source: str | Path | bytes, size: tuple[int, int] | None) -> np.ndarray:
    """An index mask (grey or palette picture, pixel value = class) as (H, W) int64, upright as its EXIF data say.

    Args:
        source: a path, or the bytes of a file.
        size: (height, width) to bring it to, by nearest neighbour; None keeps its own.

    Raises:
        InputError: no such file, not a grey or palette picture of one of the `MASK_FORMATS`, or damaged.
    """
    with open_picture(source, MASK_FORMATS) as picture:
        if picture.mode not in ("L", "P", "1", "I;16", "I"):
            raise InputError(
                f"a mask must be a grey or palette picture with class numbers, got mode {picture.mode}"
            )
        with decoding("mask"):
            upright = turned_upright(picture)
            _refuse_grey_palette(upright)
            if size is not None:
                upright = upright.resize((size[1], size[0]), Image.Resampling.NEAREST)
            return np.asarray(upright).astype(np.int64)


def stored_size(source: str | Path | bytes) -> tuple[int, int]:
    """(height, width) of a picture or mask file, upright as its EXIF data say; no pixel is decoded.

    Raises:
        InputError: no such file, too large, or not a picture of one of the `FORMATS`.
    """
    with open_picture(source, FORMATS) as picture:
        lying = orientation(picture) in _LYING
        return (picture.width, picture.height) if lying else (picture.height, picture.width)


def open_picture(source: str | Path | bytes, formats: tuple[str, ...]) -> Image.Image:
    """Open a picture by its header; the size is checked before a single pixel is decoded.

    Raises:
        InputError: no such file, too large, or not a picture of one of the formats.
    """
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
            warnings.simplefilter("ignore")  # of metadata, and of sizes that are checked below
            picture = Image.open(BytesIO(source) if isinstance(source, bytes) else path, formats=formats)
    except Image.DecompressionBombError as error:
        raise InputError(f"{name} has too many pixels; at most {MAX_PIXELS:,} are read") from error
    except Exception as error:  # headers of damaged files make decoders fail in many ways
        raise InputError(f"{name} is not a picture this software can read ({', '.join(formats)})") from error
    if picture.width * picture.height > MAX_PIXELS:
        picture.close()
        raise InputError(
            f"the picture has {picture.width}x{picture.height} pixels; at most {MAX_PIXELS:,} in all are read"
        )
    if picture.format in ("JPEG", "MPO"):  # phones append further pictures
        _check_scans(source if isinstance(source, bytes) else path.read_bytes(), picture)
    return picture


def _check_scans(content: bytes, picture: Image.Image) -> None:
    """A progressive picture is decoded once per scan: a small file can ask for hours.

    Raises:
        InputError: more scans, or more pixels in all scans, than are decoded.
    """
    scans = content.count(_SCAN)
    if scans > MAX_SCANS or scans * picture.width * picture.height > MAX_SCANNED_PIXELS:
        picture.close()
        raise InputError(
            f"the picture is stored in {scans:,} scans; at most {MAX_SCANS} and {MAX_SCANNED_PIXELS:,} pixels in all "
            "of them are decoded"
        )


def _refuse_grey_palette(mask: Image.Image) -> None:
    """Refuse a palette of greys that are not their own numbers: programs that shrink files renumber grey masks so.

    Black and white are colours to look at, and so is every palette with a colour in it.

    Raises:
        InputError: it is one.
    """
    if mask.mode != "P":
        return
    colours = np.array(mask.getpalette("RGB") or [], dtype=np.int64).reshape(-1, 3)
    used = np.unique(np.asarray(mask))
    if (colours != colours[:, :1]).any() or used[-1] >= len(colours):
        return
    levels = colours[used, 0]
    if (levels != used).any() and not np.isin(levels, (0, 255)).all():
        raise InputError(
            f"the mask's palette shows {used[levels != used][0]} as the grey {levels[levels != used][0]}: nothing says "
            "which of the two is the class; store it as a grey picture, or with a palette of colours"
        )


def _decode(picture: Image.Image) -> tuple[Image.Image, bool]:
    """The first picture of the file in 8-bit RGB, and whether there are more."""
    if picture.mode == "F" or (picture.mode == "I" and picture.format != "PNG"):
        raise InputError("pictures with 32 bits a pixel are not read: nothing says which value is white")
    with decoding("picture"):
        upright = turned_upright(picture)
        if upright.mode.startswith("I;16") or (upright.mode == "I" and picture.format == "PNG"):
            upright = _eight_bits(upright)
        return _rgb(upright), bool(getattr(picture, "is_animated", False))


def _rgb(upright: Image.Image) -> Image.Image:
    """RGB, transparent parts on white."""
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        with_alpha = upright.convert("RGBA")
        white = Image.new("RGBA", with_alpha.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, with_alpha).convert("RGB")
    return upright.convert("RGB")


def _eight_bits(grey: Image.Image) -> Image.Image:
    """16 bits of grey as 8, rounded; the imaging library's own conversion cuts off at 255."""
    values = np.asarray(grey).astype(np.uint32)
    return Image.fromarray(((values + _SIXTEEN_BIT // 2) // _SIXTEEN_BIT).astype(np.uint8))


def _fit(original: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the original's shape within `size`; small pictures are enlarged too."""
    scale = min(size[0] / original[0], size[1] / original[1])
    return max(1, round(original[0] * scale)), max(1, round(original[1] * scale))
