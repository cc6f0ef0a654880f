"""Uploads: what is accepted, what is done to it, and the sentence for everything else."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ui.images.upload import MAX_MEGABYTES, UploadError, read_upload


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def gradient(width: int, height: int) -> Image.Image:
    """Red grows to the right, green grows downwards."""
    red = np.broadcast_to(np.linspace(0, 255, width), (height, width))
    green = np.broadcast_to(np.linspace(0, 255, height)[:, None], (height, width))
    return Image.fromarray(np.stack([red, green, np.full_like(red, 60)], axis=-1).astype(np.uint8))


def png_without_pixels(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


def test_a_photo_of_the_working_size_stays_as_it_is():
    picture = gradient(240, 180)
    upload = read_upload(encoded(picture), "street.png")
    assert upload.image.dtype == np.float32
    assert upload.remark == ""
    assert np.array_equal(upload.image, np.asarray(picture, np.float32).transpose(2, 0, 1) / np.float32(255))


def test_a_large_photo_is_reduced_with_antialiasing_and_says_so():
    checker = np.indices((720, 960)).sum(axis=0) % 2 * 255  # averages to grey if filtered, to noise if not
    upload = read_upload(encoded(Image.fromarray(checker.astype(np.uint8))), "fine.png")
    assert upload.image.shape == (3, 180, 240)
    assert np.abs(upload.image[:, 2:-2, 2:-2] - 0.5).max() < 0.02
    assert "960x720 to 240x180" in upload.remark


@pytest.mark.parametrize(("size", "shape"), [((480, 180), (3, 90, 240)), ((360, 480), (3, 180, 135))])
def test_other_shapes_are_kept(size: tuple[int, int], shape: tuple[int, int, int]):
    assert read_upload(encoded(gradient(*size)), "photo.png").image.shape == shape


def test_exif_orientation_is_followed():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to view
    upload = read_upload(encoded(gradient(180, 240), "JPEG", exif=exif, quality=95), "turned.jpg")
    assert upload.image.shape == (3, 180, 240)
    assert upload.image[1, 90, -5] < 0.1, "the stored top, without green, is on the viewer's right"
    assert upload.image[1, 90, 5] > 0.9


def test_transparent_parts_are_laid_on_white():
    clear = Image.new("RGBA", (240, 180), (0, 0, 0, 0))
    assert read_upload(encoded(clear), "clear.png").image.min() == 1.0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"label,radius\n0,1\n", "street.png can not be used"),
        (b"", "can not be used"),
        (encoded(Image.new("RGB", (500, 8))), "500x8 pixels|at least 16 pixels"),
        (png_without_pixels(50_000, 50_000), "pixels"),
        (png_without_pixels(9_000, 9_000), "pixels"),
        (png_without_pixels(300, 200), "damaged"),
        (encoded(gradient(600, 400), "JPEG")[:2000], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(MAX_MEGABYTES * 2**20), "at most 25 MB"),
    ],
    ids=["text", "empty", "thin", "huge header", "large header", "no pixels", "cut", "many bytes"],
)
def test_unusable_files_get_one_sentence(data: bytes, sentence: str):
    with pytest.raises(UploadError, match=sentence) as caught:
        read_upload(data, "street.png")
    assert "\n" not in str(caught.value)
