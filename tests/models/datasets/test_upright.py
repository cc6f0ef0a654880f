"""EXIF data of any type or content: the orientation is followed where it can be read, the pixels are read anyway."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageOps

from lrscore.errors import InputError
from models.datasets.photos import load_mask, load_photo, stored_size

SHAPE = (20, 30)


def pixels() -> np.ndarray:
    values = np.zeros((*SHAPE, 3), dtype=np.uint8)
    values[:6, :9] = 255  # one corner is white
    return values


def tag(number: int, kind: int, count: int, value: bytes) -> bytes:
    """One EXIF entry of 12 bytes, little-endian."""
    return struct.pack("<HHI", number, kind, count) + value.ljust(4, b"\0")[:4]


def exif(*entries: bytes, after: bytes = b"") -> bytes:
    return (
        b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + b"\0" * 4 + after
    )


def encoded(kind: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    Image.fromarray(pixels()).save(buffer, kind, exif=data, **options)
    return buffer.getvalue()


def white_corner(image: np.ndarray) -> tuple[bool, bool]:
    """Whether the white corner is at the bottom, and at the right."""
    rows, columns = np.nonzero(image[0] > 0.5)
    return bool(rows.mean() > image.shape[1] / 2), bool(columns.mean() > image.shape[2] / 2)


BROKEN = {
    "orientation as text": exif(tag(0x0112, 2, 2, b"6\0")),
    "orientation 70000 as long": exif(tag(0x0112, 4, 1, struct.pack("<I", 70000))),
    "orientation 0": exif(tag(0x0112, 3, 1, b"\0\0")),
    "orientation 9": exif(tag(0x0112, 3, 1, b"\x09\0")),
    "rational as text": exif(tag(0x011A, 2, 4, b"abc\0")),
    "text as rational, offset outside": exif(tag(0x010E, 5, 1, struct.pack("<I", 99999))),
    "negative short": exif(tag(0x0100, 8, 1, struct.pack("<h", -5))),
    "unknown type": exif(tag(0x0100, 77, 1, b"\1\0\0\0")),
    "endless count": exif(tag(0x010E, 2, 0xFFFFFFFF, b"\0\0\0\0")),
    "garbage": b"Exif\0\0" + bytes(range(40)),
    "empty": b"Exif\0\0",
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_tags_do_not_hide_the_pixels(kind: str, name: str) -> None:
    photo = load_photo(encoded(kind, BROKEN[name]), None)
    assert photo.original == SHAPE
    assert white_corner(photo.image) == (False, False)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_orientation_is_read_beside_broken_tags(kind: str) -> None:
    data = exif(tag(0x011A, 2, 4, b"abc\0"), tag(0x0112, 3, 1, b"\x06\0"))
    content = encoded(kind, data)
    photo = load_photo(content, None)
    assert photo.original == stored_size(content) == SHAPE[::-1]
    assert white_corner(photo.image) == (False, True)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_all_orientations_are_those_of_the_imaging_library(kind: str, turn: int) -> None:
    data = Image.Exif()
    data[0x0112] = turn
    content = encoded(kind, data.tobytes()) if kind != "TIFF" else b""
    if kind == "TIFF":
        buffer = io.BytesIO()
        Image.fromarray(pixels()).save(buffer, kind, exif=data)
        content = buffer.getvalue()
    with Image.open(io.BytesIO(content)) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    image = np.rint(load_photo(content, None).image.transpose(1, 2, 0) * 255)
    np.testing.assert_array_equal(image, expected)
    assert stored_size(content) == expected.shape[:2]


def test_masks_are_turned_like_pictures() -> None:
    data, buffer = Image.Exif(), io.BytesIO()
    data[0x0112] = 6
    labels = (np.arange(600).reshape(SHAPE) % 7).astype(np.uint8)
    Image.fromarray(labels).save(buffer, "PNG", exif=data)
    mask = load_mask(buffer.getvalue(), None)
    assert mask.shape == SHAPE[::-1] == stored_size(buffer.getvalue())
    np.testing.assert_array_equal(mask, np.rot90(labels, -1))


def complaint(read: Callable[[bytes], object], content: bytes) -> str:
    """The sentence with which a reader refuses a file; empty if it reads it."""
    try:
        read(content)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_mutated_pictures_are_read_or_refused_in_a_sentence(kind: str) -> None:
    chance, buffer = random.Random(kind), io.BytesIO()
    extra = {} if kind in ("BMP", "GIF") else {"exif": exif(tag(0x0112, 3, 1, b"\x06\0"))}
    if kind == "TIFF":
        extra = {"compression": "tiff_lzw"}
    Image.fromarray(pixels()).save(buffer, kind, **extra)
    good = buffer.getvalue()
    for _ in range(150):
        bad = bytearray(good)
        for _ in range(chance.choice([1, 2, 8])):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        if chance.random() < 0.2:
            del bad[chance.randrange(len(bad)) :]
        for read in (load_photo, lambda content: load_mask(content, None)):
            assert "\n" not in complaint(read, bytes(bad))
