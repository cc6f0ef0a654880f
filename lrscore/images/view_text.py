"""Views as text, for the command line and for links: `[WINDOW:]LEVEL,...`, finest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrscore.errors import SettingsError
from lrscore.images.windows import MAX_VIEWS, checked_views

ALL = "all"
"""The window that is the whole picture."""


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
    """The views that a text names.

    Raises:
        SettingsError: it names none, or views that there are not.
    """
    try:
        views = tuple(_read_view(part.strip()) for part in text.split(",", MAX_VIEWS))
        checked_views(as_views(views))
    except (ValueError, SettingsError) as error:
        reason = f": {error}" if isinstance(error, SettingsError) else ""
        raise SettingsError(f"expected [WINDOW:]LEVEL,..., got {text[:80]!r}{reason}") from error
    return views


def _read_view(text: str) -> ViewOption:
    window, colon, level = text.rpartition(":")
    if not colon:
        return ViewOption(float(level), fits=True)
    return ViewOption(float(level), None if window.strip() == ALL else int(window))


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
    """The text that gives exactly these views."""
    return ",".join(f"{ALL if window is None else window}:{level!r}" for window, level in views)
