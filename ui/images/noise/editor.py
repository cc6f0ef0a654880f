"""Edit the noise of one region on the page: ring by ring on the picture, its levels as a grid, or all views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from lrscore.errors import SettingsError, told
from lrscore.images.regions import GridRegions
from lrscore.images.settings import ImageSettings
from ui.components.viewer import RingEdit
from ui.images.noise.matrix_text import (
    MOST_EDITED,
    decode_levels,
    edit_group,
    edit_ring,
    edit_rings,
    encode_levels,
    read_level,
)
from ui.images.noise.view_editor import (
    PYRAMID_VIEWS,
    VIEWS,
    draw_view_editor,
    drop_views,
    edited_views,
    views_of_link,
)
from ui.images.request import COPIES
from ui.links import adopt_values

MATRIX = "image_matrix"
"""Name of the edited levels in the link and in the session."""
_RING = "ring_edit"


def with_edits(settings: ImageSettings, size: tuple[int, int] | None = None) -> ImageSettings:
    """The settings with the edited levels of the link or session, if there are any.

    Args:
        size: height and width of the picture, if there is one: views without windows get those that it needs.

    Raises:
        SettingsError: they do not fit the grid.
    """
    if settings.all_views() is not None:
        if not (named := edited_views()):
            return settings
        views = views_of_link(named, None if size is None else settings.regions(*size))
        return replace(settings, two_views=False, mask_distance=None, views=views)
    text = st.query_params.get(MATRIX) or st.session_state.get(MATRIX)
    if not text:
        return settings
    _keep(text)
    levels = decode_levels(text, settings.grid[0] * settings.grid[1])
    return replace(settings, levels=tuple(tuple(row) for row in levels.tolist()), mask_distance=None)


def draw_edit_notice() -> None:
    """Say that levels are edited, and offer to drop the edits."""
    if st.session_state.get(MATRIX) or st.session_state.get(VIEWS, PYRAMID_VIEWS) != PYRAMID_VIEWS:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Noise levels are edited by hand.")
            st.button("Drop the edits", key="drop_edits", type="tertiary", on_click=drop_edits)


def drop_edits() -> None:
    """Back to the levels that the sliders say."""
    st.session_state.pop(MATRIX, None)
    st.query_params.pop(MATRIX, None)
    drop_views()


def use_copies(**values: object) -> None:
    """Set the controls to copies for each region, as any model can be certified.

    Args:
        values: of controls that are to stand otherwise than usual.
    """
    adopt_values("image", {**COPIES, **values})
    drop_edits()


def remember_ring(edit: RingEdit) -> None:
    """Callback of the viewer: a handle was let go. The levels change in the run that follows."""
    st.session_state[_RING] = edit


def adopt_ring(settings: ImageSettings) -> None:
    """Use what a handle has set, if one was let go, and draw the whole page again."""
    edit: RingEdit | None = st.session_state.pop(_RING, None)
    if edit is None or edit.group >= settings.grid[0] * settings.grid[1]:
        return
    if settings.all_views() is not None:
        return
    group = None if edit.every_group else edit.group
    try:
        levels = edit_ring(
            settings.noise_levels(), _distances(settings), edit.ring, round(edit.level, 3), group
        )
    except SettingsError as error:
        st.toast(told(error), icon=":material/tune:")
        return
    _keep(encode_levels(levels))
    st.rerun()


def draw_region_editor(settings: ImageSettings, group: int) -> None:
    """A table shaped like the grid: the levels that one region's pixels are smoothed with."""
    if settings.all_views() is not None:
        draw_view_editor(settings)
        return
    if settings.grid[0] * settings.grid[1] > MOST_EDITED:
        st.caption(f"Levels of single regions can be edited on grids of up to {MOST_EDITED} regions.")
        return
    rows, cols = settings.grid
    levels = settings.noise_levels()
    with st.expander(f"Edit the noise for region {group}", icon=":material/edit:"):
        st.caption(
            f"Noise level of every region while region {group} is predicted; inf blanks a region. "
            "The change takes effect with the next run."
        )
        shown = [f"{level:.3f}" for level in levels[group]]
        table = pd.DataFrame(
            np.array(shown, dtype=object).reshape(rows, cols), columns=[f"column {c}" for c in range(cols)]
        )
        edited = st.data_editor(
            table,
            key=f"levels_of_{group}_{rows}x{cols}",
            hide_index=True,
            num_rows="fixed",
            column_config={
                name: st.column_config.TextColumn()
                for name in table.columns  # a column of numbers mends what is typed
            },
        )
        with st.container(horizontal=True):
            use = st.button("Use for this region", key="use_levels")
            use_all = st.button("Use these rings for all regions", key="use_rings")
        if use or use_all:
            typed = list(zip(edited.to_numpy().ravel(), shown, levels[group], strict=True))
            _adopt(settings, levels, group, typed, every_group=use_all)


def _adopt(
    settings: ImageSettings,
    levels: np.ndarray,
    group: int,
    typed: list[tuple[object, str, float]],
    *,
    every_group: bool,
) -> None:
    """Use what stands in the table: what was typed where something was, else the level itself."""
    try:
        row = np.array([level if text == shown else read_level(text) for text, shown, level in typed])
        edited = edit_group(levels, group, row)
    except SettingsError as error:
        st.error(told(error), icon=":material/tune:")
        return
    if every_group:
        edited = edit_rings(edited, _distances(settings), group)
    _keep(encode_levels(edited))
    st.rerun()


def _distances(settings: ImageSettings) -> np.ndarray:
    rows, cols = settings.grid
    return GridRegions(rows, cols, rows, cols).distances()


def _keep(text: str) -> None:
    st.session_state[MATRIX] = text
    if st.query_params.get(MATRIX) != text:
        st.query_params[MATRIX] = text
