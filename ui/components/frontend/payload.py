"""One binary message per component: a JSON header and the arrays it refers to.

Streamlit passes bytes through unchanged, whereas lists and base64 cost a multiple of them. Layout, little-endian:
four bytes length of the header, the header (UTF-8 JSON), then the blobs. The header refers to a blob by its number;
its key `blobs` lists `[digest, offset, length]`, the offset counted from the end of the header. The digest is that
of the content, so that the browser decodes what it has not seen before and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from ui.style.pictures import FAST, encode_png

_HEADER_LENGTH = struct.Struct("<I")
_CACHED_BLOBS = 256

Encoding = Literal["png", "deflate"]


class Payload:
    """Collects arrays while a header is being built; equal arrays are stored once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._blobs: list[bytes] = []

    def add_image(self, pixels: npt.NDArray[np.uint8]) -> int:
        """Add `(H, W, 3)` or `(H, W, 4)` uint8 pixels as a PNG; returns the blob's number."""
        return self._add(pixels, "png")

    def add_array(self, values: npt.NDArray[Any]) -> int:
        """Add the little-endian C-order bytes of an array, compressed; returns the blob's number."""
        return self._add(values.astype(values.dtype.newbyteorder("<"), copy=False), "deflate")

    def pack(self, header: Mapping[str, Any]) -> bytes:
        """The finished message. The header may hold everything JSON knows, NaN and infinity excepted."""
        offset, places = 0, []
        for digest, blob in zip(self._numbers, self._blobs, strict=True):
            places.append((digest, offset, len(blob)))
            offset += len(blob)
        text = json.dumps({**header, "blobs": places}, allow_nan=False, separators=(",", ":")).encode()
        return b"".join([_HEADER_LENGTH.pack(len(text)), text, *self._blobs])

    def _add(self, values: npt.NDArray[Any], encoding: Encoding) -> int:
        contiguous = np.ascontiguousarray(values)
        shape = "x".join(map(str, contiguous.shape))
        content = hashlib.blake2b(contiguous.data, digest_size=12).hexdigest()
        digest = f"{encoding}-{contiguous.dtype.str}-{shape}-{content}"
        if digest not in self._numbers:
            self._numbers[digest] = len(self._blobs)
            self._blobs.append(_encode(contiguous, encoding, digest))
        return self._numbers[digest]


@st.cache_data(max_entries=_CACHED_BLOBS, show_spinner=False)
def _encode(_values: npt.NDArray[Any], encoding: Encoding, digest: str) -> bytes:
    """Encoded array; `digest` stands for its content in the cache key."""
    return encode_png(_values) if encoding == "png" else zlib.compress(_values.data, FAST)
