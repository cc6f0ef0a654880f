"""Pictures from strangers: damaged, of a thousand scans, of more pixels than they look like."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lrscore.errors import InputError
from models.datasets.photos import load_mask, load_photo
from tests.hostile.certificates import cut_short, flipped_bits
from tests.hostile.surface import Tally, Trial
from ui.images.upload import read_upload

SIDE = 64


def encoded(kind: str, **options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    content = encoded("JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    return content[:-2] + content[last:-2] * count + content[-2:]


def wide_png(width: int, height: int) -> bytes:
    """A PNG that says it is large and holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def odd_pictures() -> Iterator[tuple[str, bytes]]:
    """Pictures by name."""
    yield "2,000 scans", scans(2_000)
    yield "300 scans", scans(300)
    for width, height in ((50_000, 50_000), ((1 << 31) - 1, 1), (1, 1), (0, 0), (6_000, 6_000)):
        yield f"{width}x{height}", wide_png(width, height)
    yield "EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(%pipe%id) (w) file\n"
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/hostname"/></svg>'
    yield "nothing", b""


def test_pictures_are_read_or_refused(surface: Callable[[str], Tally]):
    rng = np.random.default_rng(24)
    contents = list(odd_pictures())
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"):
        content = encoded(kind)
        contents += [(f"{kind} flipped", damaged) for damaged in flipped_bits(content, rng, 25)]
        contents += [(f"{kind} cut", damaged) for damaged in cut_short(content, rng, 10)]
    tally = surface("pictures")
    tally.try_all(_trials(contents))
    assert tally.refused > 60


def test_scans_are_counted_before_they_are_decoded():
    assert load_photo(encoded("JPEG", progressive=True), None).image.shape == (3, SIDE, SIDE)
    with pytest.raises(InputError, match=r"stored in 2,0\d\d scans"):
        load_photo(scans(2_000))


def _trials(contents: list[tuple[str, bytes]]) -> Iterator[Trial]:
    for number, (what, content) in enumerate(contents):
        yield f"{what} {number}", lambda content=content: read_upload(content, "picture.png")
        yield f"{what} {number} as a mask", lambda content=content: load_mask(content, (SIDE, SIDE))
