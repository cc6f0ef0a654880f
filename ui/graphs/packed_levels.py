"""Edited noise levels of many clusters, small enough for a link: a table of the levels that occur, and their places.

Localized levels take few values, so that the places compress well: 20 clusters with their 210 pairs need some thousand
characters instead of 50,000.
"""

from __future__ import annotations

import base64
import binascii
import zlib

import numpy as np

from lrscore.errors import SettingsError

PACKED = "z."
"""How a packed text begins; no number does."""
_HEAD = np.dtype([("rows", "<u2"), ("columns", "<u2"), ("table", "<u2")])
_MOST_TABLE = 2**16 - 1
_MOST_CELLS = 2**18
_MOST_BYTES = _HEAD.itemsize + 16 * _MOST_TABLE + 2 * _MOST_CELLS


def pack(levels: np.ndarray) -> str | None:
    """The text of two matrices.

    Args:
        levels: (2, I, R) numbers.

    Returns:
        None where there are too many of them.
    """
    _, rows, columns = np.shape(levels)
    pairs = np.ascontiguousarray(np.asarray(levels, dtype="<f8").reshape(2, -1).T)
    table, places = np.unique(pairs, axis=0, return_inverse=True)
    if len(table) > _MOST_TABLE or rows * columns > _MOST_CELLS or max(rows, columns) >= 2**16:
        return None
    head = np.array((rows, columns, len(table)), dtype=_HEAD)
    halves = places.astype("<u2").view(np.uint8).reshape(-1, 2).T  # the upper ones are mostly 0
    raw = head.tobytes() + table.tobytes() + np.ascontiguousarray(halves).tobytes()
    return PACKED + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode("ascii").rstrip("=")


def unpack(text: str) -> np.ndarray:
    """The matrices (2, I, R) of a packed text. What it unfolds to is bounded before it is unfolded.

    Raises:
        SettingsError: it is damaged, or none.
    """
    wrong = "the edited noise levels are cut off or damaged: copy the whole link"
    body = text.removeprefix(PACKED)
    try:
        packed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        inflater = zlib.decompressobj()
        raw = inflater.decompress(packed, _MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise SettingsError(wrong) from error
    if not inflater.eof or inflater.unused_data or len(raw) < _HEAD.itemsize:
        raise SettingsError(wrong)
    rows, columns, count = (int(number) for number in np.frombuffer(raw, _HEAD, 1)[0])
    start = _HEAD.itemsize + 16 * count
    if not rows or not columns or len(raw) != start + 2 * rows * columns:
        raise SettingsError(wrong)
    table = np.frombuffer(raw, "<f8", 2 * count, _HEAD.itemsize).reshape(count, 2)
    halves = np.frombuffer(raw, np.uint8, 2 * rows * columns, start).reshape(2, -1).astype(np.int64)
    places = halves[0] + 256 * halves[1]
    if count == 0 or int(places.max()) >= count:
        raise SettingsError(wrong)
    return np.moveaxis(table[places].astype(np.float64), 1, 0).reshape(2, rows, columns)
