"""Noise levels edited by hand: a whole matrix, small enough for a link."""

from __future__ import annotations

import base64
import binascii
import zlib

import numpy as np

from lrscore.errors import SettingsError
from lrscore.images.levels import check_levels

LEAST, MOST = 0.001, 10.0
"""Smallest and largest level that can be entered; `inf` blanks a region."""
_UNIT = 1000  # levels travel in thousandths
_BLANK = 2**16 - 1
MOST_EDITED = 80
"""Regions of a grid whose levels fit into a link."""
_MAX_ENTRIES = MOST_EDITED**2


def encode_levels(levels: np.ndarray) -> str:
    """An (I, I) matrix as text for a link; levels are rounded to thousandths, up.

    Raises:
        SettingsError: too many regions for a link.
    """
    if np.size(levels) > _MAX_ENTRIES:
        raise SettingsError(f"noise levels can be edited on grids of up to {MOST_EDITED} regions")
    thousandths = np.where(np.isfinite(levels), np.ceil(np.asarray(levels) * _UNIT - 1e-9), _BLANK)
    packed = zlib.compress(thousandths.astype("<u2").tobytes(), 9)
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def decode_levels(text: str, count: int) -> np.ndarray:
    """The (count, count) matrix in a link.

    Raises:
        SettingsError: the text holds no such matrix, or a level outside the range.
    """
    wrong = f"the link's noise levels do not fit a grid of {count} regions"
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        inflater = zlib.decompressobj()
        raw = inflater.decompress(packed, 2 * _MAX_ENTRIES)  # a bound: links come from anywhere
    except (binascii.Error, ValueError, zlib.error) as error:
        raise SettingsError(wrong) from error
    if len(raw) != 2 * count * count:
        raise SettingsError(wrong)
    thousandths = np.frombuffer(raw, dtype="<u2").reshape(count, count).astype(np.float64)
    return checked(np.where(thousandths == _BLANK, np.inf, thousandths / _UNIT))


def read_level(text: object) -> float:
    """A level as somebody typed it.

    Raises:
        SettingsError: no number, or outside the range.
    """
    try:
        level = float(str("" if text is None else text).strip().replace(",", "."))
    except ValueError:
        level = np.nan
    if not (LEAST <= level <= MOST or level == np.inf):
        raise SettingsError(
            f"a noise level must be a number between {LEAST:g} and {MOST:g}, or inf to blank a region; got "
            + (repr(str(text)) if text not in (None, "") else "an empty cell")
        )
    return level


def edit_group(levels: np.ndarray, group: int, row: np.ndarray) -> np.ndarray:
    """The matrix with other levels for one output group.

    Args:
        levels: (I, J).
        row: (J,) or (rows, cols) levels, checked.
    """
    edited = np.array(levels, dtype=np.float64)
    edited[group] = np.asarray(row, dtype=np.float64).ravel()
    return checked(edited)


def edit_rings(levels: np.ndarray, distances: np.ndarray, group: int) -> np.ndarray:
    """Every group smoothed like one of them: the group's mean level at each grid distance, for all groups.

    Distances that the group does not have keep the level of its farthest ring.
    """
    rings = [
        levels[group][distances[group] == ring].mean() for ring in range(int(distances[group].max()) + 1)
    ]
    return np.array(rings)[np.minimum(distances, len(rings) - 1)]


def edit_ring(
    levels: np.ndarray, distances: np.ndarray, ring: int, level: float, group: int | None = None
) -> np.ndarray:
    """One level for all regions at one distance.

    Args:
        levels: (I, J).
        distances: (I, J) grid distance of region `j` from group `i`.
        ring: the distance.
        level: in `LEAST` to `MOST`, or inf.
        group: the group around which the ring lies; every group if None.

    Raises:
        SettingsError: the level is out of range.
    """
    inside = distances == ring
    if group is not None:
        inside = inside & (np.arange(len(levels)) == group)[:, None]
    return checked(np.where(inside, level, np.asarray(levels, dtype=np.float64)))


def checked(levels: np.ndarray) -> np.ndarray:
    """The matrix, if every level may be used.

    Raises:
        SettingsError: NaN, zero, negative, out of range, or a group for which every region is blanked.
    """
    levels = check_levels(levels)
    if not np.isfinite(levels).any(axis=1).all():
        raise SettingsError(
            "at least one region must stay visible to every group; got a group that sees none"
        )
    finite = levels[np.isfinite(levels)]
    if ((finite < LEAST) | (finite > MOST)).any():
        raise SettingsError(
            f"noise levels must lie between {LEAST:g} and {MOST:g}, or be inf to blank a region"
        )
    return levels
