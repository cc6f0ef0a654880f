"""Pictures and masks from files: which formats are opened, and what their pixels become."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from lrscore.errors import InputError
from models.datasets.photos import FORMATS, load_mask, load_photo, stored_size

SHAPE = (20, 30)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", SHAPE[::-1], colour)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_formats_of_photographs_are_read(kind: str) -> None:
    image = load_photo(encoded(plain((200, 100, 40)), kind), None).image
    expected = np.array([200, 100, 40])[:, None, None] / 255
    np.testing.assert_allclose(image, np.broadcast_to(expected, (3, *SHAPE)), atol=3 / 255)


@pytest.mark.parametrize("kind", ["EPS", "PDF", "PPM", "TGA", "ICO", "PCX", "SGI", "JPEG2000"])
def test_every_other_format_is_refused(kind: str, tmp_path: Path) -> None:
    data = encoded(plain((1, 2, 3)), kind)
    with pytest.raises(
        InputError, match=r"is not a picture this software can read \(PNG, JPEG, WEBP"
    ) as caught:
        load_photo(data)
    assert "\n" not in str(caught.value)
    disguised = tmp_path / "photo.png"
    disguised.write_bytes(data)
    for read in (load_photo, stored_size):
        with pytest.raises(InputError, match="is not a picture"):
            read(disguised)
    with pytest.raises(InputError, match="is not a picture"):
        load_mask(disguised, SHAPE)


def test_postscript_that_names_a_program_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*arguments: object, **options: object) -> None:
        pytest.fail("a program was started")

    monkeypatch.setattr("subprocess.Popen", started)
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 30 20\n%%EndComments\n(x) run showpage\n%%EOF\n"
    with pytest.raises(InputError, match="is not a picture"):
        load_photo(script)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_are_scaled_not_cut_off(kind: str) -> None:
    grey = np.broadcast_to(np.linspace(0, 65535, SHAPE[1]).round().astype(np.uint16), SHAPE)
    image = load_photo(encoded(Image.fromarray(np.ascontiguousarray(grey)), kind), None).image
    np.testing.assert_allclose(image, np.broadcast_to(grey / 65535, (3, *SHAPE)), atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(image * 255, np.rint(image * 255), atol=1e-4)  # on the 1/255 lattice


@pytest.mark.parametrize("mode", ["F", "I"])
def test_values_without_a_known_range_are_refused(mode: str) -> None:
    data = encoded(Image.new(mode, SHAPE[::-1], 7), "TIFF")
    with pytest.raises(InputError, match="32 bits a pixel are not read: nothing says which value is white"):
        load_photo(data)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG"])
def test_of_several_pictures_the_first_is_taken_and_said(kind: str) -> None:
    frames = [plain((250, 0, 0)), plain((0, 250, 0)), plain((0, 0, 250))]
    photo = load_photo(encoded(frames[0], kind, save_all=True, append_images=frames[1:]), None)
    assert photo.first_of_many
    assert photo.remark == "the first picture of several"
    assert photo.image[0].min() > 0.9
    assert photo.image[1:].max() < 0.1
    assert not load_photo(encoded(frames[0], kind), None).first_of_many


def test_the_orientation_in_the_file_is_respected() -> None:
    pixels = np.zeros((*SHAPE, 3), dtype=np.uint8)
    pixels[:, :5] = 255  # white on the stored left
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image = load_photo(encoded(Image.fromarray(pixels), "PNG", exif=exif), None).image
    assert image[:, :, -5:].min() == 1.0
    assert image[:, :, :-5].max() == 0.0


def test_masks_are_read_from_lossless_formats_only() -> None:
    labels = np.arange(600, dtype=np.uint8).reshape(SHAPE) % 11
    for kind in ("PNG", "BMP", "TIFF", "GIF"):
        np.testing.assert_array_equal(load_mask(encoded(Image.fromarray(labels), kind), SHAPE), labels)
    with pytest.raises(InputError, match=r"is not a picture this software can read \(PNG, BMP, TIFF, GIF\)"):
        load_mask(encoded(Image.fromarray(labels), "JPEG"), SHAPE)
    with pytest.raises(InputError, match="grey or palette picture with class numbers, got mode RGB"):
        load_mask(encoded(plain((1, 2, 3)), "PNG"), SHAPE)


def test_a_damaged_mask_is_one_sentence() -> None:
    noise = np.random.default_rng(0).integers(0, 11, (200, 300)).astype(np.uint8)
    with pytest.raises(InputError, match="the mask is damaged"):
        load_mask(encoded(Image.fromarray(noise), "PNG")[:3000], (200, 300))


def test_a_mask_keeps_class_numbers_of_sixteen_bits() -> None:
    labels = np.full(SHAPE, 300, dtype=np.uint16)
    assert (load_mask(encoded(Image.fromarray(labels), "PNG"), SHAPE) == 300).all()


def test_text_that_unpacks_to_too_much_is_refused() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "a" * (70 * 2**20), zip=True)
    with pytest.raises(InputError):
        load_photo(encoded(plain((0, 0, 0)), "PNG", pnginfo=info))
