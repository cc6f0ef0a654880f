"""Views on the command line: `[WINDOW:]LEVEL,...`, finest first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from lrscore.errors import SettingsError
from lrscore.images.windows import MAX_VIEWS, checked_views

_ALL = "all"


@dataclass(frozen=True)
class ViewOption:
    """One view as it was typed.

    Args:
        level: of its noise; `inf` blanks it.
        window: in cells; None for the whole picture.
        fits: no window was typed: it is as narrow as model and picture allow.
    """

    level: float
    window: int | None = None
    fits: bool = False


def read_views(text: str) -> tuple[ViewOption, ...]:
    """An argparse type."""
    parts = text.split(",")
    try:
        views = tuple(_read_view(part.strip()) for part in parts[: MAX_VIEWS + 1])
        checked_views(as_views(views))
    except (ValueError, SettingsError) as error:
        reason = f": {error}" if isinstance(error, SettingsError) else ""
        raise argparse.ArgumentTypeError(f"expected [WINDOW:]LEVEL,..., got {text[:80]!r}{reason}") from error
    return views


def _read_view(text: str) -> ViewOption:
    window, colon, level = text.rpartition(":")
    if not colon:
        return ViewOption(float(level), fits=True)
    return ViewOption(float(level), None if window == _ALL else int(window))


def as_views(
    options: Sequence[ViewOption], windows: Sequence[int | None] | None = None
) -> tuple[tuple[int | None, float], ...]:
    """Pairs (window, level) for `ImageSettings(views=...)`.

    Args:
        windows: for the views that were typed without one; None for the whole picture.
    """
    fitted = windows or [None] * len(options)
    return tuple(
        (window if option.fits else option.window, option.level)
        for option, window in zip(options, fitted, strict=True)
    )


def written_views(views: Sequence[tuple[int | None, float]]) -> str:
    """The option that gives exactly these views."""
    return ",".join(f"{_ALL if window is None else window}:{level!r}" for window, level in views)


def widest(windows: Sequence[int | None]) -> int | None:
    """The widest of several windows."""
    known = [window for window in windows if window is not None]
    return max(known) if len(known) == len(windows) else None
