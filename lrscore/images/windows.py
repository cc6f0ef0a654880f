"""Views of a picture as settings: the level of each, and the window of cells in which a group reads it.

Every view `v` is a noisy copy of the whole picture with noise of its own level; group `i` reads it in the cells at grid
distance `R_v` or less. Source: docs/theory.md, 2.5; docs/views.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lrscore.errors import InputError, SettingsError
from lrscore.images.regions import GridRegions, cells_met
from lrscore.layouts import SIZES
from lrscore.plain import numbers

MAX_VIEWS = 8
"""Roundings in the sum over the views stay below what `window_levels` sets aside."""
_ROUNDED_DOWN = 1 - 1e-15


class View(NamedTuple):
    """One noisy copy of the picture.

    Args:
        window: grid distance, in cells, up to which a group reads it; None for the whole picture.
        level: of its noise, above 0; `inf` blanks it.
    """

    window: int | None
    level: float

    @property
    def blank(self) -> bool:
        """Whether nothing is left of the picture in it."""
        return math.isinf(self.level)


def checked_views(given: Any) -> tuple[View, ...]:
    """Views from pairs (window, level), finest first.

    Raises:
        SettingsError: something else, a window that is no whole number of at least 0, or a level that is not above 0;
            more than `MAX_VIEWS`, or all of them blank.
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or not 1 <= len(given) <= MAX_VIEWS:
        raise SettingsError(f"views must be 1 to {MAX_VIEWS} pairs (window, level), got {given!r:.80}")
    views = tuple(_checked_view(pair) for pair in given)
    if all(view.blank for view in views):
        raise SettingsError("views must hold one of a finite level: if all are blank, nothing is seen")
    return views


def _checked_view(pair: Any) -> View:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise SettingsError(f"a view must be a pair (window, level), got {pair!r:.80}")
    window, level = pair
    whole = isinstance(window, int) and not isinstance(window, bool)
    if window is not None and not (whole and 0 <= window <= SIZES["region"]):
        raise SettingsError(
            f"a view's window must be a whole number of cells, at least 0, or None, got {window!r:.80}"
        )
    if isinstance(level, bool) or not isinstance(level, int | float) or not level > 0:
        raise SettingsError(f"a view's level must be above 0, got {level!r:.80}")
    return View(window, numbers("a view's level", [level], "a number above 0")[0])


def window_levels(distances: np.ndarray, views: Sequence[View]) -> np.ndarray:
    """Noise levels that independent Gaussian views of one picture amount to.

    A perturbation `d` moves the mean of what group `i` reads by `sum_v sum_{j in window v of i} |d_j|^2 / s_v^2` in
    squared standard deviations: the same as noise of level `(sum_v [j in window v of i] / s_v^2)^(-1/2)` on region `j`.

    Args:
        distances: (I, J) grid distances.
        views: at most `MAX_VIEWS`.

    Returns:
        (I, J) float64, rounded down, `inf` where no view shows the region; the same bits on every platform.
    """
    inside = [_in_window(distances, view) for view in views]
    finest = clearest_levels(distances, views)
    shares, count = np.zeros(distances.shape), np.zeros(distances.shape, dtype=np.int64)
    for view, mine in zip(views, inside, strict=True):
        ratio = finest[mine] / view.level
        shares[mine] += ratio * ratio
        count += mine
    several = count > 1
    # Where one view is all there is, its level is exact
    joint = finest / np.sqrt(np.where(several, shares, 1.0)) * _ROUNDED_DOWN
    return np.where(several, joint, finest)


def clearest_levels(distances: np.ndarray, views: Sequence[View]) -> np.ndarray:
    """(I, J) level of the least noisy view in which a group sees a region, `inf` where none shows it."""
    clearest = np.full(distances.shape, math.inf)
    for view in views:
        mine = _in_window(distances, view)
        clearest[mine] = np.minimum(clearest[mine], view.level)
    return clearest


def _in_window(distances: np.ndarray, view: View) -> np.ndarray:
    """(I, J) bool: whether the group reads anything of the region in this view."""
    if view.blank:
        return np.zeros(distances.shape, dtype=np.bool_)
    return np.full(distances.shape, True) if view.window is None else distances <= view.window


def needed_window(field: int, regions: GridRegions) -> int:
    """Smallest window, in cells, that holds every pixel within `field` pixels of any pixel of the window's centre.

    Args:
        field: pixels around an output pixel that a view may influence.
        regions: the cells on the picture at hand.
    """
    return max(cells_met(field, regions.rows, regions.height), cells_met(field, regions.cols, regions.width))


def needed_windows(fields: Sequence[int | None], regions: GridRegions) -> tuple[int | None, ...]:
    """`needed_window` of every view, None where it may influence everything."""
    return tuple(None if field is None else needed_window(field, regions) for field in fields)


def refuse_narrow_windows(
    needed: Sequence[int | None], views: Sequence[View], fields: Sequence[int | None] | None = None
) -> None:
    """Compare the windows that a model needs on this picture with those of the settings.

    Args:
        needed: window per view, None for everything.
        views: of the settings.
        fields: receptive fields in pixels behind them, for the sentence.

    Raises:
        InputError: another number of views, or the model sees farther in one than the settings say.
    """
    if len(needed) != len(views):
        raise InputError(f"the model reads {len(needed)} views, the settings have {len(views)}")
    for number, (least, view) in enumerate(zip(needed, views, strict=True)):
        if view.blank or view.window is None or (least is not None and least <= view.window):
            continue
        seen = "everything" if least is None else f"{least} cells around each cell"
        pixels = "" if fields is None or fields[number] is None else f" ({fields[number]} pixels)"
        raise InputError(
            f"the model sees {seen}{pixels} of view {number + 1} on this picture, the settings say "
            f"{view.window}: a certificate would claim too much; widen the window or take a coarser grid"
        )
