"""Views on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from lrscore.errors import SettingsError
from lrscore.images.view_text import ViewOption, read_views


def views_type(text: str) -> tuple[ViewOption, ...]:
    """An argparse type, see `read_views`."""
    try:
        return read_views(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def widest(windows: Sequence[int | None]) -> int | None:
    """The widest of several windows."""
    known = [window for window in windows if window is not None]
    return max(known) if len(known) == len(windows) else None
