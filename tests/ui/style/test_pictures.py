"""Pictures for downloads and thumbnails."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from models.datasets.classes import CAMVID_PALETTE
from tests.ui.toy import toy_image, toy_mask
from ui.style.palette import PATTERNS, STATES, parse_colour
from ui.style.pictures import (
    colour_picture,
    data_uri,
    enlarge,
    grey_picture,
    label_picture,
    pattern_mask,
    styles_picture,
    swatch,
)


def test_colour_and_grey():
    image = toy_image()
    colour, grey = colour_picture(image), grey_picture(image)
    assert colour.dtype == grey.dtype == np.uint8
    assert np.array_equal(colour.astype(np.float32) / np.float32(255), image.transpose(1, 2, 0))
    assert (grey.min(axis=2) == grey.max(axis=2)).all()
    assert colour_picture(image[:1]).shape == (60, 80, 3)
    assert colour_picture(np.full((3, 1, 1), 7.0)).max() == 255, "values beyond white do not wrap"


def test_labels_get_their_colour_and_void_is_black():
    picture = label_picture(toy_mask(), CAMVID_PALETTE)
    assert tuple(picture[0, 0]) == tuple(CAMVID_PALETTE[0])
    assert tuple(picture[-1, 0]) == (0, 0, 0)


def test_styles_keep_the_ground_where_nothing_is_painted():
    ground = grey_picture(toy_image())
    numbers = np.full((60, 80), 255, dtype=np.uint8)
    numbers[:30] = 3  # certified: plain fill
    picture = styles_picture(ground, numbers, STATES, opacity=1.0, factor=2)
    assert picture.shape == (120, 160, 3)
    assert tuple(picture[0, 0]) == parse_colour(STATES[3].light)
    assert np.array_equal(picture[60:], enlarge(ground[30:], 2))
    dark = styles_picture(ground, numbers, STATES, opacity=1.0, factor=2, dark=True)
    assert tuple(dark[0, 0]) == parse_colour(STATES[3].dark)


def test_patterns_are_distinct_and_neither_empty_nor_full():
    masks = [pattern_mask(pattern, (36, 36)) for pattern in PATTERNS]
    assert not masks[0].any()
    for number, mask in enumerate(masks[1:], start=1):
        assert 0.05 < mask.mean() < 0.6
        assert not any(np.array_equal(mask, other) for other in masks[:number])


def test_swatches_and_addresses_decode():
    for style in STATES:
        address = data_uri(swatch(style, dark=False))
        head, body = address.split(",")
        assert head == "data:image/png;base64"
        assert Image.open(io.BytesIO(base64.b64decode(body))).size == (18, 18)
