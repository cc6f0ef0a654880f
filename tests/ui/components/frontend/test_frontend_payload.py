"""The binary message: what goes in comes out, equal arrays travel once."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from tests.ui.components.messages import unpack
from ui.components.frontend.payload import Payload
from ui.style.pictures import encode_png


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4]))))
def test_png_keeps_every_pixel(pixels: np.ndarray) -> None:
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(pixels)))), pixels)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.float32, ">f4"])
def test_arrays_arrive_little_endian_and_in_row_order(kind: str) -> None:
    values = np.array([[1, 2, 3], [4, 5, 250]]).astype(kind)
    payload = Payload()
    number = payload.add_array(values.T)
    header, blobs = unpack(payload.pack({}))
    digest = header["blobs"][number][0]
    dtype = digest.split("-")[1]
    assert dtype[0] in "<|"
    assert np.frombuffer(zlib.decompress(blobs[number]), dtype).tolist() == [1, 4, 2, 5, 3, 250]


def test_equal_arrays_are_stored_once_and_others_apart() -> None:
    payload = Payload()
    first = payload.add_array(np.arange(6, dtype=np.uint8))
    assert payload.add_array(np.arange(6, dtype=np.uint8)) == first
    others = [
        payload.add_array(np.arange(6, dtype=np.uint16)),
        payload.add_array(np.arange(6, dtype=np.uint8).reshape(2, 3)),
        payload.add_array(np.arange(6, dtype=np.uint8)[::-1]),
        payload.add_image(np.zeros((2, 3, 3), dtype=np.uint8)),
    ]
    assert others == [1, 2, 3, 4]
    assert len(unpack(payload.pack({}))[1]) == 5


def test_header_survives_and_places_follow_each_other() -> None:
    payload = Payload()
    payload.add_array(np.zeros(1000, dtype=np.float32))
    payload.add_array(np.ones(7, dtype=np.uint8))
    header, blobs = unpack(payload.pack({"title": "grün – ε", "rows": [1, 2]}))
    assert header["title"] == "grün – ε"
    assert header["rows"] == [1, 2]
    places = header["blobs"]
    assert places[1][1] == places[0][2] == len(blobs[0])


def test_numbers_json_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Payload().pack({"radius": float("nan")})
