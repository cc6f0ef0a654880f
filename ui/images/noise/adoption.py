"""Put noise levels that were computed into the editor, so that the next run certifies with them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lrscore.images.settings import ImageSettings
from ui.images.noise.editor import MATRIX
from ui.images.noise.matrix_text import LEAST, MOST, checked, encode_levels
from ui.images.noise.view_editor import edited_views, keep_views
from ui.links import adopt_values

WANTED = "measured_wanted"
"""Session: the preset "Measured" was chosen and its levels are still to come."""
TOOL = "image_tool"
"""Which of the tools that find levels is open, in link and session."""
_MEASURED = "measured_matrix"


def use_levels(levels: np.ndarray, settings: ImageSettings) -> None:
    """Callback: levels (I, I) for the next run, or (1, V) of its views, with the grid and noise they belong to."""
    rows, cols = settings.grid
    if (views := settings.all_views()) is not None:
        adopt_values("image", {"rows": rows, "cols": cols, "views": True})
        found = zip(views, np.ceil(levels[0] * 1000) / 1000, strict=True)
        keep_views([(view.window, float(level)) for view, level in found])
        return
    adopt_values("image", {"rows": rows, "cols": cols, "noise": settings.noise, "mask": 0})
    keep_levels(np.clip(levels, LEAST, MOST))


def use_measured(levels: np.ndarray) -> None:
    """Levels (I, I) of the preset "Measured"."""
    st.session_state[_MEASURED] = keep_levels(np.clip(levels, LEAST, MOST))
    st.session_state.pop(WANTED, None)


def edited_levels() -> str:
    """The edited levels or views of link or session as text; empty if there are none."""
    return str(st.query_params.get(MATRIX) or st.session_state.get(MATRIX) or edited_views())


def measured_is_used() -> bool:
    """Whether the next run uses the measured levels, unchanged."""
    return bool(edited_levels()) and edited_levels() == st.session_state.get(_MEASURED)


def keep_levels(levels: np.ndarray) -> str:
    """Put levels (I, I) into session and link, before the controls are drawn; returns them as text.

    Raises:
        SettingsError: a level is outside what the editor takes.
    """
    text = encode_levels(checked(levels))
    st.session_state[MATRIX] = text
    st.query_params[MATRIX] = text
    return text
